import type {Panel} from '../../contracts/panel.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import {engineCosts} from '../backtest/engine-costs.ts'
import {weightsRunOf} from '../backtest/run-configuration.ts'
import {transferOf} from '../backtest/transfer.ts'
import {evaluateSignals} from '../features/evaluate.ts'
import {above, atLeast, type Gate, reported} from './check.ts'
import {LEAST_BARS} from './gather-evidence.ts'
import type {Ruled} from './run-grid.ts'

/** Where two venues quote one market, hourly returns correlate above 0.95; below this it is another market. */
const LEAST_CORRELATION = 0.9
/** Of what the rule held, so much must be tradable at all. */
const LEAST_HELD_SHARE = 0.9

/**
 * The transfer test: does a rule researched on one venue survive on the one it would trade on?
 *
 * @param trading  panel of the trading venue over the research window; null: the lake has none
 * @param own      run of the declared point on the research venue, in full detail
 * @see features-hypotheses.md 2
 */
export function transferGates(ruled: Ruled, trading: Panel | null, own: BacktestResult, first: number): Gate[] {
  const {hypothesis, compiled, grid, primary, panel, mask, costs} = ruled
  const name = 'bars that the trading venue shares with the research window'
  const none = {otherwise: 'INSUFFICIENT', decidesOn: 'candles'} as const
  if (trading === null) return [atLeast(name, 0, LEAST_BARS, {...none, note: 'the lake has no bars of it'})]
  const params = grid[primary]!
  const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
  const run = weightsRunOf({hypothesis, params, panel, universe: mask, signal, costs})
  const input = {targets: run.weights, result: own, first}
  const transfer = transferOf(panel, trading, input, (weights) => {
    const column = (of: 'open' | 'high' | 'low' | 'close' | 'volume') => trading.series.get(of)!
    return {
      ...{ts: trading.ts, barMs: trading.barMs, open: column('open'), high: column('high'), low: column('low')},
      ...{close: column('close'), volume: column('volume'), state: trading.state, weights},
      ...{sizeDecimals: trading.sizeDecimals, capital: run.capital},
      costs: engineCosts(trading, costs),
      noTradeBand: hypothesis.portfolio.no_trade_band,
    }
  })
  if (transfer === null) return [atLeast(name, 0, LEAST_BARS, {...none, note: 'the two histories do not overlap'})]
  const {from, to, bars, worst, onResearch, onTrade} = transfer
  const span = `${from.slice(0, 10)} to ${to.slice(0, 10)}, ${panel.venue} to ${trading.venue}`
  return [
    atLeast(name, bars, LEAST_BARS, {...none, note: span}),
    atLeast('share of what it held that the trading venue lists', transfer.heldShare, LEAST_HELD_SHARE),
    atLeast('median correlation of bar returns between the venues', transfer.correlation, LEAST_CORRELATION),
    above('annual net return, priced on the trading venue', onTrade.annual_return, 0, {note: span}),
    reported('worst correlation between the venues', worst.correlation, worst.asset),
    reported('basis between the venues, median, bp', transfer.basis * 1e4),
    reported('funding that the trading venue costs more, a year', transfer.fundingDifference, 'fraction of equity'),
    reported('annual net return on the research venue, same bars', onResearch.annual_return),
    reported('data of the trading venue', trading.dataSha),
  ]
}
