import type {Frame} from '../frame.ts'
import {finite, isWindow, placeOf} from './block.ts'
import {type Kernel, type Operator, windowOperator} from './operator.ts'

/** Mean and centred sums, not means, of the window that ends at each bar of one asset; m2 is NaN where `out` is final. */
interface Sums {
  readonly mean: Float64Array
  readonly m2: Float64Array
  readonly m3: Float64Array
  readonly m4: Float64Array
}

/** Makes the statistic of every bar at once, from `start` in x and `out` on, as in window-pairs. */
type Finish = (n: number, sums: Sums, x: Float64Array, out: Float64Array, start: number) => void

interface Statistic {
  readonly finish: Finish
  /** the value on a window whose values are all the same */
  readonly flat: number
  /** m2 below this share of its raw sum has lost too many digits: the window is summed afresh */
  readonly digits: number
}

/**
 * Rolling central moments in O(T) without ever subtracting what left the window and without looking at anything outside
 * it: blocks of n, as in window-pairs.
 *
 * A window whose values are all the same is found exactly by counting repeats, never by a small variance.
 *
 * @param order  2 or 4, the highest moment needed
 */
const moments =
  (order: 2 | 4, statistic: Statistic): Kernel =>
  ([a], [size], out, frame) => {
    const room = [0, 1, 2, 3].map(() => new Float64Array(size!)) as unknown as Room
    const column = (): Float64Array => new Float64Array(frame.barCount)
    const sums = {mean: column(), m2: column(), m3: column(), m4: column()}
    const slide = order === 2 ? slideTwo : slideFour
    for (let asset = 0; asset < frame.assetCount; asset++) {
      slide(a!.values, size!, out, frame, asset, statistic, room, sums)
      statistic.finish(size!, sums, a!.values, out, asset * frame.barCount)
    }
  }

type Room = readonly [Float64Array, Float64Array, Float64Array, Float64Array]

function slideTwo(
  x: Float64Array,
  n: number,
  out: Float64Array,
  frame: Frame,
  asset: number,
  {flat, digits}: Statistic,
  [back1, back2]: Room,
  sums: Sums,
): void {
  const start = asset * frame.barCount
  const end = start + frame.barCount
  let place = placeOf(frame, n)
  let [run, same, anchor, f1, f2] = [0, 0, 0, 0, 0]
  for (let i = start; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
    const v = x[i]!
    sums.m2[i - start] = Number.NaN
    if (v - v !== 0) {
      run = 0
      out[i] = Number.NaN
      continue
    }
    same = run > 0 && x[i - 1] === v ? same + 1 : 1
    run++
    const oldest = place + 1 === n ? 0 : place + 1
    if (oldest === 0) {
      f1 = f2 = 0
      anchor = v
      const first = i - Math.min(run, n)
      let [s1, s2] = [0, 0]
      for (let k = i, p = n - 1; k > first; k--, p--) {
        const d = x[k]! - anchor
        s1 += d
        s2 += d * d
        back1[p] = s1
        back2[p] = s2
      }
    } else {
      const d = v - anchor
      f1 += d
      f2 += d * d
    }
    if (run < n) {
      out[i] = Number.NaN
      continue
    }
    if (same >= n) {
      out[i] = flat
      continue
    }
    const s1 = f1 + back1[oldest]!
    const s2 = f2 + back2[oldest]!
    const m2 = s2 - (s1 * s1) / n
    if (m2 >= digits * s2) {
      sums.mean[i - start] = anchor + s1 / n
      sums.m2[i - start] = m2
    } else afresh(x, i, n, sums, i - start)
  }
}

function slideFour(
  x: Float64Array,
  n: number,
  out: Float64Array,
  frame: Frame,
  asset: number,
  {flat, digits}: Statistic,
  [back1, back2, back3, back4]: Room,
  sums: Sums,
): void {
  const start = asset * frame.barCount
  const end = start + frame.barCount
  let place = placeOf(frame, n)
  let [run, same, anchor, f1, f2, f3, f4] = [0, 0, 0, 0, 0, 0, 0]
  for (let i = start; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
    const v = x[i]!
    sums.m2[i - start] = Number.NaN
    if (v - v !== 0) {
      run = 0
      out[i] = Number.NaN
      continue
    }
    same = run > 0 && x[i - 1] === v ? same + 1 : 1
    run++
    const oldest = place + 1 === n ? 0 : place + 1
    if (oldest === 0) {
      f1 = f2 = f3 = f4 = 0
      anchor = v
      const first = i - Math.min(run, n)
      let [s1, s2, s3, s4] = [0, 0, 0, 0]
      for (let k = i, p = n - 1; k > first; k--, p--) {
        const d = x[k]! - anchor
        const square = d * d
        s1 += d
        s2 += square
        s3 += square * d
        s4 += square * square
        back1[p] = s1
        back2[p] = s2
        back3[p] = s3
        back4[p] = s4
      }
    } else {
      const d = v - anchor
      const square = d * d
      f1 += d
      f2 += square
      f3 += square * d
      f4 += square * square
    }
    if (run < n) {
      out[i] = Number.NaN
      continue
    }
    if (same >= n) {
      out[i] = flat
      continue
    }
    const s1 = f1 + back1[oldest]!
    const s2 = f2 + back2[oldest]!
    const s3 = f3 + back3[oldest]!
    const s4 = f4 + back4[oldest]!
    const u = s1 / n
    const m2 = s2 - u * s1
    const m3 = s3 - 3 * u * s2 + 2 * n * u * u * u
    const m4 = s4 - 4 * u * s3 + 6 * u * u * s2 - 3 * n * u * u * u * u
    if (m2 >= digits * s2) {
      sums.mean[i - start] = anchor + u
      sums.m2[i - start] = m2
      sums.m3[i - start] = m3
      sums.m4[i - start] = m4
    } else afresh(x, i, n, sums, i - start)
  }
}

