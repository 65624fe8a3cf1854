import {placeOf} from './block.ts'
import {type Kernel, type Operator, windowOperator} from './operator.ts'

/** Bars after which a running sum is taken afresh, at least. */
const FRESH = 256

/**
 * Rolling sum in O(T): two-sum compensation on every step, taken afresh every max(n, 256) bars, counted from 1970 so that
 * the newest window alone has the same bits as the whole past.
 *
 * The compensation returns what rounding loses, so a spike that has left the window leaves nothing behind. The sum is exact
 * before its one rounding, and so has the bits of its window whatever came before, as long as no running sum of the period
 * is 3e13 times the smallest value that is not 0: then every error term is a whole number of its last digit, and their sum
 * fits. After a hole the window has to fill again.
 *
 * @see Knuth TAOCP 2, 4.2.2 (two-sum); Ogita, Rump & Oishi (2005), Accurate sum and dot product
 */
function slide(
  x: Float64Array,
  n: number,
  divisor: number,
  out: Float64Array,
  start: number,
  end: number,
  firstPlace: number,
): void {
  const period = periodOf(n)
  for (let i = start; i < end; ) {
    // The window fills: its first bar is i.
    const full = i + n - 1
    while (i < end && i < full && isValue(x[i]!)) out[i++] = Number.NaN
    while (i < end && isValue(x[i]!)) {
      let high = 0
      let low = 0
      for (let k = i - n + 1; k <= i; k++) {
        const y = x[k]!
        const s = high + y
        const b = s - high
        low += high - (s - b) + (y - b)
        high = s
      }
      out[i] = (high + low) / divisor
      const stop = Math.min(end, i + period - ((firstPlace + i - start) % period))
      for (i++; i < stop; i++) {
        const v = x[i]!
        if (v - v !== 0) break
        const s = high + v
        const b = s - high
        const old = -x[i - n]!
        const r = s + old
        const c = r - s
        low += high - (s - b) + (v - b) + (s - (r - c) + (old - c))
        high = r
        out[i] = (high + low) / divisor
      }
    }
    if (i < end) out[i++] = Number.NaN
  }
}

const isValue = (x: number): boolean => x - x === 0

const periodOf = (n: number): number => Math.max(n, FRESH)

const overAssets =
  (divisorOf: (n: number) => number): Kernel =>
  ([a], [n], out, frame) => {
    const {assetCount, barCount} = frame
    const place = placeOf(frame, periodOf(n!))
    for (let asset = 0; asset < assetCount; asset++) {
      slide(a!.values, n!, divisorOf(n!), out, asset * barCount, (asset + 1) * barCount, place)
    }
  }

/** Bars of the last n where x is true: whole numbers, exact. */
const count: Kernel = ([a], [n], out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    let [run, hits] = [0, 0]
    for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
      const v = x[i]!
      run = Number.isNaN(v) ? 0 : run + 1
      if (run === 0) hits = 0
      else if (v !== 0) hits++
      if (run > n! && x[i - n!]! !== 0) hits--
      out[i] = run >= n! ? hits : Number.NaN
    }
  }
}

/**
 * Rolling product without division: within blocks of n, products backward from the end of the last block times products
 * forward in this one.
 *
 * @see van Herk (1992); Gil & Werman (1993), for the same idea with minima
 */
const product: Kernel = ([a], [size], out, frame) => {
  const x = a!.values
  const n = size!
  const back = new Float64Array(n + 1).fill(1)
  for (let asset = 0; asset < frame.assetCount; asset++) {
    const end = (asset + 1) * frame.barCount
    let place = placeOf(frame, n)
    let [run, forward] = [0, 1]
    for (let i = asset * frame.barCount; i < end; i++, place = place + 1 === n ? 0 : place + 1) {
      const v = x[i]!
      if (v - v !== 0) {
        run = 0
        out[i] = Number.NaN
        continue
      }
      if (run === 0 || place === 0) {
        forward = 1
        const first = i - Math.min(run, n)
        for (let k = i - 1, p = n - 1, all = 1; k >= first; k--, p--) back[p] = all *= x[k]!
      }
      run++
      forward *= v
      const p = forward * back[place + 1]!
      out[i] = run >= n && p - p === 0 ? p : Number.NaN
    }
  }
}

export const WINDOW_SUMS = {
  ts_sum: windowOperator(
    'sum of the last n bars',
    overAssets(() => 1),
  ),
  ts_mean: windowOperator(
    'mean of the last n bars',
    overAssets((n) => n),
  ),
  ts_product: windowOperator('product of the last n bars', product),
  ts_count: windowOperator('how many of the last n bars are true', count),
} satisfies Record<string, Operator>
