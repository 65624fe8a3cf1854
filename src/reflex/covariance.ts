/**
 * Correlation of daily returns, shrunk towards no correlation by as much as the sample is uncertain.
 *
 * Pairs are taken on days when both have a return; a pair with fewer than `minDays` such days counts as fully
 * correlated, because diversification that was never observed must not make a book larger.
 *
 * @param returns  shape [K][D], fraction per day, NaN = none
 * @returns        shape [K][K], ones on the diagonal
 * @see Schäfer & Strimmer (2005), A Shrinkage Approach to Large-Scale Covariance Matrix Estimation, §2.4 (target D)
 */
export function shrunkCorrelation(returns: readonly Float64Array[], minDays: number): number[][] {
  const pairs = returns.map((x) => returns.map((y) => pairStatistics(x, y)))
  let noise = 0
  let signal = 0
  for (const [i, row] of pairs.entries())
    for (const [j, {r, varR, days}] of row.entries())
      if (i !== j && days >= minDays) {
        noise += varR
        signal += r * r
      }
  const keep = signal > 0 ? 1 - Math.min(1, noise / signal) : 0
  return pairs.map((row, i) =>
    row.map(({r, days}, j) => (i === j || days < minDays || !Number.isFinite(r) ? 1 : keep * r)),
  )
}

/** Annual volatility of daily returns (crypto trades every day); NaN with fewer than `minDays`. */
export function annualVol(returns: Float64Array, minDays: number): number {
  const known = returns.filter(Number.isFinite)
  if (known.length < Math.max(2, minDays)) return Number.NaN
  const mean = known.reduce((sum, x) => sum + x, 0) / known.length
  const variance = known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (known.length - 1)
  return Math.sqrt(variance * 365)
}

/** Pearson r of the days both know, and the variance of that estimate from the same days. */
function pairStatistics(x: Float64Array, y: Float64Array): {r: number; varR: number; days: number} {
  const days: [number, number][] = []
  for (let t = 0; t < Math.min(x.length, y.length); t++)
    if (Number.isFinite(x[t]) && Number.isFinite(y[t])) days.push([x[t]!, y[t]!])
  const n = days.length
  if (n < 3) return {r: Number.NaN, varR: 0, days: n}
  const scaled = (k: 0 | 1): number[] => {
    const mean = days.reduce((sum, day) => sum + day[k], 0) / n
    const sd = Math.sqrt(days.reduce((sum, day) => sum + (day[k] - mean) ** 2, 0) / (n - 1))
    return days.map((day) => (day[k] - mean) / sd)
  }
  const [u, v] = [scaled(0), scaled(1)]
  const w = u.map((value, t) => value * v[t]!)
  const mean = w.reduce((sum, value) => sum + value, 0) / n
  const varR = (n / (n - 1) ** 3) * w.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {r: (n / (n - 1)) * mean, varR, days: n}
}

/**
 * Per-bar returns to daily ones on a calendar that hypotheses of different bars share.
 *
 * A bar counts to the UTC day in which it closes; within a day returns compound.
 *
 * @param ts    shape [T], open time of each bar, epoch ms
 * @param net   shape [T], simple return from close to close
 * @param end   epoch ms; the last of the `days` days ends here or later
 * @returns     shape [days], oldest first, NaN where no bar closed
 */
export function toDaily(
  ts: ArrayLike<number>,
  barMs: number,
  net: ArrayLike<number>,
  end: number,
  days: number,
): Float64Array {
  const dayMs = 86_400_000
  const first = Math.ceil(end / dayMs) - days
  const growth = new Float64Array(days).fill(Number.NaN)
  for (let t = 0; t < ts.length; t++) {
    // The bar that closes at midnight belongs to the day that ends then.
    const day = Math.ceil((ts[t]! + barMs) / dayMs) - 1 - first
    if (day < 0 || day >= days || !Number.isFinite(net[t])) continue
    growth[day] = (Number.isNaN(growth[day]) ? 1 : growth[day]!) * (1 + net[t]!)
  }
  return growth.map((value) => value - 1)
}
