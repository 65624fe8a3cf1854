/** An edge A · 2^(−t / days) fitted to daily coefficients, with a 90 % interval. */
export interface HalfLife {
  /** Infinity: no decay fits better */
  readonly days: number
  readonly low: number
  readonly high: number
}

const STEPS = 60
/** 90 % of chi-squared with one degree of freedom */
const DROP = 2.705543454095404

/**
 * Half-life of a series of daily information coefficients by least squares, its interval by the profile likelihood.
 *
 * For each half-life on a grid from 5 days to ten times the length, and none, the best amplitude is closed-form. The
 * interval is every half-life whose fit is not worse by more than what chance explains: on a year of noisy
 * coefficients it reaches from weeks to forever, which is what one year says.
 *
 * @param value shape [n], n >= 30; NaN results below that
 */
export function halfLife(value: Float64Array): HalfLife {
  const n = value.length
  if (n < 30) return {days: Number.NaN, low: Number.NaN, high: Number.NaN}
  const top = Math.log((10 * n) / 5)
  const grid = [
    ...Array.from({length: STEPS}, (_, k) => 5 * Math.exp((top * k) / (STEPS - 1))),
    Number.POSITIVE_INFINITY,
  ]
  const errors = grid.map((days) => {
    let [xy, xx, yy] = [0, 0, 0]
    for (let t = 0; t < n; t++) {
      const x = days === Number.POSITIVE_INFINITY ? 1 : 2 ** (-t / days)
      xy += x * value[t]!
      xx += x * x
      yy += value[t]! ** 2
    }
    // An amplitude below zero is no edge that decays.
    return yy - Math.max(0, xy) ** 2 / xx
  })
  const least = Math.min(...errors)
  const sigma = least / (n - 2)
  const inside = grid.filter((_, i) => errors[i]! - least <= DROP * sigma)
  return {days: grid[errors.indexOf(least)]!, low: Math.min(...inside), high: Math.max(...inside)}
}
