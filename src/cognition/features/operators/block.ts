import type {Frame} from '../frame.ts'

/**
 * Where the first bar of a frame stands in its block of n bars, 0 … n − 1.
 *
 * Blocks are counted from 1970, so the same bar has the same place in every panel that holds it.
 */
export const placeOf = ({ts, barMs, barCount}: Frame, n: number): number =>
  barCount === 0 ? 0 : Math.floor(ts[0]! / barMs) % n

/** The middle of three: near the level of a block, and never a spike in it. */
export const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

/** A middle value of the bars before `i`, at most n of them; `first` is the oldest. */
export function anchorOf(x: Float64Array, first: number, i: number): number {
  if (first >= i) return x[i]!
  return middleOf(x[first]!, x[first + ((i - first) >> 1)]!, x[i - 1]!)
}
