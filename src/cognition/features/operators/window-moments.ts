import type {Frame} from '../frame.ts'
import {placeOf} from './block.ts'
import {type Kernel, type Operator, windowOperator} from './operator.ts'

/** What is made of the centred sums of a window: m2, m3, m4 are sums, not means; `last` is the newest value. */
type Finish = (n: number, mean: number, m2: number, m3: number, m4: number, last: number) => number

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
    const slide = order === 2 ? slideTwo : slideFour
    for (let asset = 0; asset < frame.assetCount; asset++) slide(a!.values, size!, out, frame, asset, statistic, room)
  }

type Room = readonly [Float64Array, Float64Array, Float64Array, Float64Array]

function slideTwo(
  x: Float64Array,
  n: number,
  out: Float64Array,
  frame: Frame,
  asset: number,
  {finish, flat, digits}: Statistic,
  [back1, back2]: Room,
): void {
  const start = asset * frame.barCount
  const end = start + frame.barCount
  let place = placeOf(frame, n)
  let [run, same, anchor, f1, f2] = [0, 0, 0, 0, 0]
  for (let i = start; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
    const v = x[i]!
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
    const value = m2 >= digits * s2 ? finish(n, anchor + s1 / n, m2, 0, 0, v) : afresh(x, i, n, finish)
    out[i] = value - value === 0 ? value : Number.NaN
  }
}

function slideFour(
  x: Float64Array,
  n: number,
  out: Float64Array,
  frame: Frame,
  asset: number,
  {finish, flat, digits}: Statistic,
  [back1, back2, back3, back4]: Room,
): void {
  const start = asset * frame.barCount
  const end = start + frame.barCount
  let place = placeOf(frame, n)
  let [run, same, anchor, f1, f2, f3, f4] = [0, 0, 0, 0, 0, 0, 0]
  for (let i = start; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
    const v = x[i]!
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
    const value = m2 >= digits * s2 ? finish(n, anchor + u, m2, m3, m4, v) : afresh(x, i, n, finish)
    out[i] = value - value === 0 ? value : Number.NaN
  }
}

/** The window itself, in two passes. */
function afresh(x: Float64Array, last: number, n: number, finish: Finish): number {
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
  return finish(n, mean, m2, m3, m4, x[last]!)
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
