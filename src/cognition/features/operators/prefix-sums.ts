import type {Frame} from '../frame.ts'

/**
 * Running sums of a column, exact: the sum of a window of any length is the difference of two of them, so a sweep over
 * windows adds up a column once.
 */
export interface PrefixSums {
  /** of the values of asset a before bar t: elements 2 · (a · (T + 1) + t), and what is too small for that in the next one */
  readonly sums: Float64Array
  /** element k · N + a: the first bar from which on asset a has values up to the k-th bar asked for */
  readonly since: Int32Array
  /** shape [N], 1 where the sums are exact */
  readonly isExact: Uint8Array
}

/**
 * Every value and every rounding error is a whole number of the last digit of the smallest value. Errors add up exactly as
 * long as that many fit in a double: with errors of at most 2⁻⁵³ of the largest sum, T of them, while the largest sum is at
 * most 2⁵³ / T times the smallest value. Two bits more are for the difference of two sums.
 */
const mostOver = (T: number): number => 2 ** 51 / Math.max(T, 1024)

/**
 * @param x     shape [N × T], asset after asset
 * @param bars  those that are asked for, ascending
 * @param sums  memory for the result, 2 · N · (T + 1) numbers
 * @see Knuth TAOCP 2, 4.2.2 (two-sum); Ogita, Rump & Oishi (2005), Accurate sum and dot product
 */
export function prefixSums(
  x: Float64Array,
  {assetCount: N, barCount: T}: Pick<Frame, 'assetCount' | 'barCount'>,
  bars: Int32Array,
  sums: Float64Array,
): PrefixSums {
  const since = new Int32Array(bars.length * N)
  const isExact = new Uint8Array(N)
  for (let a = 0; a < N; a++) {
    let high = 0
    let low = 0
    let most = 0
    let least = Number.POSITIVE_INFINITY
    let first = 0
    let k = 0
    let to = 2 * a * (T + 1)
    sums[to] = 0
    sums[to + 1] = 0
    for (let t = 0, i = a * T; t < T; t++, i++) {
      const v = x[i]!
      if (v - v === 0) {
        const s = high + v
        const b = s - high
        low += high - (s - b) + (v - b)
        high = s
        const size = Math.abs(v)
        if (size < least && size > 0) least = size
        most = Math.max(most, Math.abs(s))
      } else first = t + 1
      to += 2
      sums[to] = high
      sums[to + 1] = low
      if (bars[k] === t) since[k++ * N + a] = first
    }
    isExact[a] = most <= mostOver(T) * least ? 1 : 0
  }
  return {sums, since, isExact}
}

/**
 * Sum of the last n values over `divisor`, for the assets whose sums are exact: the bits of the window alone. NaN where
 * the window has a hole.
 *
 * @param out  element k · N + a
 */
export function windowsOf(
  {sums, since, isExact}: PrefixSums,
  {assetCount: N, barCount: T}: Pick<Frame, 'assetCount' | 'barCount'>,
  n: number,
  divisor: number,
  bars: Int32Array,
  out: Float64Array,
): void {
  for (let a = 0; a < N; a++) {
    if (isExact[a] === 0) continue
    for (let k = 0, to = a; k < bars.length; k++, to += N) {
      const begin = bars[k]! + 1 - n
      if (begin < since[to]!) {
        out[to] = Number.NaN
        continue
      }
      const from = 2 * (a * (T + 1) + begin)
      const upTo = from + 2 * n
      const high = sums[upTo]!
      const less = -sums[from]!
      const s = high + less
      const b = s - high
      const rest = high - (s - b) + (less - b) + (sums[upTo + 1]! - sums[from + 1]!)
      out[to] = (s + rest) / divisor
    }
  }
}
