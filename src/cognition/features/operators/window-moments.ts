import type {Kernel, Operator} from './operator.ts'

const FRESH = 64

/** What is made of the centred sums of a window: m2, m3, m4 are sums, not means; `last` is the newest value. */
type Finish = (n: number, mean: number, m2: number, m3: number, m4: number, last: number) => number

/**
 * Rolling central moments in O(T), from power sums of x − anchor.
 *
 * The anchor is the window mean, taken afresh every max(n, 64) bars, and at once when cancellation would cost more
 * than `digits` of accuracy: the mean has moved far from the anchor, or a spike has left. Sums are compensated.
 * A window whose values are all the same is found exactly by counting repeats, never by a small variance.
 *
 * @param order     2 or 4, the highest moment needed
 * @param digits    m2 below this share of its raw sum takes a fresh anchor
 * @param constant  the value on a constant window
 */
const moments =
  (order: 2 | 4, digits: number, constant: number, finish: Finish): Kernel =>
  ([a], [size], out, {assetCount, barCount}) => {
    const x = a!.values
    const n = size!
    const period = Math.max(n, FRESH)
    const sum = new Float64Array(4)
    const lost = new Float64Array(4)
    const include = (d: number, weight: 1 | -1): void => {
      for (let k = 0, p = weight * d; k < order; k++, p *= d) {
        const s = sum[k]! + p
        const b = s - sum[k]!
        lost[k] = lost[k]! + (sum[k]! - (s - b)) + (p - b)
        sum[k] = s
      }
    }
    const anchorAt = (end: number): number => {
      let total = 0
      for (let k = end - n + 1; k <= end; k++) total += x[k]!
      const anchor = total / n
      sum.fill(0)
      lost.fill(0)
      for (let k = end - n + 1; k <= end; k++) include(x[k]! - anchor, 1)
      return anchor
    }
    for (let asset = 0; asset < assetCount; asset++) {
      let [run, same, left, anchor] = [0, 0, 0, 0]
      for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
        const v = x[i]!
        out[i] = Number.NaN
        if (v - v !== 0) {
          run = same = 0
          continue
        }
        same = run > 0 && x[i - 1] === v ? same + 1 : 1
        if (++run < n) continue
        if (run === n || --left === 0) {
          anchor = anchorAt(i)
          left = period
        } else {
          include(v - anchor, 1)
          include(x[i - n]! - anchor, -1)
        }
        if (same >= n) {
          out[i] = constant
          continue
        }
        let [s1, s2] = [sum[0]! + lost[0]!, sum[1]! + lost[1]!]
        if (s2 - (s1 * s1) / n < digits * s2) {
          anchor = anchorAt(i)
          left = period
          ;[s1, s2] = [sum[0]! + lost[0]!, sum[1]! + lost[1]!]
        }
        const u = s1 / n
        const [s3, s4] = [sum[2]! + lost[2]!, sum[3]! + lost[3]!]
        const m3 = s3 - 3 * u * s2 + 2 * n * u ** 3
        const m4 = s4 - 4 * u * s3 + 6 * u * u * s2 - 3 * n * u ** 4
        const value = finish(n, anchor + u, s2 - u * s1, m3, m4, v)
        out[i] = value - value === 0 ? value : Number.NaN
      }
    }
  }

const variance: Finish = (n, _, m2) => m2 / (n - 1)
const deviation: Finish = (n, _, m2) => Math.sqrt(m2 / (n - 1))
const zscore: Finish = (n, mean, m2, _, __, last) => (last - mean) / Math.sqrt(m2 / (n - 1))

/** Adjusted Fisher–Pearson skewness G1. @see Joanes & Gill (1998), The Statistician 47(1) */
const skew: Finish = (n, _, m2, m3) => (Math.sqrt(n * (n - 1)) / (n - 2)) * (m3 / n / (m2 / n) ** 1.5)

/** Adjusted excess kurtosis G2. @see Joanes & Gill (1998) */
const kurt: Finish = (n, _, m2, __, m4) => {
  const excess = (m4 / n / (m2 / n) ** 2 - 3) * (n + 1) + 6
  return ((n - 1) / ((n - 2) * (n - 3))) * excess
}

const time = (summary: string, least: number, run: Kernel): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'window'],
  least,
  memory: ([n]) => n! - 1,
  run,
})

export const WINDOW_MOMENTS = {
  ts_std: time('standard deviation of the last n bars (n − 1)', 2, moments(2, 1e-4, 0, deviation)),
  ts_var: time('variance of the last n bars (n − 1)', 2, moments(2, 1e-4, 0, variance)),
  ts_zscore: time('(x − mean) over deviation of the last n bars', 2, moments(2, 1e-4, Number.NaN, zscore)),
  ts_skew: time('adjusted skewness of the last n bars', 3, moments(4, 1e-1, Number.NaN, skew)),
  ts_kurt: time('adjusted excess kurtosis of the last n bars', 4, moments(4, 1e-1, Number.NaN, kurt)),
} satisfies Record<string, Operator>
