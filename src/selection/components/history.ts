import type {Measure} from './measure.ts'

/** Days since the first bar of the incarnation, at most the lookback: beyond it more history is not better. */
export const history: Measure = (table, a, d, {lookback_days}) =>
  Math.min(lookback_days, d - table.bars[a]!.findIndex((count) => count > 0) + 1)
