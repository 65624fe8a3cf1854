import type {Kernel, Operator} from './operator.ts'

const FRESH = 64
const DIGITS = 1e-4

/** Centred sums of a window of pairs -> the statistic; `flatX`, `flatY`: all values of that side are the same. */
type Finish = (n: number, sxy: number, sxx: number, syy: number, flatX: boolean, flatY: boolean) => number

/** Rolling co-moments in O(T): sums over (x − anchor)(y − anchor), anchored as in window-moments. */
const pairs =
  (finish: Finish): Kernel =>
  ([a, b], [size], out, {assetCount, barCount}) => {
    const [x, y] = [a!.values, b!.values]
    const n = size!
    const period = Math.max(n, FRESH)
    // sums of dx, dy, dx·dx, dy·dy, dx·dy and what rounding lost of each
    const sum = new Float64Array(5)
    const lost = new Float64Array(5)
    const add = (k: number, p: number): void => {
      const s = sum[k]! + p
      const c = s - sum[k]!
      lost[k] = lost[k]! + (sum[k]! - (s - c)) + (p - c)
      sum[k] = s
    }
    let [ax, ay] = [0, 0]
    const include = (i: number, weight: 1 | -1): void => {
      const [dx, dy] = [x[i]! - ax, y[i]! - ay]
      add(0, weight * dx)
      add(1, weight * dy)
      add(2, weight * dx * dx)
      add(3, weight * dy * dy)
      add(4, weight * dx * dy)
    }
    const anchorAt = (end: number): void => {
      ax = ay = 0
      for (let k = end - n + 1; k <= end; k++) {
        ax += x[k]!
        ay += y[k]!
      }
      ax /= n
      ay /= n
      sum.fill(0)
      lost.fill(0)
      for (let k = end - n + 1; k <= end; k++) include(k, 1)
    }
    const total = (k: number): number => sum[k]! + lost[k]!
    const centred = (k: number, i: number, j: number): number => total(k) - (total(i) * total(j)) / n

    for (let asset = 0; asset < assetCount; asset++) {
      let [run, left, sameX, sameY] = [0, 0, 0, 0]
      for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
        const [u, v] = [x[i]!, y[i]!]
        out[i] = Number.NaN
        if (u - u !== 0 || v - v !== 0) {
          run = sameX = sameY = 0
          continue
        }
        sameX = run > 0 && x[i - 1] === u ? sameX + 1 : 1
        sameY = run > 0 && y[i - 1] === v ? sameY + 1 : 1
        if (++run < n) continue
        if (run === n || --left === 0) {
          anchorAt(i)
          left = period
        } else {
          include(i, 1)
          include(i - n, -1)
          const drifted = centred(2, 0, 0) < DIGITS * total(2) || centred(3, 1, 1) < DIGITS * total(3)
          if (drifted) {
            anchorAt(i)
            left = period
          }
        }
        const value = finish(n, centred(4, 0, 1), centred(2, 0, 0), centred(3, 1, 1), sameX >= n, sameY >= n)
        out[i] = value - value === 0 ? value : Number.NaN
      }
    }
  }

const covariance: Finish = (n, sxy, _, __, flatX, flatY) => (flatX || flatY ? 0 : sxy / (n - 1))
const correlation: Finish = (_, sxy, sxx, syy, flatX, flatY) => {
  if (flatX || flatY) return Number.NaN
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)))
}
const slopeOnSecond: Finish = (_, sxy, __, syy, ___, flatY) => (flatY ? Number.NaN : sxy / syy)

const time = (summary: string, run: Kernel): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'series', 'window'],
  least: 2,
  memory: ([n]) => n! - 1,
  run,
})

export const WINDOW_PAIRS = {
  ts_corr: time('correlation of two series over the last n bars', pairs(correlation)),
  ts_cov: time('covariance of two series over the last n bars (n − 1)', pairs(covariance)),
  ts_beta: time('slope of the first series on the second over the last n bars', pairs(slopeOnSecond)),
} satisfies Record<string, Operator>
