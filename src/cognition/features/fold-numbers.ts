import {Fault} from '../../kernel/fault.ts'
import {type CallName, caret, type Position, type Source} from './expression.ts'
import type {Frame} from './frame.ts'
import {operatorOf} from './operators/index.ts'

const NO_BARS: Frame = {
  assets: [],
  assetCount: 0,
  assetStep: 1,
  barStep: 1,
  barCount: 0,
  ts: new Float64Array(0),
  barMs: 0,
  universe: new Uint8Array(0),
  input: () => new Float64Array(0),
}

/**
 * Work out a call whose arguments are all numbers, with the kernel that series use: there is one arithmetic.
 *
 * @throws Fault `feature.range` (contract) when the numbers have no result
 */
export function foldNumbers(source: Source, at: Position, op: CallName, numbers: readonly number[]): number {
  const out = new Float64Array(1)
  const columns = numbers.map((value) => ({values: Float64Array.of(value), step: 0 as const}))
  operatorOf(op).run(columns, [], out, NO_BARS, '')
  if (!Number.isFinite(out[0]!)) refuseNumbers(source, at, op, 'these numbers have no result')
  return out[0]!
}

/** @throws Fault `feature.range` (contract), always */
export function refuseNumbers(source: Source, at: Position, op: CallName, message: string): never {
  throw new Fault('feature.range', {
    family: 'contract',
    what: `${source.label} gives ${op} numbers it cannot use.`,
    why: caret(source, at, message),
    next: ['correct the numbers, or the values under params'],
  })
}
