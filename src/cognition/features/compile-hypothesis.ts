import {type ExpressionInput, type FeatureSet, INPUT_TABLE, type OperatorName} from '../../contracts/features.ts'
import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import type {InputName} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'
import type {Interval} from '../../kernel/instant.ts'
import {gridOf} from '../hypotheses/grid-of.ts'
import {checkExpression, type Facts, isInput} from './check-expression.ts'
import {caret, type Position} from './expression.ts'
import {operatorOf} from './operators/index.ts'
import {inOrder, reachable, walk} from './order-features.ts'
import {parseExpression} from './parse-expression.ts'
import {type PlannedFeature, planOutputs} from './plan.ts'

/** A spot that lint and the audit point at. */
export interface Spot {
  readonly operator: OperatorName
  readonly label: string
  readonly at: Position
  /** the line with a caret under the operator */
  readonly evidence: string
}

/** Expressions of a hypothesis or a feature set, parsed, type-checked and in an order in which each sees those it names. */
export interface CompiledHypothesis {
  readonly id: string
  readonly bar: Interval
  readonly expressions: ReadonlyMap<string, PlannedFeature>
  /** name of the expression that trades */
  readonly signal: string
  /** panel inputs that are read, sorted */
  readonly inputs: readonly InputName[]
  /** inputs that no panel carries yet, with the lake table they would come from */
  readonly unsupplied: readonly {readonly input: ExpressionInput; readonly table: string}[]
  readonly future: readonly Spot[]
  /** operators that carry state from the first bar on */
  readonly unbounded: readonly Spot[]
  /** features that the signal does not use */
  readonly unused: readonly string[]
}

const PANEL_INPUTS: ReadonlySet<string> = new Set<InputName>([
  'open',
  'high',
  'low',
  'close',
  'volume',
  'trades',
  'funding',
])
const SIGNAL = 'signal'

/**
 * Parse and type-check everything a hypothesis computes, at every point of its grid.
 *
 * @throws Fault `feature.*` (contract) with line, column and caret; `hypothesis.grid_too_large` `hypothesis.unused_param`
 */
export function compileHypothesis(hypothesis: Hypothesis): CompiledHypothesis {
  const {id, bar, features, signal, params} = hypothesis
  if (Object.hasOwn(features, SIGNAL)) throw nameTaken(SIGNAL, 'the rule that trades is already called signal')
  const compiled = compile(id, bar, {...features, [SIGNAL]: signal}, new Set(Object.keys(params)))
  refuseUnusedParams(hypothesis, compiled)
  const grid = gridOf(hypothesis)
  planOutputs(
    compiled.expressions,
    grid.flatMap((point) => [...compiled.expressions.keys()].map((name) => ({name, params: point}))),
    bar,
  )
  return compiled
}

/** The same for a named set; its last feature stands where a hypothesis has its signal. */
export function compileFeatureSet({id, bar, features}: FeatureSet): CompiledHypothesis {
  const compiled = compile(id, bar, features, new Set())
  planOutputs(
    compiled.expressions,
    [...compiled.expressions.keys()].map((name) => ({name, params: {}})),
    bar,
  )
  return {...compiled, unused: []}
}

/** Bars of history a decision needs before its own bar: computed from the expression, largest over its branches. */
export function warmupBars({expressions, signal, bar}: CompiledHypothesis, params: Params): number {
  const {nodes, outputs} = planOutputs(expressions, [{name: signal, params}], bar)
  return nodes[outputs[0]!]!.memory
}

/** True when an operator of the look-ahead family is anywhere in the file, used by the signal or not. */
export const usesFuture = ({future}: CompiledHypothesis): boolean => future.length > 0

/** Inputs the panel does not carry, with the lake table that would bring them. */
export function missingInputs(
  {inputs, unsupplied}: CompiledHypothesis,
  present: ReadonlySet<string>,
): {input: ExpressionInput; table: string}[] {
  const absent = inputs.filter((input) => !present.has(input)).map((input) => ({input, table: INPUT_TABLE[input]}))
  return [...absent, ...unsupplied]
}

