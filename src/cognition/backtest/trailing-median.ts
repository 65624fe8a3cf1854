import {lowerBound} from '../../kernel/bounds.ts'

/**
 * Median of the last `window` values, at every bar.
 *
 * What a cost model may know at a decision: the median ignores the one wild day that a mean would carry for a month.
 * Values that are not numbers take a place in the window and none in the median.
 *
 * @param values   shape [T]
 * @param window   bars, >= 1
 * @param minimum  numbers needed in the window; fewer give NaN
 * @returns        shape [T]
 */
export function trailingMedian(values: Float64Array, window: number, minimum: number): Float64Array {
  const T = values.length
  const out = new Float64Array(T)
  // A sorted window and two memory moves a bar: at 720 bars this is faster than two heaps and has nothing to re-balance.
  const sorted = new Float64Array(Math.min(window, T) + 1)
  let count = 0
  for (let t = 0; t < T; t++) {
    const gone = t >= window ? values[t - window]! : Number.NaN
    if (!Number.isNaN(gone)) {
      const at = lowerBound(sorted, gone, 0, count)
      sorted.copyWithin(at, at + 1, count)
      count--
    }
    const come = values[t]!
    if (!Number.isNaN(come)) {
      const at = lowerBound(sorted, come, 0, count)
      sorted.copyWithin(at + 1, at, count)
      sorted[at] = come
      count++
    }
    const middle = count >> 1
    if (count < minimum || count === 0) out[t] = Number.NaN
    else out[t] = count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  }
  return out
}

/** Value below which a share `p` of the numbers lies, linear between neighbours; NaN for none. */
export function quantile(values: Float64Array, p: number): number {
  const sorted = values.filter((x) => !Number.isNaN(x)).sort()
  if (sorted.length === 0) return Number.NaN
  const at = p * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!)
}
