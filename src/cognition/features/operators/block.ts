import type {Frame} from '../frame.ts'

/**
 * Where the first bar of a frame stands in its block of n bars, 0 … n − 1.
 *
 * Blocks are counted from 1970, so the same bar has the same place in every panel that holds it.
 */
export const placeOf = ({ts, barMs, barCount}: Frame, n: number): number =>
  barCount === 0 ? 0 : Math.floor(ts[0]! / barMs) % n

/** Whether a column of sums has one at this bar. */
export const isWindow = (sum: number): boolean => !Number.isNaN(sum)

/** The value, NaN for what is none. */
export const finite = (value: number): number => (value - value === 0 ? value : Number.NaN)
