import type {Params} from '../../contracts/hypothesis.ts'
import type {InputName, Panel} from '../../contracts/panel.ts'
import type {CompiledHypothesis} from './compile-hypothesis.ts'
import {framesOf, runNode} from './evaluate.ts'
import {type Frame, type Stretch, stretchesOf} from './frame.ts'
import type {Column} from './operators/operator.ts'
import {type Output, planOutputs} from './plan.ts'
import {type Pool, poolOf} from './pool.ts'
import {openColumns} from './taken-columns.ts'
import {type ThinPlan, thinPlan} from './thin-plan.ts'

/** Bars of a stretch: what a variant computes on one stays in the nearest memory. */
const STRETCH = 64

/**
 * Signals of a hypothesis at some bars, for rules that decide once in a while: what looks at one bar at a time is computed
 * there and nowhere else. The values are those of `forEachSignal`.
 *
 * Up to 128 grid points are shown one stretch of the bars before any of them is shown the next.
 *
 * @param bars   ascending
 * @param visit  the signal has shape [bars of the stretch × N]; it is valid during the call only
 * @throws the Faults of `forEachSignal`
 */
export function forEachSignalAt(
  compiled: CompiledHypothesis,
  panel: Panel,
  universe: readonly Uint8Array[],
  grid: readonly Params[],
  bars: Int32Array,
  visit: (signal: Float64Array, point: number, stretch: Stretch) => void,
): void {
  const {plan, pool} = plannedOnce(compiled, grid)
  const frames = framesOf(panel, universe)
  const whole = frames('')
  const columns = openColumns(plan, frames, bars, pool)
  const stretches = stretchesOf(universe, bars, STRETCH)
  plan.groups.forEach(({before, steps}, group) => {
    for (const id of before) columns.take(id)
    for (const [k, stretch] of stretches.entries()) {
      const [from, to] = [k * STRETCH, k * STRETCH + stretch.bars.length]
      runSteps(
        plan,
        steps,
        stretchFrame(whole, stretch),
        pool,
        (id) => columns.part(id, from, to),
        (signal, point) => visit(signal, point, stretch),
      )
    }
    columns.forget(group)
  })
}

/** The steps of a group on one stretch of bars. */
function runSteps(
  {nodes, outputs}: ThinPlan,
  steps: ThinPlan['groups'][number]['steps'],
  frame: Frame,
  pool: Pool,
  taken: (id: number) => Column,
  show: (signal: Float64Array, point: number) => void,
): void {
  const values = new Map<number, Column>()
  const columnOf = (id: number): Column => {
    const known = values.get(id)
    if (known) return known
    const found = taken(id)
    values.set(id, found)
    return found
  }
  const frames = (): Frame => frame
  for (const {node, output, done} of steps) {
    if (node === null) {
      const {values: block, step} = columnOf(outputs[output]!)
      show(step === 1 ? block : new Float64Array(frame.barCount * frame.assetCount).fill(block[0]!), output)
    } else {
      const {inputs} = nodes[node]!
      values.set(node, runNode(nodes[node]!, inputs.map(columnOf), nodes, frames, pool.take))
    }
    for (const id of done) {
      pool.giveBack(values.get(id)!.values)
      values.delete(id)
    }
  }
}

interface Planned {
  readonly of: CompiledHypothesis
  readonly plan: ThinPlan
  readonly pool: Pool
}

const planned = new WeakMap<readonly Params[], Planned>()

/** A grid that is run on thousands of markets is planned once, and its memory laid out once. */
function plannedOnce(compiled: CompiledHypothesis, grid: readonly Params[]): Planned {
  const found = planned.get(grid)
  if (found?.of === compiled) return found
  const outputs = grid.map((params): Output => ({name: compiled.signal, params}))
  const plan = thinPlan(planOutputs(compiled.expressions, outputs, compiled.bar))
  const made = {of: compiled, plan, pool: poolOf()}
  planned.set(grid, made)
  return made
}

const stretchFrame = (whole: Frame, {bars, universe}: Stretch): Frame => ({
  ...whole,
  barCount: bars.length,
  assetStep: 1,
  barStep: whole.assetCount,
  ts: Float64Array.from(bars, (t) => whole.ts[t]!),
  universe,
  input(name: InputName): Float64Array {
    throw new Error(`'${name}' is looked up before, not in the middle of a stretch`)
  },
})
