import type {Params} from '../../contracts/hypothesis.ts'
import type {InputName, Panel} from '../../contracts/panel.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import type {CompiledHypothesis} from './compile-hypothesis.ts'
import type {CallName} from './expression.ts'
import {type FoldedFrame, type Frame, foldFrame, frameOf, pick, thinFrame, universeAt} from './frame.ts'
import {operatorOf} from './operators/index.ts'
import type {Column} from './operators/operator.ts'
import {unfold} from './operators/reference.ts'
import {typicalPrice} from './operators/volume.ts'
import {type Output, type Plan, type PlanNode, planOutputs} from './plan.ts'

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
  runPlan(planOutputs(compiled.expressions, outputs, compiled.bar), panel, universe, (column, frame, g) =>
    visit(rowsOf(column, frame), g),
  )
}

/**
 * The same at some bars only, for rules that decide once in a while: what looks at one bar at a time is computed there and
 * nowhere else. The values are those of `forEachSignal`.
 *
 * @param bars   ascending
 * @param visit  element k · N + a is asset a at bar k; the array is valid during the call only
 */
export function forEachSignalAt(
  compiled: CompiledHypothesis,
  panel: Panel,
  universe: readonly Uint8Array[],
  grid: readonly Params[],
  bars: Int32Array,
  visit: (signal: Float64Array, point: number) => void,
): void {
  let plan = plans.get(grid)
  if (plan?.of !== compiled) {
    const outputs = grid.map((params): Output => ({name: compiled.signal, params}))
    const steps = planOutputs(compiled.expressions, outputs, compiled.bar)
    plan = {of: compiled, steps, pool: new Map()}
    plans.set(grid, plan)
  }
  runPlan(
    plan.steps,
    panel,
    universe,
    (column, {assetCount}, g) => visit(blockOf(column, assetCount * bars.length), g),
    {
      bars,
      pool: plan.pool,
    },
  )
}

/** Blocks that nobody reads any more, by their length. */
type Pool = Map<number, Float64Array[]>

/** A grid that is run on thousands of markets is planned once, and its memory laid out once. */
const plans = new WeakMap<readonly Params[], {of: CompiledHypothesis; steps: Plan; pool: Pool}>()

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
  runPlan(planOutputs(compiled.expressions, outputs, compiled.bar), panel, universe, (column, frame, k) =>
    visit(rowsOf(column, frame), names[k]!),
  )
}

/**
 * Walk the steps once; a block of memory goes back to the pool after its last reader. Where only some bars are asked for,
 * a column goes back as soon as those are taken from it, unless a later step looks at other bars.
 *
 * @param bars  the only ones that are asked for; left out: all
 * @param pool  blocks of earlier runs
 */
function runPlan(
  {nodes, outputs}: Plan,
  panel: Panel,
  universe: readonly Uint8Array[],
  visit: (column: Column, frame: Frame, k: number) => void,
  {bars, pool = new Map()}: {readonly bars?: Int32Array; readonly pool?: Pool} = {},
): void {
  const frames = framesOf(panel, universe)
  const whole = frames('')
  const some = bars ? thinFrame(whole, bars, universeAt(universe, bars)) : whole
  const isThin = bars ? thinNodes(nodes) : new Uint8Array(nodes.length)
  const readers = new Int32Array(nodes.length)
  for (const {inputs} of nodes) for (const id of inputs) readers[id]!++
  for (const id of outputs) readers[id]!++
  const isWholeRead = wholeReads(nodes, isThin)
  const values: (Column | null)[] = nodes.map(() => null)
  const thinned: (Column | null)[] = nodes.map(() => null)
  const take = (size: number): Float64Array => pool.get(size)?.pop() ?? new Float64Array(size)
  const giveBack = (block: Float64Array | undefined): void => {
    if (!block || block.length <= 1) return
    const found = pool.get(block.length)
    if (found) found.push(block)
    else pool.set(block.length, [block])
  }
  const release = (id: number): void => {
    if (--readers[id]! > 0) return
    giveBack(values[id]?.values)
    giveBack(thinned[id]?.values)
    values[id] = thinned[id] = null
  }
  /** what a step reads: a whole column where it looks at other bars, else the bars asked for */
  const columnOf = (id: number, thin: boolean): Column => {
    const taken = thinned[id]
    if (thin && taken) return taken
    const column = values[id]!
    if (!bars || !thin || isThin[id] === 1 || column.step === 0) return column
    const some = {values: pick(column.values, whole, bars, take(whole.assetCount * bars.length)), step: 1} as const
    thinned[id] = some
    if (isWholeRead[id] === 0) {
      giveBack(column.values)
      values[id] = null
    }
    return some
  }

  let done = 0
  outputs.forEach((output, k) => {
    for (; done <= output; done++) {
      const node = nodes[done]!
      const thin = isThin[done] === 1
      if (bars && thin && node.op === 'delay') {
        const [from] = node.inputs
        const earlier = bars.map((t) => t - node.constants[0]!)
        const out = take(whole.assetCount * bars.length)
        values[done] = {values: pick(columnOf(from!, false).values, whole, earlier, out), step: 1}
        release(from!)
        continue
      }
      if (bars && !thin && isWholeRead[done] === 0 && isAssetwise(node)) {
        thinned[done] = runAssetByAsset(
          node,
          node.inputs.map((id) => columnOf(id, false)),
          whole,
          bars,
          take,
          giveBack,
        )
        for (const id of node.inputs) release(id)
        continue
      }
      values[done] = runNode(
        node,
        node.inputs.map((id) => columnOf(id, thin)),
        nodes,
        (name) => (thin ? some : frames(name)),
        take,
      )
      for (const id of node.inputs) release(id)
      if (bars && !thin && isWholeRead[done] === 0 && readers[done]! > 0) columnOf(done, true)
    }
    visit(columnOf(output, true), some, k)
    release(output)
  })
}

