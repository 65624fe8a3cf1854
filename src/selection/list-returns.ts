import {DAY_MS} from '../kernel/instant.ts'
import {type AssetDays, lastClosedDay} from './asset-days.ts'
import type {Standing} from './point-in-time-universe.ts'

/** A list in force from an instant on. */
export interface ListAt {
  readonly at: number
  readonly members: readonly number[]
}

export interface ListReturns {
  /** shape [T], close of each day, epoch ms */
  readonly ts: Float64Array
  /** shape [T], simple return of the day */
  readonly returns: Float64Array
}

/**
 * Daily returns of holding a list in equal weights, put back to equal at each of its dates, before costs.
 *
 * Positions are taken at the close that decided and drift until the next date. What dies in between is sold at its last
 * close, the loss booked, and its money waits in cash for the next date; it never lingers flat. A day without a bar is a
 * day without a move. These returns compare lists with one another; they are no promise: nobody trades at the close that
 * decided, and nobody trades for nothing.
 *
 * @param lists    oldest first
 * @param standing shape [N][D]
 * @param until    no day that closes after it
 */
export function listReturns(
  table: AssetDays,
  lists: readonly ListAt[],
  standing: readonly (readonly Standing[])[],
  until: number,
): ListReturns {
  const ts: number[] = []
  const returns: number[] = []
  let equity = 1
  for (let i = 0; i < lists.length; i++) {
    const {at, members} = lists[i]!
    const first = lastClosedDay(table, at)
    const last = Math.min(lastClosedDay(table, lists[i + 1]?.at ?? until), lastClosedDay(table, until))
    const value = new Map(members.map((asset) => [asset, equity / members.length]))
    let cash = members.length === 0 ? equity : 0
    for (let d = first + 1; d <= last; d++) {
      const before = equity
      for (const [asset, held] of value) {
        if (standing[asset]![d] === 'dead') {
          cash += held
          value.delete(asset)
        } else value.set(asset, held * growth(table.close[asset]!, d))
      }
      equity = [...value.values()].reduce((sum, held) => sum + held, cash)
      ts.push(table.day0 + (d + 1) * DAY_MS)
      returns.push(equity / before - 1)
    }
  }
  return {ts: Float64Array.from(ts), returns: Float64Array.from(returns)}
}

/** Close over the last close before it; 1 where the day has no bar. */
function growth(close: Float64Array, d: number): number {
  if (Number.isNaN(close[d]!)) return 1
  for (let i = d - 1; i >= 0; i--) if (!Number.isNaN(close[i]!)) return close[d]! / close[i]!
  return 1
}

export interface ReturnFigures {
  /** mean daily return × 365, fraction: what differences between lists are taken of */
  readonly mean: number
  /** compound growth a year, fraction */
  readonly annual: number
  /** standard deviation a year, fraction */
  readonly volatility: number
  /** mean over deviation, annualised, excess over 0 % */
  readonly sharpe: number
  /** deepest fall from a high, fraction, negative */
  readonly drawdown: number
}

/** What daily returns amount to, at 365 days a year. NaN for fewer than two days. */
export function returnFigures({returns}: Pick<ListReturns, 'returns'>): ReturnFigures {
  const n = returns.length
  const mean = returns.reduce((sum, r) => sum + r, 0) / n
  const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (n - 1))
  let [equity, high, drawdown] = [1, 1, 0]
  for (const r of returns) {
    equity *= 1 + r
    high = Math.max(high, equity)
    drawdown = Math.min(drawdown, equity / high - 1)
  }
  return {
    mean: mean * 365,
    annual: n < 2 ? Number.NaN : equity ** (365 / n) - 1,
    volatility: deviation * Math.sqrt(365),
    sharpe: (mean / deviation) * Math.sqrt(365),
    drawdown,
  }
}

/** Equity of 1 at the start, for a chart. */
export function equityOf({ts, returns}: ListReturns): {x: Float64Array; y: Float64Array} {
  let equity = 1
  return {x: ts, y: returns.map((r) => (equity *= 1 + r))}
}
