import {autocorrelations} from '../statistics/moments.ts'
import {robustDeviation} from './robust-deviation.ts'

/** The asset whose returns repeat themselves the most. */
export interface Lagging {
  /** index of the asset */
  readonly asset: number
  /** lag-1 correlation of its returns */
  readonly correlation: number
  /** the same less three standard errors: what the sample proves */
  readonly proven: number
}

/** Returns beyond this many robust deviations count as this many: one crash over two bars is no habit. */
const MOST_DEVIATIONS = 5
const LEAST_RETURNS = 30

/**
 * Do prices lag behind themselves? An average of the last three true prices has returns that correlate 2/3 with the ones
 * before; nobody can trade it, and waiting a bar does not help. Of 600 traded coins in daily, hourly and one-minute bars
 * none shows a correlation above zero beyond three standard errors (decision 0085).
 *
 * @param close  shape [N][T], NaN where missing
 * @param mask   shape [N][T]; 1: selected. Only returns between two selected bars count
 * @returns      null: no asset has enough returns that vary
 * @see gauntlet.md 2.3, stale price
 */
export function laggingPrices(
  close: readonly Float64Array[],
  mask: readonly Uint8Array[],
  {first, last}: {readonly first: number; readonly last: number},
): Lagging | null {
  let most: Lagging | null = null
  for (let a = 0; a < close.length; a++) {
    const sd = robustDeviation(close[a]!, first, last)
    if (!(sd > 0)) continue
    const moves: number[] = []
    for (let t = Math.max(1, first); t < last; t++) {
      const move = Math.log(close[a]![t]! / close[a]![t - 1]!) / sd
      if (mask[a]![t] === 1 && mask[a]![t - 1] === 1 && Number.isFinite(move))
        moves.push(Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, move)))
    }
    if (moves.length < LEAST_RETURNS || moves.every((move) => move === moves[0])) continue
    const correlation = autocorrelations(moves, 1)[0]!
    const proven = correlation - 3 / Math.sqrt(moves.length)
    if (most === null || proven > most.proven) most = {asset: a, correlation, proven}
  }
  return most
}
