import type {Params} from '../../contracts/hypothesis.ts'
import type {InputName, Panel} from '../../contracts/panel.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import type {CompiledHypothesis} from './compile-hypothesis.ts'
import {type FoldedFrame, type Frame, foldFrame, frameOf} from './frame.ts'
import {operatorOf} from './operators/index.ts'
import type {Column} from './operators/operator.ts'
import {unfold} from './operators/reference.ts'
import {typicalPrice} from './operators/volume.ts'
import {type Output, type Plan, type PlanNode, planOutputs} from './plan.ts'
import {poolOf} from './pool.ts'

/**
 * Signals of a hypothesis at many grid points, in one pass over one shared plan.
 *
 * A pure function of its arguments: the same panel cut short gives the same values up to the cut, unless an operator of
 * the look-ahead family is used. That is what the audit relies on.
 *
 * @param universe  shape [N][T], 1 where the asset is in the universe; only cross-sections look at it
 * @param grid      grid points; the order of the result
 * @returns         shape [grid point][asset][bar]; NaN = no opinion; the arrays belong to the caller
 * @throws Fault `feature.input_missing` `feature.reference_missing` (data), `feature.window` `feature.range` (contract)
 */
export function evaluateSignals(
  compiled: CompiledHypothesis,
  panel: Panel,
  universe: readonly Uint8Array[],
  grid: readonly Params[],
): Float64Array[][] {
  const signals: Float64Array[][] = []
  forEachSignal(compiled, panel, universe, grid, (signal) => signals.push(signal.map((row) => row.slice())))
  return signals
}

/**
 * The same, one grid point at a time: for sweeps whose signals would not fit in memory together.
 *
 * @param visit  the arrays are valid during the call only: their memory is used again
 */
export function forEachSignal(
  compiled: CompiledHypothesis,
  panel: Panel,
  universe: readonly Uint8Array[],
  grid: readonly Params[],
  visit: (signal: Float64Array[], point: number) => void,
): void {
  const outputs = grid.map((params): Output => ({name: compiled.signal, params}))
  runPlan(planOutputs(compiled.expressions, outputs, compiled.bar), panel, universe, visit)
}

/** Named features (and the signal, under its own name) at one grid point: name -> shape [asset][bar]. */
export function evaluateFeatures(
  compiled: CompiledHypothesis,
  panel: Panel,
  universe: readonly Uint8Array[],
  params: Params,
  names: readonly string[] = [...compiled.expressions.keys()],
): Map<string, Float64Array[]> {
  const values = new Map<string, Float64Array[]>()
  const keep = (rows: Float64Array[], name: string): void => {
    values.set(
      name,
      rows.map((row) => row.slice()),
    )
  }
  forEachFeature(compiled, panel, universe, params, keep, names)
  return values
}

/**
 * The same, one feature at a time: for sets whose values would not fit in memory together.
 *
 * @param visit  the arrays are valid during the call only: their memory is used again
 */
export function forEachFeature(
  compiled: CompiledHypothesis,
  panel: Panel,
  universe: readonly Uint8Array[],
  params: Params,
  visit: (rows: Float64Array[], name: string) => void,
  names: readonly string[] = [...compiled.expressions.keys()],
): void {
  const outputs = names.map((name): Output => ({name, params}))
  runPlan(planOutputs(compiled.expressions, outputs, compiled.bar), panel, universe, (rows, k) =>
    visit(rows, names[k]!),
  )
}

/** Walk the steps once; a block of memory goes back to the pool after its last reader. */
function runPlan(
  {nodes, outputs}: Plan,
  panel: Panel,
  universe: readonly Uint8Array[],
  visit: (rows: Float64Array[], k: number) => void,
): void {
  const frames = framesOf(panel, universe)
  const readers = new Int32Array(nodes.length)
  for (const {inputs} of nodes) for (const id of inputs) readers[id]!++
  for (const id of outputs) readers[id]!++
  const values: (Column | null)[] = nodes.map(() => null)
  const pool = poolOf()
  const release = (id: number): void => {
    if (--readers[id]! > 0) return
    pool.giveBack(values[id]!.values)
    values[id] = null
  }

  let done = 0
  outputs.forEach((output, k) => {
    for (; done <= output; done++) {
      const node = nodes[done]!
      const inputs = node.inputs.map((id) => values[id]!)
      values[done] = runNode(node, inputs, nodes, frames, pool.take)
      for (const id of node.inputs) release(id)
    }
    visit(rowsOf(values[output]!, frames('')), k)
    release(output)
  })
}

/** One step on the bars of its frame; `take` gives the memory for it. */
export function runNode(
  node: PlanNode,
  inputs: readonly Column[],
  nodes: readonly PlanNode[],
  frames: (name: string) => Frame,
  take: (size: number) => Float64Array,
): Column {
  if (node.op === 'constant') return {values: Float64Array.from(node.constants), step: 0}
  const frame = frames(node.frame)
  const out = take(frame.assetCount * frame.barCount)
  if (node.op === 'input') return {values: frame.input(node.text as InputName, out), step: 1}
  if (node.op === 'typical_price') typicalPrice(inputs, [], out, frame, '')
  else if (node.op === 'at' || node.op === 'at_open') {
    const folding = `${node.op === 'at' ? 'closed' : 'containing'}:${node.text}`
    const column = inputs[0]!
    const folded = frames(nodes[node.inputs[0]!]!.frame || folding) as FoldedFrame
    unfold(column.values, folded, out)
  } else operatorOf(node.op).run(inputs, node.constants, out, frame, node.text)
  return {values: out, step: 1}
}

/** Frames by name, each laid out when first asked for. */
export function framesOf(panel: Panel, universe: readonly Uint8Array[]): (name: string) => Frame {
  const base = frameOf(panel, universe)
  const known = new Map<string, Frame>([['', base]])
  return (name) => {
    const found = known.get(name)
    if (found) return found
    const [kind, interval] = name.split(':') as ['closed' | 'containing', Interval]
    const folded = foldFrame(base, INTERVAL_MS[interval], kind)
    known.set(name, folded)
    return folded
  }
}

function rowsOf({values, step}: Column, {assetCount, barCount}: Frame): Float64Array[] {
  return Array.from({length: assetCount}, (_, a) =>
    step === 1 ? values.subarray(a * barCount, (a + 1) * barCount) : new Float64Array(barCount).fill(values[0]!),
  )
}
