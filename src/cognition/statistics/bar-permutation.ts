import type {Random} from '../../kernel/random.ts'
import {requireThat} from './series.ts'

/** One asset's bars, shape [T] each; prices > 0. */
export interface Bars {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

/**
 * Bars in another order: what happened inside a bar by one permutation, the gaps between bars by another.
 *
 * Bars 0 … start stay. The last close stays as well, because sums do not care about order; with the permutations of
 * `openToOpen` so do the first open after `start` and the last open, and holding from open to open earns the same.
 *
 * @param start    last bar that is kept
 * @param permBar  shape [T − start − 1], whole numbers from 0: which bar's inside comes at each place
 * @param permGap  the same for the gap before the bar
 * @throws Fault   `gauntlet.out_of_range`
 * @see Masters (2018), Testing and Tuning Market Trading Systems; (2020), Permutation and Randomization Tests
 */
export function permuteBars(
  {open, high, low, close}: Bars,
  start: number,
  permBar: ArrayLike<number>,
  permGap: ArrayLike<number>,
): Bars {
  const first = start + 1
  const n = open.length - first
  requireThat(start >= 0 && n >= 1, `${open.length} bars with the first ${first} kept cannot be permuted.`)
  requireThat(isPermutation(permBar, n) && isPermutation(permGap, n), `Permutations of ${n} bars were asked for.`)
  const made = {open: open.slice(), high: high.slice(), low: low.slice(), close: close.slice()}
  for (let k = 0; k < n; k++) {
    const [t, inside, before] = [first + k, first + permBar[k]!, first + permGap[k]!]
    const px = made.close[t - 1]! * (open[before]! / close[before - 1]!)
    made.open[t] = px
    made.high[t] = px * (high[inside]! / open[inside]!)
    made.low[t] = px * (low[inside]! / open[inside]!)
    made.close[t] = px * (close[inside]! / open[inside]!)
  }
  return made
}

/**
 * Permutations of n bars and n gaps from two of their n − 1 moves: the first gap and the last bar stay where they are, so
 * that the trend from open to open is the one there was. Fills are at opens.
 *
 * @param bars  shape [n − 1]
 * @param gaps  shape [n − 1]: gap k is the one after bar k. The same permutation twice moves a bar with the gap after it.
 */
export const openToOpen = (bars: ArrayLike<number>, gaps: ArrayLike<number>): {bar: Int32Array; gap: Int32Array} => ({
  bar: Int32Array.from({length: bars.length + 1}, (_, k) => bars[k] ?? bars.length),
  gap: Int32Array.from({length: gaps.length + 1}, (_, k) => (k === 0 ? 0 : gaps[k - 1]! + 1)),
})

/** Fill `out` (shape [n]) with a random order of 0 … n − 1. */
export function drawOrder(out: Int32Array, random: Random): Int32Array {
  for (let i = 0; i < out.length; i++) out[i] = i
  return random.shuffle(out)
}

/**
 * The same in blocks of `length` that stay whole: what depends on the last few bars survives inside them. Where the first
 * block ends is drawn too, or the same neighbours would always be cut apart.
 */
export function drawBlockOrder(out: Int32Array, length: number, random: Random): Int32Array {
  requireThat(Number.isInteger(length) && length >= 1, `Blocks of ${length} bars were asked for.`)
  if (length === 1) return drawOrder(out, random)
  const n = out.length
  const ends: number[] = []
  for (let end = 1 + random.below(length); end < n; end += length) ends.push(end)
  ends.push(n)
  const order = drawOrder(new Int32Array(ends.length), random)
  let filled = 0
  for (const block of order) for (let t = block === 0 ? 0 : ends[block - 1]!; t < ends[block]!; t++) out[filled++] = t
  return out
}

function isPermutation(perm: ArrayLike<number>, n: number): boolean {
  if (perm.length !== n) return false
  const seen = new Uint8Array(n)
  for (let k = 0; k < n; k++) {
    const value = perm[k]!
    if (!(Number.isInteger(value) && value >= 0 && value < n) || seen[value] === 1) return false
    seen[value] = 1
  }
  return true
}
