import {sum} from '../statistics/series.ts'
import type {BacktestResult, Untraded} from './backtest-result.ts'
import {flatCosts} from './engine-costs.ts'
import {FillLog} from './fill-log.ts'
import {ResultBuilder} from './result-builder.ts'
import {runWeights} from './weights-engine.ts'
import type {WeightsRun} from './weights-run.ts'

/** What vectorbt is given: targets of the bar they fill in, one flat fee and slippage. Shapes [N][T]; NaN: no order, no price. */
export interface VectorbtInputs {
  readonly ts: Float64Array
  readonly assets: readonly string[]
  readonly open: readonly Float64Array[]
  readonly weights: readonly Float64Array[]
  readonly fees: number
  readonly slippage: number
  readonly init_cash: number
}

/** What vectorbt answered. */
export interface VectorbtAnswer {
  /** shape [T], account value at the open of each bar */
  readonly value: readonly number[]
  /** bar, asset, signed coins, price paid, fee; in the order of execution */
  readonly orders: readonly (readonly [number, number, number, number, number])[]
}

/**
 * The part of a run that vectorbt can do: a target decided at the close of bar t is sized and filled at the open of t + 1.
 *
 * It knows one fee and one slippage: the taker fee of tier 0 and the half-spread that the weights engine pays on average.
 * Lag, impact, funding, caps, lots, no-trade band and settlement are left out on both sides of a comparison.
 */
export function vectorbtInputs(run: WeightsRun, assets: readonly string[]): VectorbtInputs {
  const {ts, open, weights, costs, capital} = run
  const {spread, turnover} = runWeights({...run, detail: 'returns'})
  const traded = sum(turnover)
  return {
    ts,
    assets,
    open: open.map((column) => column.map((px) => (px > 0 ? px : Number.NaN))),
    weights: weights.map((column, a) =>
      column.map((_, t) => (t > 0 && open[a]![t]! > 0 ? column[t - 1]! : Number.NaN)),
    ),
    fees: costs.takerFee[0]!,
    slippage: traded > 0 ? sum(spread) / traded : 0,
    init_cash: capital,
  }
}

/** The weights engine by the same rule: what a cross-check must find. */
export function byTheSameRule({ts, assets, open, weights, fees, slippage, init_cash}: VectorbtInputs, barMs: number) {
  const marks = open.map(forwardFilled)
  const {equity, orders} = runWeights({
    ...{ts, barMs, open: marks, close: marks, weights, capital: init_cash},
    costs: flatCosts({assets, ts}, fees, slippage),
    fillOn: 'same_open',
    detail: 'returns',
  })
  let [peak, depth] = [0, 0]
  for (const value of equity) {
    peak = Math.max(peak, value)
    depth = Math.min(depth, value / peak - 1)
  }
  return {final_value: equity.at(-1)!, orders, max_drawdown: depth}
}

const NOTHING: Untraded = {
  ...{noVolume: 0, noPrice: 0, noCostEstimate: 0, participationCap: 0, minNotional: 0, noTradeBand: 0},
}

/** vectorbt's account as a result of ours: returns run from open to open, and nothing but fees and slippage is paid. */
export function vectorbtResult(
  run: WeightsRun,
  inputs: VectorbtInputs,
  {value, orders}: VectorbtAnswer,
): BacktestResult {
  const N = inputs.open.length
  const marks = inputs.open.map(forwardFilled)
  const flat = {...run, costs: {...run.costs, flags: ['costs:flat', 'engine:vectorbt']}}
  const result = new ResultBuilder(flat)
  const log = new FillLog(true)
  const units = new Float64Array(N)
  const values = new Float64Array(N)
  const assetPnl = new Float64Array(N)
  let next = 0
  for (let t = 0; t < inputs.ts.length; t++) {
    let [gross, fees, spread, traded] = [0, 0, 0, 0]
    const changed = next < orders.length && orders[next]![0] === t
    for (let a = 0; a < N; a++) {
      const move = units[a] === 0 ? 0 : units[a]! * (marks[a]![t]! - marks[a]![t - 1]!)
      assetPnl[a] = move
      gross += move
    }
    for (; next < orders.length && orders[next]![0] === t; next++) {
      const [, a, size, px, fee] = orders[next]!
      const at = marks[a]![t]!
      const slip = size * (px - at)
      units[a] = units[a]! + size
      assetPnl[a] = assetPnl[a]! - slip - fee
      fees += fee
      spread += slip
      traded += Math.abs(size) * at
      log.add(t, a, size, at, slip + fee)
    }
    for (let a = 0; a < N; a++) values[a] = units[a] === 0 ? 0 : units[a]! * marks[a]![t]!
    const start = t === 0 ? run.capital : value[t - 1]!
    const paid = {fees, spread, lag: 0, impact: 0, funding: 0, traded}
    result.note(t, {start, equity: value[t]!, gross, ...paid, assetPnl, values, changed, isLost: false})
  }
  return result.finish(log.count, {fills: log.columns(), untraded: NOTHING}, [])
}

/** The last price known at each bar; before the first one, the first: nothing is held there. */
function forwardFilled(column: Float64Array): Float64Array {
  let last = column.find((px) => px > 0) ?? Number.NaN
  return column.map((px) => {
    if (px > 0) last = px
    return last
  })
}
