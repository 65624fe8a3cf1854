import {type AnyNode, type Expression as Parsed, parseExpressionAt, tokenizer} from 'acorn'
import {OperatorName} from '../../contracts/features.ts'
import {Fault} from '../../kernel/fault.ts'
import {nearestName} from '../../kernel/nearest-name.ts'
import {type CallName, caret, type Expression, LIMIT, type Position, type Source} from './expression.ts'

const BINARY: Readonly<Record<string, CallName>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '**': 'power',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
  '&&': 'and',
  '||': 'or',
}
const COMPARISON = new Set(['<', '<=', '>', '>=', '==', '!='])
const OPERATORS: ReadonlySet<string> = new Set(OperatorName.options)

/**
 * Text -> expression tree. The grammar is the expression part of ECMAScript, cut down to what a formula needs: a small
 * whitelist of node types, so that nothing can loop, assign, reach a property or touch the outside.
 *
 * @throws Fault `feature.syntax` `feature.unsupported` `feature.unknown_operator` `feature.too_long`
 *   `feature.too_deep` (contract), each with line, column and caret
 */
export function parseExpression(source: Source): Expression {
  refuseExcess(source)
  const tree = readTree(source)
  let nodes = 0

  const build = (node: AnyNode, depth: number): Expression => {
    const at = positionOf(node)
    if (++nodes > LIMIT.nodes || depth > LIMIT.depth) throw tooDeep(source, at)
    const call = (op: CallName, args: readonly AnyNode[]): Expression => {
      return {kind: 'call', op, args: args.map((arg) => build(arg, depth + 1)), at}
    }
    switch (node.type) {
      case 'ParenthesizedExpression':
        return build(node.expression, depth + 1)
      case 'Literal':
        if (typeof node.value === 'number') return {kind: 'number', value: node.value, at}
        if (typeof node.value === 'string') return {kind: 'text', value: node.value, at}
        break
      case 'Identifier':
        if (node.name.startsWith('$')) return {kind: 'param', name: node.name.slice(1), at}
        return {kind: 'name', name: node.name, at}
      case 'UnaryExpression':
        if (node.operator === '+') return build(node.argument, depth + 1)
        if (node.operator === '-') return negated(build(node.argument, depth + 1), at)
        if (node.operator === '!') return call('not', [node.argument])
        break
      case 'BinaryExpression':
      case 'LogicalExpression': {
        const op = BINARY[node.operator]
        if (COMPARISON.has(node.operator)) refuseChain(source, node.left)
        if (op !== undefined) return call(op, [node.left, node.right])
        break
      }
      case 'ConditionalExpression':
        return call('if', [node.test, node.consequent, node.alternate])
      case 'CallExpression':
        if (node.callee.type !== 'Identifier' || node.optional) break
        return call(operatorNamed(source, node.callee.name, at), node.arguments)
      default:
    }
    throw new Fault('feature.unsupported', {
      family: 'contract',
      what: `${source.label} uses something that is not part of the expression language.`,
      why: caret(source, at, `'${source.text.slice(node.start, node.end).slice(0, 40)}' (${node.type})`),
      next: ['use numbers, names, $parameters, arithmetic, comparisons, && || !, ?: and operators', 'qo features list'],
    })
  }
  return build(tree, 0)
}

/** A minus sign before a number is a number: `-1` and `(-1)` are the same formula. */
function negated(inner: Expression, at: Position): Expression {
  if (inner.kind === 'number') return {kind: 'number', value: -inner.value, at}
  return {kind: 'call', op: 'neg', args: [inner], at}
}

function readTree(source: Source): Parsed {
  const options = {ecmaVersion: 2023, locations: true, preserveParens: true} as const
  try {
    const tree = parseExpressionAt(source.text, 0, options)
    const rest = tokenizer(source.text.slice(tree.end), options).getToken()
    if (rest.type.label !== 'eof') {
      const before = source.text.slice(0, tree.end + rest.start).split('\n')
      const at = {line: before.length, column: before.at(-1)!.length + 1}
      throw new Fault('feature.syntax', {
        family: 'contract',
        what: `${source.label} goes on after its end.`,
        why: caret(source, at, 'a formula is one expression; an operator may be missing here'),
        next: ['join the parts with an operator, or make two features'],
      })
    }
    return tree
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    // The parser recurses; a hostile text ends here instead of in a raw stack trace.
    if (cause instanceof RangeError) throw tooDeep(source, {line: 1, column: 1})
    const {loc, message} = cause as {loc?: {line: number; column: number}; message: string}
    const at = {line: loc?.line ?? 1, column: (loc?.column ?? 0) + 1}
    // What fits depends on the stack that is left; the answer must not.
    if (message.startsWith('Not enough stack space')) throw tooDeep(source, at)
    throw new Fault('feature.syntax', {
      family: 'contract',
      what: `${source.label} cannot be read.`,
      why: caret(source, at, message.replace(/ \(\d+:\d+\)$/, '')),
      next: ['correct the expression at the caret', 'qo features list'],
      cause,
    })
  }
}

function operatorNamed(source: Source, name: string, at: Position): CallName {
  if (OPERATORS.has(name)) return name as OperatorName
  const near = nearestName(name, OPERATORS)
  throw new Fault('feature.unknown_operator', {
    family: 'contract',
    what: `${source.label} calls '${name}', which is not an operator.`,
    why: caret(source, at, `unknown operator '${name}'${near === null ? '' : ` (did you mean '${near}'?)`}`),
    next: [...(near === null ? [] : [`write ${near}(…)`]), 'qo features list'],
  })
}

/** `a < b < c` means (a < b) < c to a machine and something else to everybody who writes it. */
function refuseChain(source: Source, left: AnyNode): void {
  if (left.type !== 'BinaryExpression' || !COMPARISON.has(left.operator)) return
  throw new Fault('feature.unsupported', {
    family: 'contract',
    what: `${source.label} chains two comparisons.`,
    why: caret(source, positionOf(left), 'the second comparison would compare 0 or 1'),
    next: ['write a < b && b < c', 'or set parentheses if you mean to compare 0 or 1'],
  })
}

function refuseExcess(source: Source): void {
  const {text, label} = source
  if (text.length > LIMIT.characters) {
    const before = text.slice(0, LIMIT.characters).split('\n')
    const at = {line: before.length, column: before.at(-1)!.length + 1}
    throw new Fault('feature.too_long', {
      family: 'contract',
      what: `${label} is ${text.length} characters long.`,
      why: caret(source, at, `an expression has at most ${LIMIT.characters} characters`),
      next: ['split it into named features'],
    })
  }
  let [open, line, lineStart] = [0, 1, 0]
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '\n') [line, lineStart] = [line + 1, i + 1]
    if (c === ')') open--
    if (c === '(' && ++open > LIMIT.depth) throw tooDeep(source, {line, column: i - lineStart + 1})
  }
}

function tooDeep(source: Source, at: Position): Fault {
  return new Fault('feature.too_deep', {
    family: 'contract',
    what: `${source.label} is nested too deeply or has too many parts.`,
    why: caret(source, at, `limits: depth ${LIMIT.depth}, ${LIMIT.nodes} parts`),
    next: ['split it into named features'],
  })
}

const positionOf = (node: AnyNode): Position => ({
  line: node.loc?.start.line ?? 1,
  column: (node.loc?.start.column ?? 0) + 1,
})
