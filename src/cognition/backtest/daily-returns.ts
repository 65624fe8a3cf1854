import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS} from '../../kernel/instant.ts'

/** Days of returns behind an estimate of volatility or beta, and how few give none. */
export const ESTIMATE_DAYS = 60
export const LEAST_ESTIMATE_DAYS = 20

export interface DailyReturns {
  /** simple return over the day up to a bar, bar by bar: element t · N + a; NaN where either end has no price */
  readonly returns: Float64Array
  readonly N: number
  /** bars of one day */
  readonly dayBars: number
}

const known = new WeakMap<Panel, DailyReturns>()

/** Returns over whole days, sampled at every bar: one scale for volatility and beta whatever the bar. */
export function dailyReturns(panel: Panel): DailyReturns {
  const found = known.get(panel)
  if (found) return found
  const N = panel.assets.length
  const dayBars = Math.max(1, Math.round(DAY_MS / panel.barMs))
  const returns = new Float64Array(N * panel.ts.length).fill(Number.NaN)
  panel.series.get('close')!.forEach((close, a) => {
    for (let t = dayBars; t < close.length; t++) returns[t * N + a] = close[t]! / close[t - dayBars]! - 1
  })
  const made = {returns, N, dayBars}
  known.set(panel, made)
  return made
}

/** Whole days of returns that are known at bar t, at most the window of an estimate. */
export const daysKnown = (t: number, dayBars: number): number => Math.min(ESTIMATE_DAYS, Math.floor(t / dayBars))

/**
 * Annual volatility that today's weights would have had over the last 60 days.
 *
 * An asset without a price on a day adds nothing on that day.
 *
 * @param weights  shape [N]
 * @param t        decision bar; nothing after it is read
 * @returns        fraction a year; NaN with fewer than 20 days of history
 */
export function bookVolatility({returns, N, dayBars}: DailyReturns, weights: Float64Array, t: number): number {
  const days = daysKnown(t, dayBars)
  if (days < LEAST_ESTIMATE_DAYS) return Number.NaN
  let sum = 0
  let squares = 0
  for (let day = 0; day < days; day++) {
    const row = (t - day * dayBars) * N
    let r = 0
    for (let a = 0; a < N; a++) {
      const value = weights[a]! * returns[row + a]!
      if (!Number.isNaN(value)) r += value
    }
    sum += r
    squares += r * r
  }
  const variance = (squares - (sum * sum) / days) / (days - 1)
  return Math.sqrt(Math.max(0, variance) * 365)
}
