/**
 * Standard deviation of log changes from their median absolute value: 1.4826 · median |Δ ln p|.
 *
 * An outlier cannot raise the yardstick it is measured by.
 *
 * @param price  shape [T], NaN where missing
 * @returns      per bar; NaN when fewer than 20 changes are known
 */
export function robustDeviation(price: Float64Array, first: number, last: number): number {
  const moves: number[] = []
  for (let t = Math.max(1, first); t < Math.min(last, price.length); t++) {
    const move = Math.abs(Math.log(price[t]! / price[t - 1]!))
    if (Number.isFinite(move)) moves.push(move)
  }
  if (moves.length < 20) return Number.NaN
  return 1.4826 * Float64Array.from(moves).sort()[Math.floor(moves.length / 2)]!
}
