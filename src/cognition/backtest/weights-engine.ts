import {Account} from './account.ts'
import type {BacktestResult} from './backtest-result.ts'
import {FeeTiers} from './fee-tiers.ts'
import {OrderDesk} from './order-desk.ts'
import {ResultBuilder} from './result-builder.ts'
import type {WeightsRun} from './weights-run.ts'

/**
 * Run target weights through one margin account: orders, fills, costs and funding, bar by bar.
 *
 * A target decided at the close of bar t fills from the open of t + 1 + delayBars, never earlier; its costs are those
 * known at the decision bar. An order of a resting `fillModel` waits at the touch until the close of its bar and crosses
 * there. Positions are marked at open and close; an account below maintenance is lost whole.
 * A run over the first bars of a longer history equals the start of the run over all of it.
 *
 * @returns       per-bar net return of account equity and its parts; after a liquidation every bar is 0
 * @see features-hypotheses.md 4; costs.md; López de Prado (2018), Advances in Financial Machine Learning, ch. 4 (labels)
 */
export function runWeights(run: WeightsRun): BacktestResult {
  const {costs, capital, atAccountSize = false, delayBars = 0, fillOn = 'next_open'} = run
  const account = new Account(run)
  const desk = new OrderDesk(run, account)
  const fees = new FeeTiers(run)
  const result = new ResultBuilder(run)
  const values = new Float64Array(run.close.length)
  // One object for all bars: this loop is what a grid of a hundred points repeats.
  const bar = {
    ...{start: 0, equity: 0, gross: 0, fees: 0, spread: 0, lag: 0, impact: 0, funding: 0, traded: 0},
    ...{assetPnl: account.assetPnl, values, changed: false, isLost: false},
  }
  let settledSeen = 0
  for (let t = 0; t < run.ts.length && result.liquidatedAt === null; t++) {
    const start = account.equity
    account.openBar(t)
    for (; settledSeen < account.settled.length; settledSeen++) desk.forget(account.settled[settledSeen]!.asset)
    const row = fillOn === 'same_open' ? t : t - 1 - delayBars
    if (row >= 0) {
      if (fillOn === 'same_open') desk.decide(row, run.open, account.equity)
      else desk.decide(row, run.close, result.equityAt(row))
      desk.fill(t, row, fees.at(t), start)
    }
    account.closeBar(t)
    if (row >= 0) desk.fillLate(t, fees.at(t))
    const notional = account.notional()
    const isLost = account.equity <= costs.maintenanceMargin * notional && notional > 0
    if (isLost) account.liquidate(start)
    fees.traded(t, atAccountSize ? account.traded : (account.traded * capital) / start)
    for (let a = 0; a < values.length; a++)
      values[a] = account.units[a] === 0 ? 0 : account.units[a]! * account.mark[a]!
    bar.start = start
    bar.equity = account.equity
    bar.gross = account.gross
    bar.fees = account.fees
    bar.spread = account.spread
    bar.lag = account.lag
    bar.impact = account.impact
    bar.funding = account.funding
    bar.traded = account.traded
    bar.changed = desk.changed
    bar.isLost = isLost
    result.note(t, bar)
  }
  return result.finish(desk.orders, desk.log, account.settled)
}
