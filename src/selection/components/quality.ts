import type {Measure} from './measure.ts'

/** Share of the lookback's expected bars that are there and traded, 0 to 1. */
export const quality: Measure = (table, a, d, {lookback_days}) => {
  let traded = 0
  const from = Math.max(0, d - lookback_days + 1)
  for (let i = from; i <= d; i++) traded += table.traded[a]![i]!
  return traded / ((d - from + 1) * table.barsPerDay)
}
