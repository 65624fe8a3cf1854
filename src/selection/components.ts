import type {Costs} from '../contracts/costs.ts'
import type {Component, ComponentName, SelectionConfig} from '../contracts/selection.ts'
import {median} from '../kernel/median.ts'
import type {AssetDays} from './asset-days.ts'

/** The parts of the one cost model that rank an asset: `configs/costs.yaml`. */
export type EntryCosts = Pick<Costs, 'spread' | 'impact'>

/** Raw value of a component for asset `a` at the close of day `d`; NaN when it is not known. */
type Measure = (
  table: AssetDays,
  a: number,
  d: number,
  spec: Component,
  config: SelectionConfig,
  costs: EntryCosts,
) => number

const window = (values: Float64Array, d: number, length: number): Float64Array =>
  values.subarray(Math.max(0, d - length + 1), d + 1)

/** Daily log returns inside one incarnation, oldest first. */
function returns(table: AssetDays, a: number, d: number, length: number): number[] {
  const close = window(table.close[a]!, d, length + 1)
  const found: number[] = []
  for (let i = 1; i < close.length; i++) {
    const move = Math.log(close[i]! / close[i - 1]!)
    if (Number.isFinite(move)) found.push(move)
  }
  return found
}

function deviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1))
}

const liquidity: Measure = (table, a, d, {lookback_days}) =>
  median(window(table.notional[a]!, d, lookback_days).filter(Number.isFinite))

/** Half-spread plus square-root impact of one position's entry, in bps, from the cost model's tables. */
const cost: Measure = (table, a, d, {lookback_days}, {capital_usd, top}, {spread, impact}) => {
  const notional = median(window(table.notional[a]!, d, lookback_days).filter(Number.isFinite))
  const sigma = deviation(returns(table, a, d, lookback_days))
  const row = spread.rows.find(({min_daily_notional_usd}) => notional >= min_daily_notional_usd)
  const impactBps = impact.y.value * sigma * Math.sqrt(capital_usd / top / notional) * 10_000
  return (row?.half_spread_bps ?? Number.NaN) + impactBps
}

/** Share of expected bars that are there and traded. */
const quality: Measure = (table, a, d, {lookback_days}) => {
  let traded = 0
  const from = Math.max(0, d - lookback_days + 1)
  for (let i = from; i <= d; i++) traded += table.traded[a]![i]!
  return traded / ((d - from + 1) * table.barsPerDay)
}

/** Days since the first bar, at most the lookback: beyond it more history is not better. */
const history: Measure = (table, a, d, {lookback_days}) =>
  Math.min(lookback_days, d - table.bars[a]!.findIndex((count) => count > 0) + 1)

/** Distance of annualised volatility from the target band; 0 inside. */
const volatility: Measure = (table, a, d, {lookback_days}, {volatility_band: {low, high}}) => {
  const annual = deviation(returns(table, a, d, lookback_days)) * Math.sqrt(365)
  return Number.isNaN(annual) ? annual : Math.max(0, low - annual, annual - high)
}

/** Mean over deviation of daily returns, the last day skipped: it carries the short-term reversal. */
const momentum: Measure = (table, a, d, {lookback_days}) => {
  const moves = returns(table, a, d - 1, lookback_days)
  const sigma = deviation(moves)
  return sigma > 0 ? moves.reduce((sum, x) => sum + x, 0) / moves.length / sigma : Number.NaN
}

/** Funding paid by longs, annualised over the days that have payments, whatever their interval was. */
const carry: Measure = (table, a, d, {lookback_days}) => {
  const paid = window(table.funding[a]!, d, lookback_days).filter((rate) => !Number.isNaN(rate))
  return paid.length === 0 ? Number.NaN : (paid.reduce((sum, rate) => sum + rate, 0) / paid.length) * 365
}

export const COMPONENTS = {
  liquidity,
  cost,
  quality,
  history,
  volatility,
  momentum,
  carry,
} satisfies Record<ComponentName, Measure>
