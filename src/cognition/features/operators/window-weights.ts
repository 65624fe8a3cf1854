import type {Frame} from '../frame.ts'
import {placeOf} from './block.ts'
import {type Kernel, type Operator, windowOperator} from './operator.ts'

/** Σ y and Σ k·y (k = 0 oldest … n − 1 newest) over y = x − anchor -> the statistic. */
type Finish = (n: number, anchor: number, plain: number, ramp: number) => number

/**
 * Rolling ramps in O(T) without ever subtracting what left the window and without looking at anything outside it: blocks
 * of n, as in window-pairs.
 *
 * From the end of a block backward, one step more puts every weight up by one: it adds the plain sum of what is there.
 * Forward, the bars of the running block have the weights of their places and what the older part of the window puts
 * before them.
 */
const weighted =
  (finish: Finish): Kernel =>
  ([a], [size], out, frame) => {
    const [plain, ramp] = [new Float64Array(size!), new Float64Array(size!)]
    for (let asset = 0; asset < frame.assetCount; asset++) {
      slide(a!.values, size!, out, frame, asset, finish, plain, ramp)
    }
  }

function slide(
  x: Float64Array,
  n: number,
  out: Float64Array,
  frame: Frame,
  asset: number,
  finish: Finish,
  backPlain: Float64Array,
  backRamp: Float64Array,
): void {
  const start = asset * frame.barCount
  const end = start + frame.barCount
  let place = placeOf(frame, n)
  // Σ y and Σ q·y over the places q of the running block.
  let [run, anchor, plain, placed] = [0, 0, 0, 0]
  for (let i = start; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
    const v = x[i]!
    if (v - v !== 0) {
      run = 0
      out[i] = Number.NaN
      continue
    }
    run++
    const oldest = place + 1 === n ? 0 : place + 1
    if (oldest === 0) {
      plain = placed = 0
      anchor = v
      const first = i - Math.min(run, n)
      let [sum, ramp] = [0, 0]
      for (let k = i, p = n - 1; k > first; k--, p--) {
        ramp += sum
        sum += x[k]! - anchor
        backPlain[p] = sum
        backRamp[p] = ramp
      }
    } else {
      const y = v - anchor
      plain += y
      placed += place * y
    }
    if (run < n) {
      out[i] = Number.NaN
      continue
    }
    const ramp = backRamp[oldest]! + placed + (n - 1 - place) * plain
    const value = finish(n, anchor, backPlain[oldest]! + plain, ramp)
    out[i] = value - value === 0 ? value : Number.NaN
  }
}

/** Weights 1 … n, newest heaviest, over n(n + 1)/2; the anchor comes back whole because the weights sum to one. */
const linearDecay: Kernel = weighted((n, anchor, plain, ramp) => anchor + (ramp + plain) / ((n * (n + 1)) / 2))

/** Least squares on 0 … n − 1; a shift of the anchor does not tilt it. */
const slope: Kernel = weighted((n, _, plain, ramp) => (ramp - ((n - 1) / 2) * plain) / ((n * (n * n - 1)) / 12))

export const WINDOW_WEIGHTS = {
  decay_linear: windowOperator('mean of the last n bars with weights 1 … n, newest heaviest', linearDecay),
  wma: windowOperator('weighted moving average: decay_linear by its other name', linearDecay),
  ts_slope: windowOperator('least-squares slope of the last n bars, per bar', slope, 2),
} satisfies Record<string, Operator>
