import type {Measure} from './measure.ts'
import {meanAndDeviation, trailingReturns} from './trailing-returns.ts'

/**
 * Mean over deviation of daily log returns in the lookback, the last day skipped: it carries the short-term reversal.
 *
 * @see Jegadeesh (1990) on the reversal; Barroso & Santa-Clara (2015) on momentum over its risk
 */
export const momentum: Measure = (table, a, d, {lookback_days}) => {
  const {mean, sigma} = meanAndDeviation(trailingReturns(table, a, d - 1, lookback_days))
  return sigma > 0 ? mean / sigma : Number.NaN
}
