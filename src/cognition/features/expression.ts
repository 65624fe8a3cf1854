import type {OperatorName} from '../../contracts/features.ts'

/** Where a piece of an expression begins; line and column count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Operators written with symbols rather than names. */
export type SymbolName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'not'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'eq'
  | 'ne'
  | 'and'
  | 'or'
  | 'if'

/** A parsed expression. `name` is an input or another feature: which of the two, the check decides. */
export type Expression =
  | {readonly kind: 'number'; readonly value: number; readonly at: Position}
  | {readonly kind: 'text'; readonly value: string; readonly at: Position}
  | {readonly kind: 'param'; readonly name: string; readonly at: Position}
  | {readonly kind: 'name'; readonly name: string; readonly at: Position}
  | {readonly kind: 'call'; readonly op: CallName; readonly args: readonly Expression[]; readonly at: Position}

export type CallName = SymbolName | OperatorName

/** An expression and where a reader finds it: `trend.signal` or `trend.features.drift`. */
export interface Source {
  readonly label: string
  readonly text: string
}

/** Limits far above any formula a person reads, far below what would exhaust the stack. */
export const LIMIT = {characters: 10_000, nodes: 2_000, depth: 200, expandedDepth: 400} as const

/** `trend.signal:1:9` and the line with a caret under the spot: the evidence of every expression fault. */
export function caret({label, text}: Source, {line, column}: Position, message: string): string {
  const shown = text.split('\n')[line - 1] ?? ''
  // Long lines are cut around the spot, so that the caret stays on a terminal.
  const from = Math.max(0, column - 1 - 60)
  const cut = shown.slice(from, from + 110).replaceAll('\t', ' ')
  return `${label}:${line}:${column} ${message}\n  ${cut}\n  ${' '.repeat(column - 1 - from)}^`
}
