import type {InputName} from '../../contracts/panel.ts'
import {runNode} from './evaluate.ts'
import type {CallName} from './expression.ts'
import {type Frame, pick} from './frame.ts'
import {operatorOf} from './operators/index.ts'
import type {Column} from './operators/operator.ts'
import {type PrefixSums, prefixSums, windowsOf} from './operators/prefix-sums.ts'
import type {PlanNode} from './plan.ts'
import type {Pool} from './pool.ts'
import type {ThinPlan} from './thin-plan.ts'

/** What was taken at some bars from columns of all bars; element k · N + a is asset a at the k-th of them. */
export interface TakenColumns {
  /** compute step `id`, or look it up, and take the bars asked for from it */
  take(id: number): void
  /** a step at bars from ≤ k < to */
  part(id: number, from: number, to: number): Column
  /** let go of what no later group reads */
  forget(group: number): void
}

/** A column of all bars lives until its last reader among the steps that look at other bars. */
export function openColumns(
  {nodes, isThin, isThinRead, wholeReaders, lastGroup}: ThinPlan,
  frames: (name: string) => Frame,
  bars: Int32Array,
  pool: Pool,
): TakenColumns {
  const frame = frames('')
  const N = frame.assetCount
  const readers = wholeReaders.slice()
  const whole: (Column | null)[] = nodes.map(() => null)
  const taken: (Column | null)[] = nodes.map(() => null)
  const prefixes = new Map<number, PrefixSums>()
  const sumsOf = (id: number): PrefixSums => {
    const found = prefixes.get(id)
    if (found) return found
    const made = prefixSums(whole[id]!.values, frame, bars, pool.take(2 * N * (frame.barCount + 1)))
    prefixes.set(id, made)
    return made
  }
  const release = (id: number): void => {
    if (readers[id]! > 0 || whole[id] === null) return
    const sums = prefixes.get(id)?.sums
    if (sums) pool.giveBack(sums)
    prefixes.delete(id)
    pool.giveBack(whole[id]!.values)
    whole[id] = null
  }
  const pickAt = (block: Float64Array, at: Int32Array): Column => ({
    values: pick(block, frame, at, pool.take(N * bars.length)),
    step: 1,
  })

  const compute = (node: PlanNode, id: number): void => {
    const inputs = node.inputs.map((input) => whole[input]!)
    if (isThin[id] === 1) {
      if (node.op === 'delay')
        taken[id] = pickAt(
          inputs[0]!.values,
          bars.map((t) => t - node.constants[0]!),
        )
      else {
        const block = frame.input(node.text as InputName, pool.take(N * frame.barCount))
        taken[id] = pickAt(block, bars)
        pool.giveBack(block)
      }
    } else if (readers[id] === 0 && isAssetwise(node))
      taken[id] = runAssetByAsset(node, inputs, frame, bars, pool, sumsOf)
    else {
      const made = runNode(node, inputs, nodes, frames, pool.take)
      whole[id] = made
      if (isThinRead[id] === 1) taken[id] = pickAt(made.values, bars)
      release(id)
    }
    for (const input of node.inputs) {
      readers[input]!--
      release(input)
    }
  }

  return {
    take(id) {
      const node = nodes[id]!
      if (node.op === 'constant') whole[id] = taken[id] = {values: Float64Array.from(node.constants), step: 0}
      else compute(node, id)
    },
    part(id, from, to) {
      const {values, step} = taken[id]!
      return step === 0 ? {values, step} : {values: values.subarray(from * N, to * N), step}
    },
    forget(group) {
      for (const [id, column] of taken.entries()) {
        if (column === null || lastGroup[id]! > group) continue
        pool.giveBack(column.values)
        taken[id] = null
      }
    },
  }
}

/** Looks at the bars of one asset at a time. */
const isAssetwise = ({op, frame}: PlanNode): boolean =>
  frame === '' && op !== 'constant' && op !== 'input' && op !== 'typical_price' && operatorOf(op).family === 'time'

/** Some bars of a step over time: what it makes of the others of an asset lies in memory that is near. */
function runAssetByAsset(
  node: PlanNode,
  inputs: readonly Column[],
  frame: Frame,
  bars: Int32Array,
  pool: Pool,
  sumsOf: (id: number) => PrefixSums,
): Column {
  const {assetCount: N, barCount: T} = frame
  const [out, all] = [pool.take(N * bars.length), pool.take(T)]
  const own = {...frame, assetCount: 1}
  const {run, divisorOf} = operatorOf(node.op as CallName)
  const sums = divisorOf && inputs[0]!.step === 1 ? sumsOf(node.inputs[0]!) : null
  if (sums !== null) windowsOf(sums, frame, node.constants[0]!, divisorOf!(node.constants[0]!), bars, out)
  for (let a = 0; a < N; a++) {
    if (sums?.isExact[a] === 1) continue
    const [from, to] = [a * T, (a + 1) * T]
    const columns = inputs.map(({values, step}) => ({values: step === 1 ? values.subarray(from, to) : values, step}))
    own.assets = frame.assets.slice(a, a + 1)
    own.universe = frame.universe.subarray(from, to)
    run(columns, node.constants, all, own, node.text)
    for (let k = 0, i = a; k < bars.length; k++, i += N) out[i] = all[bars[k]!]!
  }
  pool.giveBack(all)
  return {values: out, step: 1}
}
