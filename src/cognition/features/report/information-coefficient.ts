import {averageRanks, correlationOf} from './cross-rank.ts'

/** Coefficients by bar, shape [bar] each; NaN where fewer than `least` assets have both a value and a return. */
export interface InformationCoefficients {
  readonly pearson: Float64Array
  readonly rank: Float64Array
  /** shape [bucket][bar]: mean return of the bucket above the mean of the bar */
  readonly buckets: readonly Float64Array[]
}

export interface CrossSections {
  /** shape [asset][bar] */
  readonly values: readonly Float64Array[]
  /** shape [asset][bar], forward returns */
  readonly returns: readonly Float64Array[]
  /** shape [asset][bar], 1 where a decision may hold the asset */
  readonly universe: readonly Uint8Array[]
  /** assets a bar needs to count, >= 3 */
  readonly least: number
  readonly buckets: number
}

/**
 * Correlation of values with later returns across the universe, bar by bar: plain, and on ranks.
 *
 * Bars with fewer than `least` assets have none, and bars on which all values are the same have none either. Buckets go
 * by average rank, so equal values share one; they need at least as many assets as there are buckets.
 *
 * @see Grinold & Kahn (2000), Active Portfolio Management, ch. 6; alphalens (tables of the same names)
 */
export function informationCoefficients({
  values,
  returns,
  universe,
  least,
  buckets: k,
}: CrossSections): InformationCoefficients {
  const [N, T] = [values.length, values[0]?.length ?? 0]
  const [x, y, rx, ry, sorted] = Array.from({length: 5}, () => new Float64Array(N)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const nothing = (): Float64Array => new Float64Array(T).fill(Number.NaN)
  const [pearson, rank] = [nothing(), nothing()]
  const buckets = Array.from({length: k}, nothing)
  const [sums, counts] = [new Float64Array(k), new Int32Array(k)]
  for (let t = 0; t < T; t++) {
    let n = 0
    let total = 0
    for (let a = 0; a < N; a++) {
      const [v, r] = [values[a]![t]!, returns[a]![t]!]
      if (universe[a]![t] !== 1 || v - v !== 0 || r - r !== 0) continue
      x[n] = v
      y[n++] = r
      total += r
    }
    if (n < least) continue
    averageRanks(x, n, sorted, rx)
    averageRanks(y, n, sorted, ry)
    pearson[t] = correlationOf(x, y, n)
    rank[t] = correlationOf(rx, ry, n)
    if (n < k || Number.isNaN(rank[t]!)) continue
    sums.fill(0)
    counts.fill(0)
    for (let i = 0; i < n; i++) {
      const b = bucketOf(rx[i]!, n, k)
      sums[b]! += y[i]!
      counts[b]!++
    }
    for (let b = 0; b < k; b++) if (counts[b]! > 0) buckets[b]![t] = sums[b]! / counts[b]! - total / n
  }
  return {pearson, rank, buckets}
}

/** Bucket 0 … k − 1 of an average rank among n, as `cs_quantile` has it. */
export const bucketOf = (rank: number, n: number, k: number): number =>
  Math.min(k - 1, Math.floor(((rank - 0.5) / n) * k))
