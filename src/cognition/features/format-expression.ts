import type {CallName, Expression} from './expression.ts'

const INFIX: Partial<Record<CallName, readonly [string, number]>> = {
  or: ['||', 2],
  and: ['&&', 3],
  eq: ['==', 4],
  ne: ['!=', 4],
  lt: ['<', 5],
  le: ['<=', 5],
  gt: ['>', 5],
  ge: ['>=', 5],
  add: ['+', 6],
  sub: ['-', 6],
  mul: ['*', 7],
  div: ['/', 7],
}
const COMPARISON_FROM = 4
const COMPARISON_TO = 5

/** How the leaves are written; the default keeps them, a fingerprint blanks them out. */
export interface LeafNames {
  readonly number: (value: number) => string
  readonly param: (name: string) => string
  readonly name: (name: string) => string
}

const AS_WRITTEN: LeafNames = {number: String, param: (name) => `$${name}`, name: (name) => name}

/**
 * Expression -> its one canonical text: single spaces, shortest numbers, only the parentheses that are needed.
 *
 * Two texts with the same meaning to the parser format alike, so white space, redundant parentheses and `1.50` for
 * `1.5` are never a new trial.
 */
export function formatExpression(expression: Expression, leaves: LeafNames = AS_WRITTEN): string {
  const write = (node: Expression, outer: number): string => {
    switch (node.kind) {
      case 'number': {
        const text = leaves.number(node.value)
        return text.startsWith('-') && outer >= 8 ? `(${text})` : text
      }
      case 'text':
        return JSON.stringify(node.value)
      case 'param':
        return leaves.param(node.name)
      case 'name':
        return leaves.name(node.name)
      case 'call':
        return writeCall(node, outer)
    }
  }
  const writeCall = ({op, args}: Expression & {kind: 'call'}, outer: number): string => {
    const [symbol, level] = INFIX[op] ?? ['', 0]
    if (level > 0) {
      // A comparison never chains, so both its sides bind tighter; all others associate to the left.
      const comparison = level >= COMPARISON_FROM && level <= COMPARISON_TO
      const text = `${write(args[0]!, comparison ? COMPARISON_TO + 1 : level)} ${symbol} ${write(args[1]!, (comparison ? COMPARISON_TO : level) + 1)}`
      return level < outer ? `(${text})` : text
    }
    if (op === 'neg' || op === 'not') {
      const text = `${op === 'neg' ? '-' : '!'}${write(args[0]!, 9)}`
      return outer > 8 ? `(${text})` : text
    }
    if (op === 'if') {
      const text = `${write(args[0]!, 2)} ? ${write(args[1]!, 1)} : ${write(args[2]!, 1)}`
      return outer > 1 ? `(${text})` : text
    }
    return `${op}(${args.map((arg) => write(arg, 0)).join(', ')})`
  }
  return write(expression, 0)
}
