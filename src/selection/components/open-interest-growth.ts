import {type Measure, trailing} from './measure.ts'

/**
 * Log growth of open interest over the lookback, in coins, so that a rise of the price alone is none.
 *
 * The first known day of the lookback is the base: a lookback that is less than half covered is not known. NaN where the
 * lake has no asset contexts.
 */
export const openInterestGrowth: Measure = ({openInterest}, a, d, {lookback_days}) => {
  if (openInterest === undefined) return Number.NaN
  const days = trailing(openInterest[a]!, d, lookback_days + 1)
  const first = days.findIndex((coins) => coins > 0)
  const last = days.at(-1) ?? Number.NaN
  if (first < 0 || !(last > 0) || days.length - 1 - first < lookback_days / 2) return Number.NaN
  return Math.log(last / days[first]!)
}
