import {averageRanks, correlationOf} from './cross-rank.ts'
import {bucketOf} from './information-coefficient.ts'

/** Where each asset stands among the universe of a bar. */
export interface Standings {
  /** shape [asset][bar], average rank; NaN without a value */
  readonly ranks: readonly Float64Array[]
  /** shape [asset][bar], bucket; −1 without one */
  readonly buckets: readonly Int8Array[]
}

export interface Stability {
  /** share of the highest bucket that was not in it `lag` bars earlier; NaN: never comparable */
  readonly top: number
  readonly bottom: number
  /** mean over bars of the rank correlation with the values `lag` bars earlier */
  readonly autocorrelation: number
}

/** Ranks and buckets of every bar, once per feature. */
export function standingsOf(
  values: readonly Float64Array[],
  universe: readonly Uint8Array[],
  least: number,
  k: number,
): Standings {
  const [N, T] = [values.length, values[0]?.length ?? 0]
  const [x, rank, sorted] = [new Float64Array(N), new Float64Array(N), new Float64Array(N)]
  const member = new Int32Array(N)
  const ranks = values.map(() => new Float64Array(T).fill(Number.NaN))
  const buckets = values.map(() => new Int8Array(T).fill(-1))
  for (let t = 0; t < T; t++) {
    let n = 0
    for (let a = 0; a < N; a++) {
      const v = values[a]![t]!
      if (universe[a]![t] !== 1 || v - v !== 0) continue
      x[n] = v
      member[n++] = a
    }
    if (n < least) continue
    averageRanks(x, n, sorted, rank)
    for (let i = 0; i < n; i++) {
      ranks[member[i]!]![t] = rank[i]!
      if (n >= k) buckets[member[i]!]![t] = bucketOf(rank[i]!, n, k)
    }
  }
  return {ranks, buckets}
}

/** How much of the order is still there after `lag` bars. */
export function rankStability({ranks, buckets}: Standings, lag: number, k: number, least: number): Stability {
  const [N, T] = [ranks.length, ranks[0]?.length ?? 0]
  const [now, then] = [new Float64Array(N), new Float64Array(N)]
  let [sum, count] = [0, 0]
  const ranked = Uint8Array.from({length: T}, (_, t) => (buckets.some((row) => row[t] !== -1) ? 1 : 0))
  const changed = (b: number): number => {
    let [fresh, all] = [0, 0]
    for (let t = lag; t < T; t++) {
      if (ranked[t - lag] === 0) continue
      for (let a = 0; a < N; a++) {
        if (buckets[a]![t] !== b) continue
        all++
        if (buckets[a]![t - lag] !== b) fresh++
      }
    }
    return all === 0 ? Number.NaN : fresh / all
  }
  for (let t = lag; t < T; t++) {
    let n = 0
    for (let a = 0; a < N; a++) {
      const [p, q] = [ranks[a]![t]!, ranks[a]![t - lag]!]
      if (p - p !== 0 || q - q !== 0) continue
      now[n] = p
      then[n++] = q
    }
    if (n < least) continue
    const r = correlationOf(now, then, n)
    if (Number.isNaN(r)) continue
    sum += r
    count++
  }
  return {top: changed(k - 1), bottom: changed(0), autocorrelation: count === 0 ? Number.NaN : sum / count}
}