/** The window itself, in two passes. */
function afresh(x: Float64Array, last: number, n: number, sums: Sums, at: number): void {
  const first = last - n + 1
  let rough = 0
  for (let k = first; k <= last; k++) rough += x[k]! / n
  let [left, m2, m3, m4] = [0, 0, 0, 0]
  for (let k = first; k <= last; k++) left += x[k]! - rough
  const mean = rough + left / n
  for (let k = first; k <= last; k++) {
    const d = x[k]! - mean
    m2 += d * d
    m3 += d * d * d
    m4 += d * d * d * d
  }
  sums.mean[at] = mean
  sums.m2[at] = m2
  sums.m3[at] = m3
  sums.m4[at] = m4
}

const variance: Finish = (n, {m2}, _, out, start) => {
  for (let t = 0; t < m2.length; t++) if (isWindow(m2[t]!)) out[start + t] = finite(m2[t]! / (n - 1))
}
const deviation: Finish = (n, {m2}, _, out, start) => {
  for (let t = 0; t < m2.length; t++) if (isWindow(m2[t]!)) out[start + t] = finite(Math.sqrt(m2[t]! / (n - 1)))
}
const zscore: Finish = (n, {mean, m2}, x, out, start) => {
  for (let t = 0; t < m2.length; t++) {
    if (isWindow(m2[t]!)) out[start + t] = finite((x[start + t]! - mean[t]!) / Math.sqrt(m2[t]! / (n - 1)))
  }
}

/** Adjusted Fisher–Pearson skewness G1. @see Joanes & Gill (1998), The Statistician 47(1) */
const skew: Finish = (n, {m2, m3}, _, out, start) => {
  const adjusted = Math.sqrt(n * (n - 1)) / (n - 2)
  for (let t = 0; t < m2.length; t++) {
    if (!isWindow(m2[t]!)) continue
    const spread = m2[t]! / n
    out[start + t] = finite(adjusted * (m3[t]! / n / (spread * Math.sqrt(spread))))
  }
}

/** Adjusted excess kurtosis G2. @see Joanes & Gill (1998) */
const kurt: Finish = (n, {m2, m4}, _, out, start) => {
  for (let t = 0; t < m2.length; t++) {
    if (!isWindow(m2[t]!)) continue
    const spread = m2[t]! / n
    const excess = (m4[t]! / n / (spread * spread) - 3) * (n + 1) + 6
    out[start + t] = finite(((n - 1) / ((n - 2) * (n - 3))) * excess)
  }
}

const TWO = 1e-4
/** An anchor ten deviations off, a spike at the end of a block, would cost the fourth moment eight digits. */
const FOUR = 1e-2

export const WINDOW_MOMENTS = {
  ts_std: windowOperator(
    'standard deviation of the last n bars (n − 1)',
    moments(2, {finish: deviation, flat: 0, digits: TWO}),
    2,
  ),
  ts_var: windowOperator(
    'variance of the last n bars (n − 1)',
    moments(2, {finish: variance, flat: 0, digits: TWO}),
    2,
  ),
  ts_zscore: windowOperator(
    '(x − mean) over deviation of the last n bars',
    moments(2, {finish: zscore, flat: Number.NaN, digits: TWO}),
    2,
  ),
  ts_skew: windowOperator(
    'adjusted skewness of the last n bars',
    moments(4, {finish: skew, flat: Number.NaN, digits: FOUR}),
    3,
  ),
  ts_kurt: windowOperator(
    'adjusted excess kurtosis of the last n bars',
    moments(4, {finish: kurt, flat: Number.NaN, digits: FOUR}),
    4,
  ),
} satisfies Record<string, Operator>
