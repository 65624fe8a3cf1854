import {neweyWestVariance} from './newey-west.ts'
import {deviations, mean, requireSeries, requireThat, requireVariance, type Series, sum} from './series.ts'

/** mean / sd per period, sd with divisor T − 1. @throws Fault `gauntlet.no_variance` for a series that never changes */
export function sharpeRatio(r: Series): number {
  requireSeries(r, 2)
  const d = deviations(r)
  const variance = sum(d.map((x) => x * x)) / (r.length - 1)
  requireVariance(Math.sqrt(variance) > 1e-14 * Math.abs(mean(r)) ? variance : 0)
  return mean(r) / Math.sqrt(variance)
}

/** The same, and 0 for a series that never changes: a configuration that does not trade is neither good nor bad. */
export const sharpeOrZero = (r: Series): number => {
  for (let t = 0; t < r.length; t++) if (r[t] !== r[0]) return sharpeRatio(r)
  return 0
}

/** SR_ann = SR √A, A periods a year (crypto: 365 days or 8,760 hours). */
export const annualise = (sr: number, periodsPerYear: number): number => sr * Math.sqrt(periodsPerYear)

/** Standard error of SR for independent normal returns. @see Lo (2002), Financial Analysts Journal 58(4) */
export const sharpeErrorNormal = (sr: number, T: number): number => Math.sqrt((1 + (sr * sr) / 2) / T)

/**
 * T · Var(SR̂): Mertens for rho 0, its AR(1) extension otherwise.
 *
 * @param sr      per period
 * @param g3      skewness
 * @param g4      kurtosis, NOT excess
 * @param rho     lag-1 autocorrelation, −1 < rho < 1
 * @throws Fault  `gauntlet.out_of_range` if the moments break Pearson's bound g4 >= 1 + g3², or the bracket is not
 *                positive (strong dependence with strong skew: the expansion has no meaning there)
 * @see Mertens (2002); López de Prado, Lipton & Zoonekynd (2025), SSRN 5520741
 */
export function sharpeVariance(sr: number, g3: number, g4: number, rho = 0): number {
  requireThat(
    Number.isFinite(sr) && Number.isFinite(g3) && g4 >= (1 + g3 * g3) * (1 - 1e-9),
    `Sharpe ${sr}, skewness ${g3} and kurtosis ${g4} cannot belong to one distribution.`,
  )
  requireThat(Math.abs(rho) < 1, `A lag-1 autocorrelation of ${rho} was given.`)
  const a = (1 + rho) / (1 - rho)
  const b = 1 + rho / (1 - rho) + rho ** 2 / (1 - rho ** 2)
  const c = (1 + rho ** 2) / (1 - rho ** 2)
  const variance = a - b * g3 * sr + ((c * (g4 - 1)) / 4) * sr * sr
  requireThat(variance > 0, `The variance of a Sharpe of ${sr} came out as ${variance}.`, 'data')
  return variance
}

/** Mertens standard error; `ddof` 0 divides by T, 1 by T − 1 (Bailey & López de Prado). */
export const sharpeErrorMertens = (sr: number, g3: number, g4: number, T: number, ddof: 0 | 1 = 0): number =>
  Math.sqrt(sharpeVariance(sr, g3, g4) / (T - ddof))

/**
 * Standard error of SR under any weak dependence: Newey-West on the influence function of mean / sd.
 *
 * @param r       shape [T], T >= 3
 * @param lag     Bartlett lag
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.no_variance`
 * @see Lo (2002), GMM case; Ledoit & Wolf (2008)
 */
export function sharpeErrorHac(r: Series, lag: number): number {
  requireSeries(r, 3)
  const d = deviations(r)
  const variance = sum(d.map((x) => x * x)) / r.length
  requireVariance(variance)
  const s = Math.sqrt(variance)
  const sr = mean(r) / s
  const influence = d.map((x) => x / s - (sr / 2) * ((x * x) / variance - 1))
  return Math.sqrt(neweyWestVariance(influence, lag) / r.length)
}

/**
 * η(q) with SR(q) = η(q) · SR: time aggregation of a Sharpe ratio over q periods.
 *
 * @param rhos    shape [q − 1], element k − 1 is ρ_k
 * @throws Fault  `gauntlet.out_of_range` when the aggregated variance is not positive (strongly negative ρ)
 * @see Lo (2002)
 */
export function timeAggregation(rhos: Series, q: number): number {
  requireThat(rhos.length >= q - 1, `Aggregating ${q} periods needs ${q - 1} autocorrelations.`)
  let weighted = 0
  for (let k = 1; k < q; k++) weighted += (q - k) * rhos[k - 1]!
  requireThat(q + 2 * weighted > 0, `The variance of a sum of ${q} periods is not positive.`, 'data')
  return q / Math.sqrt(q + 2 * weighted)
}

/** η(q) when returns follow an AR(1). @throws Fault `gauntlet.out_of_range` */
export function timeAggregationAr1(rho: number, q: number): number {
  requireThat(Math.abs(rho) < 1 && q >= 1, `Aggregating ${q} periods at rho ${rho} was asked for.`)
  const bracket = 1 + ((2 * rho) / (1 - rho)) * (1 - (1 - rho ** q) / (q * (1 - rho)))
  requireThat(bracket > 0, `The variance of a sum of ${q} periods at rho ${rho} is not positive.`, 'data')
  return Math.sqrt(q / bracket)
}
