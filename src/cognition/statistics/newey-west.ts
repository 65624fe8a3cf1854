import {autocovariance, deviations, mean, requireSeries, requireThat, requireVariance, type Series} from './series.ts'

/**
 * Long-run variance of a series with Bartlett weights: R₀ + 2 Σ_{k≤L} (1 − k/(L+1)) R_k, divisor T, no small-sample
 * factor. Never negative.
 *
 * @param x       shape [T]
 * @param lag     L, 0 <= L < T
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.out_of_range`
 * @see Newey & West (1987), Econometrica 55(3)
 */
export function neweyWestVariance(x: Series, lag: number): number {
  requireSeries(x, 2)
  requireThat(Number.isInteger(lag) && lag >= 0 && lag < x.length, `A Newey-West lag of ${lag} was asked for.`)
  const d = deviations(x)
  let variance = autocovariance(d, 0)
  for (let k = 1; k <= lag; k++) variance += 2 * (1 - k / (lag + 1)) * autocovariance(d, k)
  return variance
}

/** L = max(⌊4 (T/100)^{2/9}⌋, label horizon − 1), at most T − 1. */
export const neweyWestLag = (T: number, labelHorizonBars = 1): number =>
  Math.min(T - 1, Math.max(Math.floor(4 * (T / 100) ** (2 / 9)), labelHorizonBars - 1))

export interface HacT {
  readonly t: number
  readonly lag: number
  /** the Newey-West estimate, variance per period */
  readonly longRunVariance: number
  /** what the t divides by: never below R₀ */
  readonly varianceUsed: number
}

/**
 * t statistic of a mean under serial dependence, as the gate reads it.
 *
 * When the long-run variance falls below R₀ the gate uses R₀: negative autocorrelation may be bid-ask bounce and is
 * never rewarded.
 *
 * @param r                  shape [T] per-period net returns
 * @param labelHorizonBars   bars a label lives, >= 1
 * @throws Fault             `gauntlet.sample_too_small` below 3, `gauntlet.not_finite`, `gauntlet.no_variance`
 */
export function hacT(r: Series, labelHorizonBars = 1): HacT {
  requireSeries(r, 3)
  const T = r.length
  const lag = neweyWestLag(T, labelHorizonBars)
  const longRunVariance = neweyWestVariance(r, lag)
  const r0 = neweyWestVariance(r, 0)
  const centre = mean(r)
  requireVariance(Math.sqrt(r0) > 1e-14 * Math.abs(centre) ? r0 : 0)
  const varianceUsed = Math.max(longRunVariance, r0)
  return {t: centre / Math.sqrt(varianceUsed / T), lag, longRunVariance, varianceUsed}
}
