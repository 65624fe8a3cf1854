import {DAY_MS} from '../../kernel/instant.ts'
import {Account} from './account.ts'
import type {BacktestResult} from './backtest-result.ts'
import {OrderDesk} from './order-desk.ts'
import type {WeightsRun} from './weights-run.ts'

const FEE_WINDOW_MS = 14 * DAY_MS

/**
 * Run target weights through one margin account: orders, fills, costs and funding, bar by bar.
 *
 * A target decided at the close of bar t fills from the open of t + 1 + delayBars, never earlier; its costs are those
 * known at the decision bar. Positions are marked at open and close; an account below maintenance is lost whole.
 * A run over the first bars of a longer history equals the start of the run over all of it.
 *
 * @returns       per-bar net return of account equity and its parts; after a liquidation every bar is 0
 * @see features-hypotheses.md 4; costs.md; López de Prado (2018), Advances in Financial Machine Learning, ch. 4 (labels)
 */
export function runWeights(run: WeightsRun): BacktestResult {
  const T = run.ts.length
  const N = run.close.length
  const {costs, capital, delayBars = 0, fillOn = 'next_open', detail = 'full'} = run
  const account = new Account(run)
  const desk = new OrderDesk(run, account)
  const series = () => new Float64Array(T)
  const out = {
    net: series(),
    turnover: series(),
    exposure: series(),
    netExposure: series(),
    equity: series(),
    gross: series(),
    fees: series(),
    spread: series(),
    lag: series(),
    impact: series(),
    funding: series(),
  }
  const columns = detail === 'full' ? N : 0
  const assetPnl = Array.from({length: columns}, series)
  const heldWeights = Array.from({length: columns}, series)
  const fee = feeByVolume(run)
  const first: number[] = []
  const last: number[] = []
  let liquidatedAt: number | null = null
  let settledSeen = 0

  for (let t = 0; t < T; t++) {
    const start = account.equity
    if (liquidatedAt !== null) continue
    account.openBar(t)
    for (; settledSeen < account.settled.length; settledSeen++) desk.forget(account.settled[settledSeen]!.asset)
    const row = fillOn === 'same_open' ? t : t - 1 - delayBars
    if (row >= 0) {
      if (fillOn === 'same_open') desk.decide(row, run.open, account.equity)
      else desk.decide(row, run.close, out.equity[row]!)
      desk.fill(t, row, fee(t), start)
    }
    const notional = account.closeBar(t)
    if (account.equity <= costs.maintenanceMargin * notional && notional > 0) {
      account.liquidate(start)
      liquidatedAt = t
    }
    out.net[t] = account.equity / start - 1
    out.gross[t] = account.gross / start
    out.fees[t] = account.fees / start
    out.spread[t] = account.spread / start
    out.lag[t] = account.lag / start
    out.impact[t] = account.impact / start
    out.funding[t] = account.funding / start
    out.turnover[t] = account.traded / start
    fee.traded(t, (account.traded * capital) / start)
    out.equity[t] = account.equity
    if (desk.changed || liquidatedAt === t) {
      if (first.length > last.length) last.push(Math.max(t - 1, first.at(-1)!))
      if (notional > 0 && liquidatedAt === null) first.push(t)
    }
    let net = 0
    for (let a = 0; a < N; a++) {
      const value = account.units[a] === 0 ? 0 : account.units[a]! * account.mark[a]!
      net += value
      if (columns === 0) continue
      assetPnl[a]![t] = account.assetPnl[a]! / start
      if (value !== 0) heldWeights[a]![t] = value / account.equity
    }
    if (account.equity > 0) {
      out.exposure[t] = notional / account.equity
      out.netExposure[t] = net / account.equity
    }
  }
  if (first.length > last.length) last.push(T - 1)
  return {
    ts: run.ts,
    barMs: run.barMs,
    capital,
    ...out,
    assetPnl,
    heldWeights,
    orders: desk.orders,
    ...desk.log,
    labels: {first: Int32Array.from(first), last: Int32Array.from(last)},
    settled: account.settled,
    liquidatedAt,
    flags: costs.flags,
  }
}

interface FeeByVolume {
  /** taker fee at bar t */
  (t: number): number
  /** note what bar t traded, at the declared capital */
  traded(t: number, notional: number): void
}

/** The tier follows the volume of the 14 days before the bar, as the venue's does. */
function feeByVolume({ts, barMs, costs: {tierVolume, takerFee}}: WeightsRun): FeeByVolume {
  const window = Math.ceil(FEE_WINDOW_MS / barMs)
  const total = new Float64Array(ts.length + 1)
  const at = (t: number): number => {
    if (tierVolume.length === 1) return takerFee[0]!
    const volume = total[t]! - total[Math.max(0, t - window)]!
    let tier = 0
    while (tier + 1 < tierVolume.length && volume > tierVolume[tier + 1]!) tier++
    return takerFee[tier]!
  }
  return Object.assign(at, {
    traded(t: number, notional: number): void {
      total[t + 1] = total[t]! + notional
    },
  })
}
