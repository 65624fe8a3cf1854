import {studentIsf, studentTwoSided} from '../../kernel/distributions.ts'
import {autocovariance, deviations, mean, requireSeries, requireThat, requireVariance, type Series} from './series.ts'

export interface CosineTest {
  /** two-sided, of a mean of zero */
  readonly p: number
  /** half width of the 95 % interval of the mean, in the units of the series */
  readonly margin: number
  /** ν, degrees of freedom of the Student t */
  readonly df: number
}

/** Beyond this the Student t is the normal, and more cosines only cost time. */
const MOST_COSINES = 100

/**
 * ν = min(0.4 T^⅔, T / 2h, 100), at least 1.
 *
 * The rule of the paper, held to frequencies at which windows of h bars still look like white noise: their spectrum
 * falls by (π f h)² / 3, at ν = T / 2h by 7 % on average.
 */
export const cosineCount = (T: number, horizon: number): number =>
  Math.max(1, Math.min(MOST_COSINES, Math.floor(0.4 * T ** (2 / 3)), Math.floor(T / (2 * horizon))))

/**
 * Is the mean of overlapping windows zero? The test whose size holds where the Newey-West t and the normal do not.
 *
 * The long-run variance is the mean square of the first ν type II cosine transforms; they are near independent, so the
 * ratio has a Student t of ν degrees of freedom, and the chance in the variance itself is paid for. Newey-West with
 * lag h finds two thirds of the variance of windows of h bars at any T, and the normal takes that for known. As in
 * `hacT` the variance is never below R₀: negative autocorrelation is not rewarded.
 *
 * @param x         shape [T], T >= 3, finite
 * @param horizon   bars a window lasts, >= 1
 * @throws Fault    `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.out_of_range`, `gauntlet.no_variance`
 * @see Lazarus, Lewis, Stock & Watson (2018), HAR Inference: Recommendations for Practice, JBES 36(4); Müller (2007)
 */
export function cosineTest(x: Series, horizon: number): CosineTest {
  requireSeries(x, 3)
  requireThat(Number.isInteger(horizon) && horizon >= 1, `Windows of ${horizon} bars were named.`)
  const T = x.length
  const d = deviations(x)
  const centre = mean(x)
  const r0 = autocovariance(d, 0)
  requireVariance(Math.sqrt(r0) > 1e-14 * Math.abs(centre) ? r0 : 0)
  const df = cosineCount(T, horizon)
  let squares = 0
  for (let j = 1; j <= df; j++) squares += transform(d, j) ** 2
  const variance = Math.max((2 * squares) / (T * df), r0)
  const error = Math.sqrt(variance / T)
  return {p: studentTwoSided(centre / error, df), margin: error * studentIsf(0.025, df), df}
}

/** Σ dₜ cos(π j (t + ½) / T), the cosine turned from bar to bar instead of computed anew. */
function transform(d: Float64Array, j: number): number {
  const angle = (Math.PI * j) / d.length
  const [turnC, turnS] = [Math.cos(angle), Math.sin(angle)]
  let [c, s, total] = [Math.cos(angle / 2), Math.sin(angle / 2), 0]
  for (let t = 0; t < d.length; t++) {
    total += d[t]! * c
    const next = c * turnC - s * turnS
    s = s * turnC + c * turnS
    c = next
  }
  return total
}
