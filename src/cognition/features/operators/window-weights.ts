import type {Frame} from '../frame.ts'
import {finite, placeOf} from './block.ts'
import {type Kernel, type Operator, windowOperator} from './operator.ts'

/** Σ y and Σ k·y (k = 0 oldest … n − 1 newest) over y = x − anchor of the window that ends at each bar; else NaN. */
interface Sums {
  readonly anchor: Float64Array
  readonly plain: Float64Array
  readonly ramp: Float64Array
}

/** Makes the statistic of every bar of one asset at once, from `start` in `out` on, as in window-pairs. */
type Finish = (n: number, sums: Sums, out: Float64Array, start: number) => void

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
    const column = (): Float64Array => new Float64Array(frame.barCount)
    const sums = {anchor: column(), plain: column(), ramp: column()}
    for (let asset = 0; asset < frame.assetCount; asset++) {
      slide(a!.values, size!, frame, asset, sums, plain, ramp)
      finish(size!, sums, out, asset * frame.barCount)
    }
  }

function slide(
  x: Float64Array,
  n: number,
  frame: Frame,
  asset: number,
  sums: Sums,
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
    sums.ramp[i - start] = Number.NaN
    if (v - v !== 0) {
      run = 0
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
    if (run < n) continue
    sums.anchor[i - start] = anchor
    sums.plain[i - start] = backPlain[oldest]! + plain
    sums.ramp[i - start] = backRamp[oldest]! + placed + (n - 1 - place) * plain
  }
}

/** Weights 1 … n, newest heaviest, over n(n + 1)/2; the anchor comes back whole because the weights sum to one. */
const linearDecay: Kernel = weighted((n, {anchor, plain, ramp}, out, start) => {
  const weights = (n * (n + 1)) / 2
  for (let t = 0; t < ramp.length; t++) out[start + t] = finite(anchor[t]! + (ramp[t]! + plain[t]!) / weights)
})

/** Least squares on 0 … n − 1; a shift of the anchor does not tilt it. */
const slope: Kernel = weighted((n, {plain, ramp}, out, start) => {
  const [middle, spread] = [(n - 1) / 2, (n * (n * n - 1)) / 12]
  for (let t = 0; t < ramp.length; t++) out[start + t] = finite((ramp[t]! - middle * plain[t]!) / spread)
})

export const WINDOW_WEIGHTS = {
  decay_linear: windowOperator('mean of the last n bars with weights 1 … n, newest heaviest', linearDecay),
  wma: windowOperator('weighted moving average: decay_linear by its other name', linearDecay),
  ts_slope: windowOperator('least-squares slope of the last n bars, per bar', slope, 2),
} satisfies Record<string, Operator>
