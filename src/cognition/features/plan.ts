import type {Params} from '../../contracts/hypothesis.ts'
import {Fault} from '../../kernel/fault.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {type CallName, caret, type Expression, type Position, type Source} from './expression.ts'
import {foldNumbers, refuseNumbers} from './fold-numbers.ts'
import {operatorOf} from './operators/index.ts'

/** Node kinds beside operators: an input, the typical price that `vwap` means, a plain number. */
export type NodeOp = CallName | 'input' | 'typical_price' | 'constant'

/** One step of an evaluation; its inputs come earlier in the list. */
export interface PlanNode {
  readonly op: NodeOp
  readonly inputs: readonly number[]
  readonly constants: readonly number[]
  /** input name, asset or interval */
  readonly text: string
  /** '' for the panel's own bars, `closed:1d` or `containing:1d` for folded ones */
  readonly frame: string
  /** bars of history, in bars of its frame, that a value needs before its own bar */
  readonly memory: number
  readonly unbounded: boolean
}

export interface Plan {
  readonly nodes: readonly PlanNode[]
  /** per output asked for, the node that holds it */
  readonly outputs: readonly number[]
}

export interface PlannedFeature {
  readonly source: Source
  readonly root: Expression
}

/** What to evaluate: feature `name` with the numbers of `params`. */
export interface Output {
  readonly name: string
  readonly params: Params
}

/**
 * Expressions and grid points -> one list of steps in which equal sub-expressions are one step.
 *
 * A step is the same when operator, inputs, numbers and bars are the same: `ts_mean(close, $fast)` is computed once for
 * all the grid points that share its window.
 *
 * @throws Fault `feature.window` `feature.range` (contract) where a grid point gives a number that makes no sense
 */
export function planOutputs(
  features: ReadonlyMap<string, PlannedFeature>,
  outputs: readonly Output[],
  bar: Interval,
): Plan {
  const nodes: PlanNode[] = []
  const known = new Map<string, number>()

  const intern = (node: PlanNode): number => {
    const key = `${node.op}|${node.inputs.join()}|${node.constants.join()}|${node.text}|${node.frame}`
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, nodes.length)
    return nodes.push(node) - 1
  }
  const leaf = (op: NodeOp, text: string, frame: string, constants: readonly number[] = []): number =>
    intern({op, inputs: [], constants, text, frame, memory: 0, unbounded: false})
  const input = (name: string, frame: string): number => {
    if (name !== 'vwap') return leaf('input', name, frame)
    return join(
      'typical_price',
      ['high', 'low', 'close'].map((part) => leaf('input', part, frame)),
      [],
      '',
      frame,
      0,
    )
  }
  const join = (
    op: NodeOp,
    inputs: readonly number[],
    constants: readonly number[],
    text: string,
    frame: string,
    own: number,
  ): number => {
    const memory = own + inputs.reduce((most, id) => Math.max(most, nodes[id]!.memory), 0)
    const carries = op !== 'typical_price' && operatorOf(op as CallName).unbounded === true
    const unbounded = carries || inputs.some((id) => nodes[id]!.unbounded)
    return intern({op, inputs, constants, text, frame, memory, unbounded})
  }

  const planPoint = (params: Params): ((name: string, frame: string) => number) => {
    const planned = new Map<string, number>()
    const planFeature = (name: string, frame: string): number => {
      const key = `${frame}|${name}`
      const done = planned.get(key) ?? build(features.get(name)!.source, features.get(name)!.root, frame)
      planned.set(key, done)
      return done
    }
    const build = (source: Source, node: Expression, frame: string): number => {
      switch (node.kind) {
        case 'number':
          return leaf('constant', '', '', [node.value])
        case 'param':
          return leaf('constant', '', '', [params[node.name]!])
        case 'text':
          return leaf('constant', '', '', [Number.NaN])
        case 'name':
          return features.has(node.name) ? planFeature(node.name, frame) : input(node.name, frame)
        case 'call':
          return buildCall(source, node, frame)
      }
    }
    const buildCall = (source: Source, node: Expression & {kind: 'call'}, frame: string): number => {
      const {op, args, at} = node
      const operator = operatorOf(op)
      const folding = op === 'at' ? 'closed' : op === 'at_open' ? 'containing' : null
      const text = args.find((arg) => arg.kind === 'text')?.value ?? ''
      const inner = folding ? `${folding}:${text}` : frame
      const inputs = (operator.implicit ?? []).map((name) => leaf('input', name, frame))
      const constants: number[] = []
      args.forEach((arg, i) => {
        if (arg.kind === 'text') return
        const kind = operator.args[i] ?? operator.rest
        const id = build(source, arg, inner)
        if (kind !== 'window' && kind !== 'number') inputs.push(id)
        else {
          const value = nodes[id]!.constants[0]!
          if (kind === 'window') refuseWindow(source, arg.at, op, value, operator.least ?? 1)
          constants.push(value)
        }
      })
      const refusal = operator.refuse?.(constants) ?? null
      if (refusal !== null) refuseNumbers(source, at, op, refusal)
      if (folding) return unfolding(op, inputs, text, frame)
      const truth = booleanOf(op, inputs)
      if (truth !== null) return truth
      if (operator.pointwise && inputs.every((id) => nodes[id]!.op === 'constant')) {
        return leaf('constant', '', '', [
          foldNumbers(
            source,
            at,
            op,
            inputs.map((id) => nodes[id]!.constants[0]!),
          ),
        ])
      }
      return join(op, inputs, constants, text, frame, operator.memory?.(constants) ?? 0)
    }
    return planFeature
  }

  /** `test ? 1 : 0` of something that is already 1 or 0 is that something. */
  const booleanOf = (op: CallName, inputs: readonly number[]): number | null => {
    if (op !== 'if' && op !== 'where') return null
    const [test, yes, no] = inputs.map((id) => nodes[id]!)
    const same = yes!.op === 'constant' && yes!.constants[0] === 1 && no!.op === 'constant' && no!.constants[0] === 0
    return same && TRUTHS.has(test!.op) ? inputs[0]! : null
  }
  /** A longer bar is known at its close: `memory` longer bars, and up to one more that the panel cuts at its start. */
  const unfolding = (op: CallName, inputs: readonly number[], text: string, frame: string): number => {
    const per = INTERVAL_MS[text as Interval] / INTERVAL_MS[bar]
    const inside = nodes[inputs[0]!]!
    const memory = (inside.memory + 2) * per - 2
    return intern({op, inputs, constants: [], text, frame, memory, unbounded: inside.unbounded})
  }

  let last: {params: Params; plan: (name: string, frame: string) => number} | null = null
  return {
    nodes,
    outputs: outputs.map(({name, params}) => {
      if (last?.params !== params) last = {params, plan: planPoint(params)}
      return last.plan(name, '')
    }),
  }
}

const TRUTHS: ReadonlySet<NodeOp> = new Set(['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or', 'not', 'isnan'])

function refuseWindow(source: Source, at: Position, op: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return
  const future = value < 0 ? '; a negative one would read the future' : ''
  throw new Fault('feature.window', {
    family: 'contract',
    what: `${source.label} gives ${op} a window of ${value} bars.`,
    why: caret(source, at, `a window of ${op} is a whole number of bars, ${least} or more${future}`),
    next: ['correct the number, or the values under params'],
  })
}
