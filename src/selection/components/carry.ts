import {type Measure, trailing} from './measure.ts'

const HOURS_PER_YEAR = 365 * 24

/**
 * Funding paid by longs, annualised by the hours its payments cover: the sum of rates over the sum of their intervals.
 *
 * A venue that went from a payment every 8 h to one every hour is annualised by each payment's own interval, so the
 * change of schedule is no change of carry. A day with a lost payment covers the hours that are known.
 */
export const carry: Measure = (table, a, d, {lookback_days}) => {
  const rates = trailing(table.funding[a]!, d, lookback_days)
  const covered = trailing(table.fundingHours[a]!, d, lookback_days)
  let [paid, hours] = [0, 0]
  for (let i = 0; i < rates.length; i++) {
    if (!(covered[i]! > 0)) continue
    paid += rates[i]!
    hours += covered[i]!
  }
  return hours > 0 ? (paid / hours) * HOURS_PER_YEAR : Number.NaN
}
