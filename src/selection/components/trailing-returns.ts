import type {AssetDays} from '../asset-days.ts'
import {trailing} from './measure.ts'

/**
 * Daily log returns inside one incarnation over the `length` days up to day `d`, oldest first.
 *
 * A day without a bar has no return, and neither has the day after it: a move over two days is not a daily one.
 */
export function trailingReturns({close}: Pick<AssetDays, 'close'>, a: number, d: number, length: number): number[] {
  const prices = trailing(close[a]!, d, length + 1)
  const found: number[] = []
  for (let i = 1; i < prices.length; i++) {
    const move = Math.log(prices[i]! / prices[i - 1]!)
    if (Number.isFinite(move)) found.push(move)
  }
  return found
}

/** Sample mean and standard deviation (n − 1); NaN for fewer than two values. */
export function meanAndDeviation(values: readonly number[]): {mean: number; sigma: number} {
  if (values.length < 2) return {mean: Number.NaN, sigma: Number.NaN}
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  return {mean, sigma: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1))}
}
