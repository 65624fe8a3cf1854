import type {Measure} from './measure.ts'
import {meanAndDeviation, trailingReturns} from './trailing-returns.ts'

/**
 * Distance of realised volatility from the target band, annualised fraction; 0 inside the band.
 *
 * Volatility is the deviation of daily log returns over the lookback times sqrt(365): the market has no weekend.
 */
export const volatility: Measure = (table, a, d, {lookback_days}, {volatility_band: {low, high}}) => {
  const annual = meanAndDeviation(trailingReturns(table, a, d, lookback_days)).sigma * Math.sqrt(365)
  return Number.isNaN(annual) ? annual : Math.max(0, low - annual, annual - high)
}
