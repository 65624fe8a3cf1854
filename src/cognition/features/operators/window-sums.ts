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
    const first = i
    while (i < end && i < first + n - 1 && isValue(x[i]!)) out[i++] = Number.NaN
    if (i === first + n - 1) {
      let hole = i
      while (hole < end && isValue(x[hole]!)) hole++
      const fresh = period - ((firstPlace + i - start) % period)
      slideValues(x, n, divisor, out, i, Math.min(hole, i + fresh), hole, period)
      i = hole
    }
    if (i < end) out[i++] = Number.NaN
  }
}

/**
 * Windows that end in [from, end), all of values; sums are taken afresh at `from`, at `next` and every `period` from there.
 *
 * What lies between two fresh sums is a computation of its own: two of them side by side take the time of one, because each
 * waits for its last addition.
 */
function slideValues(
  x: Float64Array,
  n: number,
  divisor: number,
  out: Float64Array,
  from: number,
  next: number,
  end: number,
  period: number,
): void {
  let i = from
  slideOne(x, n, divisor, out, i, Math.min(next, end))
  for (i = next; i + 2 * period <= end; i += 2 * period) slideTwo(x, n, divisor, out, i, i + period)
  for (; i < end; i += period) slideOne(x, n, divisor, out, i, Math.min(end, i + period))
}

/** Windows that end in [from, end), the first one summed afresh. */
function slideOne(x: Float64Array, n: number, divisor: number, out: Float64Array, from: number, end: number): void {
  let high = 0
  let low = 0
  for (let k = from - n + 1; k <= from; k++) {
    const y = x[k]!
    const s = high + y
    const b = s - high
    low += high - (s - b) + (y - b)
    high = s
  }
  out[from] = (high + low) / divisor
  for (let i = from + 1; i < end; i++) {
    const v = x[i]!
    const old = -x[i - n]!
    const s = high + v
    const b = s - high
    const r = s + old
    const c = r - s
    low += high - (s - b) + (v - b) + (s - (r - c) + (old - c))
    high = r
    out[i] = (high + low) / divisor
  }
}

/** The same for windows that end in [from, middle), and for as many from `middle` on. */
function slideTwo(x: Float64Array, n: number, divisor: number, out: Float64Array, from: number, middle: number): void {
  const shift = middle - from
  let high = 0
  let low = 0
  let highB = 0
  let lowB = 0
  for (let k = from - n + 1; k <= from; k++) {
    const y = x[k]!
    const s = high + y
    const b = s - high
    low += high - (s - b) + (y - b)
    high = s
    const yB = x[k + shift]!
    const sB = highB + yB
    const bB = sB - highB
    lowB += highB - (sB - bB) + (yB - bB)
    highB = sB
  }
  out[from] = (high + low) / divisor
  out[middle] = (highB + lowB) / divisor
  for (let i = from + 1; i < middle; i++) {
    const v = x[i]!
    const old = -x[i - n]!
    const s = high + v
    const b = s - high
    const r = s + old
    const c = r - s
    low += high - (s - b) + (v - b) + (s - (r - c) + (old - c))
    high = r
    out[i] = (high + low) / divisor
    const vB = x[i + shift]!
    const oldB = -x[i + shift - n]!
    const sB = highB + vB
    const bB = sB - highB
    const rB = sB + oldB
    const cB = rB - sB
    lowB += highB - (sB - bB) + (vB - bB) + (sB - (rB - cB) + (oldB - cB))
    highB = rB
    out[i + shift] = (highB + lowB) / divisor
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

const overWindow = (summary: string, divisorOf: (n: number) => number): Operator => ({
  ...windowOperator(summary, overAssets(divisorOf)),
  divisorOf,
})

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
  ts_sum: overWindow('sum of the last n bars', () => 1),
  ts_mean: overWindow('mean of the last n bars', (n) => n),
  ts_product: windowOperator('product of the last n bars', product),
  ts_count: windowOperator('how many of the last n bars are true', count),
} satisfies Record<string, Operator>
