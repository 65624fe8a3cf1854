import type {Hypothesis, Params} from '../../../contracts/hypothesis.ts'
import {bookMaker} from '../../backtest/target-weights.ts'
import type {CompiledHypothesis} from '../../features/compile-hypothesis.ts'
import {forEachSignalAt} from '../../features/evaluate-at.ts'
import {decisionTable, type FundingRates} from './decision-table.ts'
import {IntervalAccounts} from './interval-accounts.ts'
import type {Market} from './permuted-market.ts'

/** A rule with its grid, and what does not depend on the order of the bars. */
export interface GridRule {
  readonly hypothesis: Pick<Hypothesis, 'portfolio' | 'universe' | 'capital_usd'>
  readonly compiled: CompiledHypothesis
  readonly grid: readonly Params[]
  /** shape [N][T], 1 where an asset may be held */
  readonly mask: readonly Uint8Array[]
  readonly funding: FundingRates | null
  /** bars at whose close a book is decided, ascending, before the last bar of the panel */
  readonly bars: Int32Array
}

/**
 * Score of every point of a grid on one market: Sharpe per rebalance interval before trading costs, funding included.
 *
 * Trading costs are left out on purpose: bars in another order make signals less lasting and trading dearer, and a rule
 * must not beat such markets by their turnover (decision 0075).
 *
 * @returns  shape [grid]; 0 for a point that never trades
 */
export const scoreGrid = (rule: GridRule, market: Market): Float64Array =>
  Float64Array.from(intervalReturns(rule, market).map(quickSharpe))

/**
 * Sharpe per period in two plain passes: it is only ever compared with itself, and a thousand times a hundred of them are
 * asked for. 0 for a series that never changes.
 */
function quickSharpe(r: Float64Array): number {
  const T = r.length
  let total = 0
  for (let t = 0; t < T; t++) total += r[t]!
  const mean = total / T
  let squares = 0
  for (let t = 0; t < T; t++) {
    const d = r[t]! - mean
    squares += d * d
  }
  const sd = Math.sqrt(squares / (T - 1))
  return sd > 1e-14 * Math.abs(mean) ? mean / sd : 0
}

/**
 * Return of each interval from one decision to the next, as a fraction of equity; 0 after an account has been lost.
 *
 * Signals and books are those of the backtest; the account is the weights engine without costs and size limits, taken
 * from one decision to the next.
 *
 * @returns  shape [grid][decisions]
 */
export function intervalReturns(
  {hypothesis, compiled, grid, mask, funding, bars}: GridRule,
  market: Market,
): Float64Array[] {
  const {panel} = market
  const make = bookMaker({hypothesis, panel, universe: mask})
  const accounts = new IntervalAccounts(decisionTable(market, funding, bars), hypothesis, grid.length)
  const trade = (book: Float64Array): void => accounts.trade(book)
  forEachSignalAt(compiled, panel, mask, grid, bars, (signal, g, stretch) => {
    accounts.turnTo(g)
    make(signal, stretch, trade)
  })
  return accounts.returns
}
