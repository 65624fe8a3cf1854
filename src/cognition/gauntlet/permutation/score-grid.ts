import type {Hypothesis, Params} from '../../../contracts/hypothesis.ts'
import {forEachBook, type SomeTargets} from '../../backtest/target-weights.ts'
import type {CompiledHypothesis} from '../../features/compile-hypothesis.ts'
import {forEachSignalAt} from '../../features/evaluate.ts'
import {type DecisionTable, decisionTable, type FundingRates} from './decision-table.ts'
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
 * Signals and books are those of the backtest; the account is the weights engine without costs and size limits, taken
 * from one decision to the next. Trading costs are left out on purpose: bars in another order make signals less lasting
 * and trading dearer, and a rule must not beat such markets by their turnover (decision 0075).
 *
 * @returns  shape [grid]; 0 for a point that never trades
 */
export function scoreGrid(rule: GridRule, market: Market): Float64Array {
  const {hypothesis, compiled, grid, mask, funding, bars} = rule
  const {panel} = market
  const table = decisionTable(market, funding, bars)
  const scores = new Float64Array(grid.length)
  forEachSignalAt(compiled, panel, mask, grid, bars, (signal, g) => {
    scores[g] = quickSharpe(intervalReturns(table, {hypothesis, signal, panel, universe: mask, bars}))
  })
  return scores
}

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
  for (let t = 0; t < T; t++) squares += (r[t]! - mean) ** 2
  const sd = Math.sqrt(squares / (T - 1))
  return sd > 1e-14 * Math.abs(mean) ? mean / sd : 0
}

/**
 * Return of each interval from one decision to the next, as a fraction of equity; 0 after an account has been lost.
 *
 * @param request  its bars are those of the table
 */
export function intervalReturns(
  {N, close, isFilled, before, after}: DecisionTable,
  request: SomeTargets & {readonly hypothesis: GridRule['hypothesis']},
): Float64Array {
  const {portfolio, capital_usd} = request.hypothesis
  const band = portfolio.no_trade_band
  const units = new Float64Array(N)
  const net = new Float64Array(request.bars.length)
  let equity = capital_usd
  forEachBook(request, (book, _, k) => {
    const start = equity
    let earned = 0
    for (let a = 0, row = k * N; a < N && start > 0; a++, row++) {
      const held = units[a]!
      const weight = book[a]!
      if (held !== 0) earned += held * before[2 * row + Number(held < 0)]!
      else if (weight === 0) continue
      // An order that no bar takes waits: the next decision replaces it.
      if (isFilled[row] === 0) continue
      let wanted = 0
      if (weight !== 0) {
        const px = close[row]!
        const moves = px > 0 && !(band > 0 && Math.abs(weight - (held * px) / start) <= band)
        wanted = moves ? (weight * start) / px : held
      }
      if (wanted !== 0) earned += wanted * after[2 * row + Number(wanted < 0)]!
      units[a] = wanted
    }
    net[k] = start > 0 ? Math.max(-1, earned / start) : 0
    equity = start + earned
  })
  return net
}
