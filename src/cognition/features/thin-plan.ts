import {operatorOf} from './operators/index.ts'
import type {Plan, PlanNode} from './plan.ts'

/** One thing to do on a stretch of bars: compute a step, or show what an output has come to. */
export interface ThinStep {
  /** step to compute; null: show output number `output` of the plan */
  readonly node: number | null
  readonly output: number
  /** steps that nobody reads any more after it */
  readonly done: readonly number[]
}

/** Outputs that are computed together. */
export interface ThinGroup {
  /** steps that are computed on all bars, or looked up on the bars asked for, before anything else of the group */
  readonly before: readonly number[]
  readonly steps: readonly ThinStep[]
}

/** How a plan is run that is asked for some bars only. */
export interface ThinPlan extends Plan {
  readonly groups: readonly ThinGroup[]
  /** 1: computed at the bars asked for and nowhere else */
  readonly isThin: Uint8Array
  /** 1: a step that looks at one bar at a time reads it, or it is asked for */
  readonly isThinRead: Uint8Array
  /** how many steps read it that look at other bars too */
  readonly wholeReaders: Int32Array
  /** group after which nobody reads the step any more */
  readonly lastGroup: Int32Array
}

/** Outputs whose columns are in memory together. */
const TOGETHER = 128

/**
 * Sort the steps of a plan by the bars they need: most of a sweep looks at one bar at a time, and a rule that decides
 * twice a day needs a twelfth of them.
 */
export function thinPlan({nodes, outputs}: Plan): ThinPlan {
  const isThin = thinNodes(nodes)
  const [isThinRead, wholeReaders] = [new Uint8Array(nodes.length), new Int32Array(nodes.length)]
  for (const id of outputs) isThinRead[id] = 1
  nodes.forEach(({op, inputs}, id) => {
    for (const input of inputs) {
      if (isThin[id] === 0 || op === 'delay') wholeReaders[input]!++
      else isThinRead[input] = 1
    }
  })
  const lastGroup = new Int32Array(nodes.length)
  const seen = new Uint8Array(nodes.length)
  const groups: ThinGroup[] = []
  for (let first = 0; first < outputs.length; first += TOGETHER) {
    const some = outputs.slice(first, first + TOGETHER)
    const needed = reach(nodes, some, lastGroup, groups.length)
    const before = needed.filter((id) => seen[id] === 0 && isTakenBefore(nodes[id]!, isThin[id]!))
    for (const id of before) seen[id] = 1
    groups.push({before, steps: stepsOf(nodes, some, first, (id) => !isTakenBefore(nodes[id]!, isThin[id]!))})
  }
  return {nodes, outputs, groups, isThin, isThinRead, wholeReaders, lastGroup}
}

/** What is looked up, not computed: an input and a value of an earlier bar. Numbers are the same on all bars. */
const isTakenBefore = ({op}: PlanNode, isThin: number): boolean =>
  isThin === 0 || op === 'input' || op === 'delay' || op === 'constant'

/** Steps that the outputs need, in the order of the plan. */
function reach(nodes: readonly PlanNode[], outputs: readonly number[], lastGroup: Int32Array, group: number): number[] {
  const found = new Set<number>()
  const visit = (id: number): void => {
    if (found.has(id)) return
    found.add(id)
    lastGroup[id] = group
    nodes[id]!.inputs.forEach(visit)
  }
  outputs.forEach(visit)
  return [...found].sort((a, b) => a - b)
}

/** Each output right after what it alone still needs, and every step forgotten after its last reader. */
function stepsOf(
  nodes: readonly PlanNode[],
  outputs: readonly number[],
  first: number,
  isComputed: (id: number) => boolean,
): ThinStep[] {
  const steps: {node: number | null; output: number; done: number[]}[] = []
  const planned = new Set<number>()
  const lastRead = new Map<number, number>()
  const plan = (id: number): void => {
    if (planned.has(id) || !isComputed(id)) return
    planned.add(id)
    nodes[id]!.inputs.forEach(plan)
    for (const input of nodes[id]!.inputs) lastRead.set(input, steps.length)
    steps.push({node: id, output: -1, done: []})
  }
  outputs.forEach((id, k) => {
    plan(id)
    lastRead.set(id, steps.length)
    steps.push({node: null, output: first + k, done: []})
  })
  for (const [id, at] of lastRead) if (isComputed(id)) steps[at]!.done.push(id)
  return steps
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

function isBarwise(op: PlanNode['op']): boolean {
  if (op === 'constant' || op === 'input' || op === 'typical_price') return true
  const {family, memory, unbounded, future} = operatorOf(op)
  return (family === 'element' || family === 'cross-section') && !memory && !unbounded && !future
}
