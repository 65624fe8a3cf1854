import {type ExpressionInput, INPUT_TABLE} from '../../contracts/features.ts'
import {Fault} from '../../kernel/fault.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {nearestName} from '../../kernel/nearest-name.ts'
import {caret, type Expression, LIMIT, type Position, type Source} from './expression.ts'
import {operatorOf} from './operators/index.ts'

/** What is known about an expression before any data is there. */
export interface Facts {
  /** a number that needs no data, as opposed to a series [asset][bar] */
  readonly scalar: boolean
  /** contains `at` or `at_open` */
  readonly folds: boolean
  /** depth with the features it names written out */
  readonly depth: number
}

export interface Scope {
  readonly bar: Interval
  readonly params: ReadonlySet<string>
  /** features checked so far: a feature only sees those it may name */
  readonly features: ReadonlyMap<string, Facts>
}

type Call = Expression & {readonly kind: 'call'}

export const isInput = (name: string): name is ExpressionInput => Object.hasOwn(INPUT_TABLE, name)

/**
 * Type-check one expression: every name known, every argument of its kind, longer bars really longer.
 *
 * Window lengths are checked for sign and wholeness when the plan puts in the numbers of each grid point.
 *
 * @throws Fault `feature.unknown_name` `feature.unknown_parameter` `feature.arity` `feature.type` `feature.timeframe`
 *   `feature.too_deep` (contract), each with line, column and caret
 */
export function checkExpression(source: Source, root: Expression, scope: Scope): Facts {
  const check = (node: Expression): Facts => {
    switch (node.kind) {
      case 'number':
        return {scalar: true, folds: false, depth: 1}
      case 'text':
        throw mismatch(source, node.at, 'a quoted name stands only where an operator asks for one')
      case 'param':
        refuseUnknownParameter(source, node, scope)
        return {scalar: true, folds: false, depth: 1}
      case 'name': {
        const feature = scope.features.get(node.name)
        if (feature) return {...feature, depth: feature.depth + 1}
        if (isInput(node.name)) return {scalar: false, folds: false, depth: 1}
        throw unknownName(source, node, scope)
      }
      case 'call':
        return checkCall(node)
    }
  }

  const checkCall = (node: Call): Facts => {
    refuseCount(source, node)
    const operator = operatorOf(node.op)
    const folding = node.op === 'at' || node.op === 'at_open'
    let [scalar, inner, depth] = [operator.pointwise === true, false, 0]
    node.args.forEach((arg, i) => {
      const kind = operator.args[i] ?? operator.rest!
      const label = `argument ${i + 1} of ${node.op}`
      if (kind === 'interval' || kind === 'asset') {
        if (arg.kind !== 'text') throw mismatch(source, arg.at, `${label} is a quoted ${kind}`)
        if (kind === 'interval') refuseInterval(source, arg.value, arg.at, scope.bar)
        return
      }
      const facts = check(arg)
      if (kind === 'series' && facts.scalar) throw mismatch(source, arg.at, `${label} is a series, not a number`)
      if ((kind === 'window' || kind === 'number') && !facts.scalar) {
        const meaning = kind === 'window' ? 'a number of bars' : 'a plain number'
        throw mismatch(source, arg.at, `${label} is ${meaning}, known before any data`)
      }
      if (folding && facts.folds) {
        throw timeframe(source, arg.at, 'bars can be folded once, not inside one another')
      }
      scalar &&= facts.scalar
      inner ||= facts.folds
      depth = Math.max(depth, facts.depth)
    })
    if (depth >= LIMIT.expandedDepth) {
      throw new Fault('feature.too_deep', {
        family: 'contract',
        what: `${source.label} is nested too deeply once its features are written out.`,
        why: caret(source, node.at, `limit: depth ${LIMIT.expandedDepth}`),
        next: ['build it from fewer layers of features'],
      })
    }
    return {scalar, folds: folding || inner, depth: depth + 1}
  }
  return check(root)
}

function refuseCount(source: Source, {op, args, at}: Call): void {
  const {args: kinds, rest} = operatorOf(op)
  if (args.length === kinds.length || (rest !== undefined && args.length > kinds.length)) return
  const signature = `${op}(${[...kinds, ...(rest ? ['…'] : [])].join(', ')})`
  throw new Fault('feature.arity', {
    family: 'contract',
    what: `${source.label} gives ${op} ${args.length} argument${args.length === 1 ? '' : 's'}.`,
    why: caret(source, at, `${signature} takes ${rest ? 'at least ' : ''}${kinds.length}`),
    next: ['qo features list'],
  })
}

function refuseUnknownParameter(source: Source, {name, at}: {name: string; at: Position}, {params}: Scope): void {
  if (params.has(name)) return
  const near = nearestName(name, params)
  throw new Fault('feature.unknown_parameter', {
    family: 'contract',
    what: `${source.label} uses $${name}, which has no values.`,
    why: caret(source, at, `unknown parameter${near === null ? '' : ` (did you mean '$${near}'?)`}`),
    next: [`add ${name}: [ … ] under params`],
  })
}

function unknownName(source: Source, {name, at}: {name: string; at: Position}, {features}: Scope): Fault {
  const near = nearestName(name, [...features.keys(), ...Object.keys(INPUT_TABLE)])
  return new Fault('feature.unknown_name', {
    family: 'contract',
    what: `${source.label} names '${name}', which is neither an input nor a feature of this file.`,
    why: caret(source, at, `unknown name${near === null ? '' : ` (did you mean '${near}'?)`}`),
    next: ['an operator needs its parentheses, a parameter its $', 'qo features list'],
  })
}

function refuseInterval(source: Source, text: string, at: Position, bar: Interval): void {
  const known = Object.hasOwn(INTERVAL_MS, text)
  const ratio = known ? INTERVAL_MS[text as Interval] / INTERVAL_MS[bar] : Number.NaN
  if (Number.isInteger(ratio) && ratio > 1) return
  const longer = Object.entries(INTERVAL_MS).filter(([, ms]) => ms > INTERVAL_MS[bar] && ms % INTERVAL_MS[bar] === 0)
  const choice = longer.map(([name]) => name).join(' ') || 'none'
  throw timeframe(source, at, `'${text}' is not a longer bar made of whole ${bar} bars; possible: ${choice}`)
}

function timeframe(source: Source, at: Position, message: string): Fault {
  return new Fault('feature.timeframe', {
    family: 'contract',
    what: `${source.label} asks for bars that cannot be made.`,
    why: caret(source, at, message),
    next: ['choose another interval, or a finer bar for the hypothesis'],
  })
}

function mismatch(source: Source, at: Position, message: string): Fault {
  return new Fault('feature.type', {
    family: 'contract',
    what: `${source.label} does not type-check.`,
    why: caret(source, at, message),
    next: ['qo features list'],
  })
}
