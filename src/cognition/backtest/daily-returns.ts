import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS} from '../../kernel/instant.ts'

/** Days of returns behind an estimate of volatility or beta, and how few give none. */
export const ESTIMATE_DAYS = 60
export const LEAST_ESTIMATE_DAYS = 20

export interface DailyReturns {
  /** simple return over the day up to each bar, shape [N][T]; NaN where either end has no price */
  readonly returns: readonly Float64Array[]
  /** bars of one day */
  readonly dayBars: number
}

const known = new WeakMap<Panel, DailyReturns>()

/** Returns over whole days, sampled at every bar: one scale for volatility and beta whatever the bar. */
export function dailyReturns(panel: Panel): DailyReturns {
  const found = known.get(panel)
  if (found) return found
  const dayBars = Math.max(1, Math.round(DAY_MS / panel.barMs))
  const returns = panel.series
    .get('close')!
    .map((close) => Float64Array.from(close, (px, t) => (t >= dayBars ? px / close[t - dayBars]! - 1 : Number.NaN)))
  const made = {returns, dayBars}
  known.set(panel, made)
  return made
}

/**
 * Annual volatility that today's weights would have had over the last 60 days.
 *
 * An asset without a price on a day adds nothing on that day: a short history lowers the estimate's weight, not its sign.
 *
 * @param weights  shape [N]
 * @param t        decision bar; nothing after it is read
 * @returns        fraction a year; NaN with fewer than 20 days of history
 */
export function bookVolatility({returns, dayBars}: DailyReturns, weights: Float64Array, t: number): number {
  const days = Math.min(ESTIMATE_DAYS, Math.floor(t / dayBars))
  if (days < LEAST_ESTIMATE_DAYS) return Number.NaN
  let sum = 0
  let squares = 0
  for (let day = 0; day < days; day++) {
    const at = t - day * dayBars
    let r = 0
    for (let a = 0; a < weights.length; a++) {
      const weight = weights[a]!
      const value = weight === 0 ? 0 : weight * returns[a]![at]!
      if (value === value) r += value
    }
    sum += r
    squares += r * r
  }
  const variance = (squares - (sum * sum) / days) / (days - 1)
  return Math.sqrt(Math.max(0, variance) * 365)
}

/**
 * Beta of each member to the equal-weighted members over the last 60 days.
 *
 * @param members  asset indices that make the market
 * @param beta     shape [N], written for the members; 1 where there are fewer than 20 common days
 */
export function marketBetas(
  {returns, dayBars}: DailyReturns,
  members: readonly number[],
  t: number,
  beta: Float64Array,
): void {
  const days = Math.min(ESTIMATE_DAYS, Math.floor(t / dayBars))
  const market = new Float64Array(days)
  for (let day = 0; day < days; day++) {
    let [sum, count] = [0, 0]
    for (const a of members) {
      const r = returns[a]![t - day * dayBars]!
      if (r === r) {
        sum += r
        count++
      }
    }
    market[day] = count > 0 ? sum / count : 0
  }
  for (const a of members) beta[a] = betaOf(returns[a]!, market, t, dayBars)
}

function betaOf(returns: Float64Array, market: Float64Array, t: number, dayBars: number): number {
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0]
  for (let day = 0; day < market.length; day++) {
    const y = returns[t - day * dayBars]!
    if (y !== y) continue
    const x = market[day]!
    n++
    sx += x
    sy += y
    sxx += x * x
    sxy += x * y
  }
  const variance = sxx - (sx * sx) / n
  return n >= LEAST_ESTIMATE_DAYS && variance > 0 ? (sxy - (sx * sy) / n) / variance : 1
}
