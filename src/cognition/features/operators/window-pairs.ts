import type {Frame} from '../frame.ts'
import {finite, isWindow, placeOf} from './block.ts'
import type {Column, Kernel, Operator} from './operator.ts'

/** Centred sums of the window that ends at each bar of one asset; xx is NaN where `out` is final already. */
interface Sums {
  readonly xy: Float64Array
  readonly xx: Float64Array
  readonly yy: Float64Array
}

/** Makes the statistic of every bar at once, from `start` in `out` on: a call per bar would put each number on the heap. */
type Finish = (n: number, sums: Sums, out: Float64Array, start: number) => void

interface Statistic {
  readonly finish: Finish
  /** the value when all of a side are the same */
  readonly flat: number
  /** sides whose constancy matters */
  readonly sides: 'both' | 'second'
}

/** A centred sum below this share of its raw sum has lost too many digits: the window is summed afresh. */
const DIGITS = 1e-4

/**
 * Rolling co-moments in O(T) without ever subtracting what left the window.
 *
 * Bars are cut into blocks of n. A window is the end of one block and the beginning of the next: sums from the end of a
 * block backward, made once when it is complete, plus sums forward in the one that is running. A value that has left is in
 * neither, so nothing drifts, however long the series, and a spike leaves nothing behind. Sums are over x − anchor, the
 * anchor the newest value of the complete block, which every window that begins in it holds; where cancellation costs
 * digits all the same, the window is summed afresh in two passes.
 *
 * Blocks begin at multiples of n since 1970, not where the panel begins, and nothing outside a window is looked at: its
 * value has the same bits whatever history there was before it (decision 0091).
 *
 * @see van Herk (1992), Gil & Werman (1993), for extremes; Chan, Golub & LeVeque (1983), for shifted sums
 */
const pairs =
  (statistic: Statistic): Kernel =>
  ([a, b], [size], out, frame) => {
    const room = Array.from({length: 5}, () => new Float64Array(size!)) as unknown as Room
    const column = (): Float64Array => new Float64Array(frame.barCount)
    const sums = {xy: column(), xx: column(), yy: column()}
    for (let asset = 0; asset < frame.assetCount; asset++) {
      slide(a!, b!, size!, out, frame, asset, statistic, room, sums)
      statistic.finish(size!, sums, out, asset * frame.barCount)
    }
  }

type Room = readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]

function slide(
  a: Column,
  b: Column,
  n: number,
  out: Float64Array,
  frame: Frame,
  asset: number,
  {flat, sides}: Statistic,
  [backX, backY, backXX, backYY, backXY]: Room,
  sums: Sums,
): void {
  const {xy, xx, yy} = sums
  const [x, y] = [a.values, b.values]
  const start = asset * frame.barCount
  const end = start + frame.barCount
  let place = placeOf(frame, n)
  let [run, sameX, sameY, ax, ay] = [0, 0, 0, 0, 0]
  let [fx, fy, fxx, fyy, fxy] = [0, 0, 0, 0, 0]
  for (let i = start; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
    const u = x[i]!
    const v = y[i]!
    xx[i - start] = Number.NaN
    if (u - u !== 0 || v - v !== 0) {
      run = 0
      out[i] = Number.NaN
      continue
    }
    sameX = run > 0 && x[i - 1] === u ? sameX + 1 : 1
    sameY = run > 0 && y[i - 1] === v ? sameY + 1 : 1
    run++
    // Where the part of the window in the complete block begins. At the last place that block is the window itself.
    const oldest = place + 1 === n ? 0 : place + 1
    if (oldest === 0) {
      fx = fy = fxx = fyy = fxy = 0
      ax = u
      ay = v
      const first = i - Math.min(run, n)
      let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0]
      // backX[p] sums the block from place p on; places before the run are never asked for.
      for (let k = i, p = n - 1; k > first; k--, p--) {
        const dx = x[k]! - ax
        const dy = y[k]! - ay
        sx += dx
        sy += dy
        sxx += dx * dx
        syy += dy * dy
        sxy += dx * dy
        backX[p] = sx
        backY[p] = sy
        backXX[p] = sxx
        backYY[p] = syy
        backXY[p] = sxy
      }
    } else {
      const dx = u - ax
      const dy = v - ay
      fx += dx
      fy += dy
      fxx += dx * dx
      fyy += dy * dy
      fxy += dx * dy
    }
    if (run < n) {
      out[i] = Number.NaN
      continue
    }
    if (sameY >= n || (sameX >= n && sides === 'both')) {
      out[i] = flat
      continue
    }
    const sx = fx + backX[oldest]!
    const sy = fy + backY[oldest]!
    const rawX = fxx + backXX[oldest]!
    const rawY = fyy + backYY[oldest]!
    const cx = rawX - (sx * sx) / n
    const cy = rawY - (sy * sy) / n
    if ((cx >= DIGITS * rawX || sameX >= n) && cy >= DIGITS * rawY) {
      xy[i - start] = fxy + backXY[oldest]! - (sx * sy) / n
      xx[i - start] = cx
      yy[i - start] = cy
    } else afresh(x, y, i - n + 1, n, sums, i - start)
  }
}

/** The window itself, in two passes. */
function afresh(x: Float64Array, y: Float64Array, first: number, n: number, {xy, xx, yy}: Sums, at: number): void {
  let [mx, my] = [0, 0]
  for (let k = first; k < first + n; k++) {
    mx += x[k]! / n
    my += y[k]! / n
  }
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0]
  for (let k = first; k < first + n; k++) {
    const dx = x[k]! - mx
    const dy = y[k]! - my
    sx += dx
    sy += dy
    sxx += dx * dx
    syy += dy * dy
    sxy += dx * dy
  }
  xy[at] = sxy - (sx * sy) / n
  xx[at] = sxx - (sx * sx) / n
  yy[at] = syy - (sy * sy) / n
}

const covariance: Finish = (n, {xy, xx}, out, start) => {
  for (let t = 0; t < xx.length; t++) if (isWindow(xx[t]!)) out[start + t] = finite(xy[t]! / (n - 1))
}
const correlation: Finish = (_, {xy, xx, yy}, out, start) => {
  for (let t = 0; t < xx.length; t++) {
    if (!isWindow(xx[t]!)) continue
    const r = finite(xy[t]! / Math.sqrt(xx[t]! * yy[t]!))
    out[start + t] = Math.max(-1, Math.min(1, r))
  }
}
const slopeOnSecond: Finish = (_, {xy, xx, yy}, out, start) => {
  for (let t = 0; t < xx.length; t++) if (isWindow(xx[t]!)) out[start + t] = finite(xy[t]! / yy[t]!)
}

const time = (summary: string, statistic: Statistic): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'series', 'window'],
  least: 2,
  memory: ([n]) => n! - 1,
  run: pairs(statistic),
})

export const WINDOW_PAIRS = {
  ts_corr: time('correlation of two series over the last n bars', {
    finish: correlation,
    flat: Number.NaN,
    sides: 'both',
  }),
  ts_cov: time('covariance of two series over the last n bars (n − 1)', {finish: covariance, flat: 0, sides: 'both'}),
  ts_beta: time('slope of the first series on the second over the last n bars', {
    finish: slopeOnSecond,
    flat: Number.NaN,
    sides: 'second',
  }),
} satisfies Record<string, Operator>
