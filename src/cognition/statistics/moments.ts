import {autocovariance, deviations, mean, requireSeries, requireVariance, type Series, sum} from './series.ts'

/** Per-period moments of a return series. */
export interface Moments {
  /** observations */
  readonly T: number
  readonly mean: number
  /** sample standard deviation, divisor T − 1 */
  readonly sd: number
  /** mean / sd, per period */
  readonly sr: number
  /** skewness m3 / m2^1.5, population moments */
  readonly g3: number
  /** kurtosis m4 / m2², population moments, NOT excess: 3 for a normal */
  readonly g4: number
}

/**
 * Mean, deviation, Sharpe ratio, skewness and kurtosis of per-period net returns.
 *
 * @param r       shape [T], T >= 2, fractions per period
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.no_variance`
 */
export function moments(r: Series): Moments {
  requireSeries(r, 2)
  const T = r.length
  const d = deviations(r)
  const m2 = sum(d.map((x) => x * x)) / T
  const centre = mean(r)
  // A constant series leaves rounding noise, not zero, once its mean is subtracted.
  requireVariance(Math.sqrt(m2) > 1e-14 * Math.abs(centre) ? m2 : 0)
  const m3 = sum(d.map((x) => x * x * x)) / T
  const m4 = sum(d.map((x) => x * x * x * x)) / T
  const sd = Math.sqrt((m2 * T) / (T - 1))
  return {T, mean: centre, sd, sr: centre / sd, g3: m3 / m2 ** 1.5, g4: m4 / m2 ** 2}
}

/**
 * ρ₁ … ρ_L with autocovariances of divisor T.
 *
 * @param r       shape [T], T > lags
 * @returns       shape [lags], element k − 1 is ρ_k
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.no_variance`
 */
export function autocorrelations(r: Series, lags: number): Float64Array {
  requireSeries(r, lags + 1)
  const d = deviations(r)
  const r0 = autocovariance(d, 0)
  requireVariance(r0)
  return Float64Array.from({length: lags}, (_, k) => autocovariance(d, k + 1) / r0)
}