/** 1 for steps that look at one bar at a time and that only such steps, or nobody, read: they need no other bars. */
function thinNodes(nodes: readonly PlanNode[]): Uint8Array {
  const thin = new Uint8Array(nodes.length).fill(1)
  for (let id = nodes.length - 1; id >= 0; id--) {
    const {op, frame, inputs} = nodes[id]!
    if (thin[id] === 1 && frame === '') {
      if (isBarwise(op)) continue
      // A value of another bar can be looked up where the column is whole.
      if (op === 'delay') {
        thin[inputs[0]!] = 0
        continue
      }
    }
    thin[id] = 0
    for (const input of inputs) thin[input] = 0
  }
  return thin
}

/** 1 for whole columns that a step looks at beyond the bars asked for. */
function wholeReads(nodes: readonly PlanNode[], isThin: Uint8Array): Uint8Array {
  const read = new Uint8Array(nodes.length)
  nodes.forEach(({op, inputs}, id) => {
    if (isThin[id] === 0 || op === 'delay') for (const input of inputs) read[input] = 1
  })
  return read
}

function isBarwise(op: PlanNode['op']): boolean {
  if (op === 'constant' || op === 'input' || op === 'typical_price') return true
  const {family, memory, unbounded, future} = operatorOf(op)
  return (family === 'element' || family === 'cross-section') && !memory && !unbounded && !future
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
  take: (size: number) => Float64Array,
  giveBack: (block: Float64Array) => void,
): Column {
  const {assetCount: N, barCount: T} = frame
  const [out, all] = [take(N * bars.length), take(T)]
  const own = {...frame, assetCount: 1}
  for (let a = 0; a < N; a++) {
    const [from, to] = [a * T, (a + 1) * T]
    const columns = inputs.map(({values, step}) => ({values: step === 1 ? values.subarray(from, to) : values, step}))
    own.assets = frame.assets.slice(a, a + 1)
    own.universe = frame.universe.subarray(from, to)
    operatorOf(node.op as CallName).run(columns, node.constants, all, own, node.text)
    for (let k = 0, i = a; k < bars.length; k++, i += N) out[i] = all[bars[k]!]!
  }
  giveBack(all)
  return {values: out, step: 1}
}

function runNode(
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
function framesOf(panel: Panel, universe: readonly Uint8Array[]): (name: string) => Frame {
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

const blockOf = ({values, step}: Column, size: number): Float64Array =>
  step === 1 ? values : new Float64Array(size).fill(values[0]!)

function rowsOf({values, step}: Column, {assetCount, barCount}: Frame): Float64Array[] {
  return Array.from({length: assetCount}, (_, a) =>
    step === 1 ? values.subarray(a * barCount, (a + 1) * barCount) : new Float64Array(barCount).fill(values[0]!),
  )
}
