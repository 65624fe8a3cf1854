import {cosineTest} from '../../statistics/cosine-test.ts'
import {hacT} from '../../statistics/newey-west.ts'
import {mean, sum} from '../../statistics/series.ts'

/** A mean over bars and how sure it is; null where there is too little, or nothing varies. */
export interface Coefficient {
  readonly mean: number | null
  readonly sd: number | null
  readonly t: number | null
  /** two-sided, of a mean of zero; null with fewer than `LEAST_WINDOWS` windows too: they prove nothing */
  readonly p: number | null
  /** half width of the 95 % interval of the mean that belongs to p */
  readonly margin: number | null
}

/** Forward returns that must fit one after the other before a mean of them is called anything. */
export const LEAST_WINDOWS = 4

/** Fewer cross-sections than this say nothing about a mean. */
const LEAST_BARS = 20

export const finite = (series: Float64Array): Float64Array => series.filter((v) => v - v === 0)

/**
 * Mean of a series of coefficients, its spread, the Newey-West t of the mean, and what that t is worth.
 *
 * Forward returns over h bars overlap, so neighbours share h − 1 bars of return: the lag is at least h − 1. Bars without
 * a coefficient are left out and their neighbours count as neighbours. The t is for comparison with other reports; on
 * overlapping windows the normal is not its distribution, so p and margin come from `cosineTest`.
 *
 * @see Newey & West (1987); Hansen & Hodrick (1980), for overlapping forecasts
 */
export function coefficientOf(series: Float64Array, horizon: number): Coefficient {
  const x = finite(series)
  const n = x.length
  if (n < LEAST_BARS) return {mean: null, sd: null, t: null, p: null, margin: null}
  const m = mean(x)
  const squares = sum(x.map((v) => (v - m) ** 2))
  const sd = Math.sqrt(squares / (n - 1))
  // A series that does not vary has no t; what rounding leaves of it is not variance.
  const varies = sd > 1e-12 * Math.max(1e-12, Math.abs(m))
  const {p, margin} = varies && n >= LEAST_WINDOWS * horizon ? cosineTest(x, horizon) : {p: null, margin: null}
  return {mean: m, sd, t: varies ? hacT(x, horizon).t : null, p, margin}
}

/** Smallest mean of the series over any window of `window` bars with values on at least half of them; null: too short. */
export function worstStretch(series: Float64Array, window: number): number | null {
  if (series.length < window) return null
  let [total, lost, count, worst] = [0, 0, 0, Number.POSITIVE_INFINITY]
  const add = (v: number): void => {
    const next = total + v
    lost += Math.abs(total) >= Math.abs(v) ? total - next + v : v - next + total
    total = next
  }
  for (let t = 0; t < series.length; t++) {
    const v = series[t]!
    if (v - v === 0) {
      add(v)
      count++
    }
    const old = t >= window ? series[t - window]! : Number.NaN
    if (old - old === 0) {
      add(-old)
      count--
    }
    if (t >= window - 1 && count * 2 >= window) worst = Math.min(worst, (total + lost) / count)
  }
  return Number.isFinite(worst) ? worst : null
}