function compile(
  id: string,
  bar: Interval,
  texts: Readonly<Record<string, string>>,
  params: ReadonlySet<string>,
): CompiledHypothesis {
  const parsed = new Map<string, PlannedFeature>()
  for (const [name, text] of Object.entries(texts)) {
    if (isInput(name)) throw nameTaken(name, `'${name}' is an input of the lake`)
    const source = {label: `${id}.${name === SIGNAL ? name : `features.${name}`}`, text}
    parsed.set(name, {source, root: parseExpression(source)})
  }
  const expressions = inOrder(parsed)
  const facts = new Map<string, Facts>()
  for (const [name, {source, root}] of expressions) {
    facts.set(name, checkExpression(source, root, {bar, params, features: facts}))
  }
  const signal = [...Object.keys(texts)].at(-1)!
  refuseNumber(expressions.get(signal)!, facts.get(signal)!)
  const names = [...expressions.values()].flatMap(({source, root}) => [...walk(root)].map((node) => ({source, node})))
  const inputs = new Set<ExpressionInput>()
  const [future, unbounded]: [Spot[], Spot[]] = [[], []]
  for (const {source, node} of names) {
    if (node.kind === 'name' && !expressions.has(node.name)) {
      for (const input of node.name === 'vwap' ? (['high', 'low', 'close'] as const) : [node.name as ExpressionInput])
        inputs.add(input)
    }
    if (node.kind !== 'call') continue
    const operator = operatorOf(node.op)
    for (const input of operator.implicit ?? []) inputs.add(input)
    const spot = (message: string): Spot => ({
      operator: node.op as OperatorName,
      label: source.label,
      at: node.at,
      evidence: caret(source, node.at, message),
    })
    if (operator.future) future.push(spot(`${node.op} reads later bars`))
    if (operator.unbounded) unbounded.push(spot(`${node.op} carries its state from the first bar`))
  }
  const sorted = [...inputs].sort()
  return {
    id,
    bar,
    expressions,
    signal,
    inputs: sorted.filter((input): input is InputName => PANEL_INPUTS.has(input)),
    unsupplied: sorted.filter((input) => !PANEL_INPUTS.has(input)).map((input) => ({input, table: INPUT_TABLE[input]})),
    future,
    unbounded,
    unused: [...expressions.keys()].filter((name) => !reachable(expressions, signal).has(name)),
  }
}

/** Operators that read later bars in an expression, or in any that it names. */
export function futureBehind({expressions, future}: CompiledHypothesis, name: string): Spot[] {
  const labels = new Set([...reachable(expressions, name)].map((known) => expressions.get(known)!.source.label))
  return future.filter(({label}) => labels.has(label))
}

function refuseNumber({source, root}: PlannedFeature, {scalar}: Facts): void {
  if (!scalar) return
  throw new Fault('feature.type', {
    family: 'contract',
    what: `${source.label} is a plain number.`,
    why: caret(source, root.at, 'what trades must be a series: it has a value per asset and bar'),
    next: ['use an input; a constant position is close > 0 ? 1 : 0'],
  })
}

function refuseUnusedParams({params}: Hypothesis, {expressions}: CompiledHypothesis): void {
  const used = new Set<string>()
  for (const {root} of expressions.values())
    for (const node of walk(root)) if (node.kind === 'param') used.add(node.name)
  const unused = Object.keys(params).find((name) => !used.has(name))
  if (unused === undefined) return
  throw new Fault('hypothesis.unused_param', {
    family: 'contract',
    what: `params.${unused} is used by no expression.`,
    why: 'Every grid point counts as a trial; points that compute the same thing would only be counted.',
    next: [`write $${unused} where it belongs, or remove it`],
  })
}

function nameTaken(name: string, why: string): Fault {
  return new Fault('feature.name_taken', {
    family: 'contract',
    what: `A feature cannot be called '${name}'.`,
    why: `features.${name}:1:1 ${why}`,
    next: ['choose another name'],
  })
}
