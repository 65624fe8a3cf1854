import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import {barLiquidity} from './bar-liquidity.ts'
import {bookVolatility, dailyReturns} from './daily-returns.ts'
import {marketBeta} from './market-beta.ts'
import {rebalanceBars} from './rebalance-bars.ts'
import {shapeBook, wishes} from './shape-book.ts'

/** Window of the volatility behind `equal_risk`, as in the cost model. */
const SIGMA_DAYS = 30

export interface TargetRequest {
  readonly hypothesis: Pick<Hypothesis, 'portfolio' | 'universe'>
  /** shape [N][T]; NaN: no opinion */
  readonly signal: readonly Float64Array[]
  readonly panel: Panel
  /** shape [N][T]; 1: may be held after a decision at this close */
  readonly universe: readonly Uint8Array[]
}

/**
 * Signal to target weights, the same code in research and live.
 *
 * On each bar of the rebalance calendar every asset gets a number: its weight, or 0 when it is outside the universe or has
 * no opinion (a NaN signal wants no position, it does not keep the old one). Below `min_assets` members the whole book is
 * 0. Between rebalances all is NaN: no order. Weights sum to at most `gross` in size; a volatility target only ever scales
 * down, and without 20 days to estimate from there is no book. `no_trade_band` is the engine's: it knows what is held.
 *
 * @returns      shape [N][T], fraction of equity
 * @throws Fault `portfolio.rebalance_off_grid` (contract)
 */
export function targetWeights(request: TargetRequest): Float64Array[] {
  const weights = request.panel.assets.map(() => new Float64Array(request.panel.ts.length).fill(Number.NaN))
  forEachBook(request, (book, t) => {
    for (let a = 0; a < weights.length; a++) weights[a]![t] = book[a]!
  })
  return weights
}

/**
 * The same book by book, for runs that only look at the bars on which one is decided.
 *
 * @param visit  the array is valid during the call only: its memory is used again
 * @param bars   some of the bars of the rebalance calendar, ascending; `signal` has shape [N][bars] then
 */
export function forEachBook(
  {hypothesis, signal, panel, universe}: TargetRequest,
  visit: (book: Float64Array, t: number) => void,
  bars?: Int32Array,
): void {
  const {portfolio} = hypothesis
  const N = panel.assets.length
  const sigmas = portfolio.construct === 'equal_risk' ? barLiquidity(panel, SIGMA_DAYS).sigma : null
  const daily = portfolio.vol_target_annual ? dailyReturns(panel) : null
  const beta = portfolio.neutral === 'beta' ? marketBeta(panel, universe) : null
  const dollars = portfolio.neutral === 'dollar' ? new Float64Array(N).fill(1) : null
  const now = new Float64Array(N)
  const sigma = new Float64Array(N)
  const book = new Float64Array(N)
  const opinions: number[] = []
  const decided = bars ?? rebalanceBars(panel, portfolio.rebalance)
  for (let k = 0; k < decided.length; k++) {
    const t = decided[k]!
    const row = bars ? k : t
    let members = 0
    opinions.length = 0
    for (let a = 0; a < N; a++) {
      if (universe[a]![t] !== 1) continue
      members++
      now[a] = signal[a]![row]!
      if (sigmas) sigma[a] = sigmas[a]![t]!
      if (Number.isFinite(now[a])) opinions.push(a)
    }
    if (members < hypothesis.universe.min_assets) book.fill(0)
    else {
      wishes(portfolio.construct, opinions, now, sigma, book)
      shapeBook(book, opinions, portfolio, beta ? beta(t) : dollars)
      if (daily && portfolio.vol_target_annual) {
        const volatility = bookVolatility(daily, book, t)
        const scale = volatility > 0 ? Math.min(1, portfolio.vol_target_annual / volatility) : 0
        for (let a = 0; a < N; a++) book[a] = book[a]! * scale
      }
    }
    // + 0 turns −0 into 0.
    for (let a = 0; a < N; a++) book[a] = book[a]! + 0
    visit(book, t)
  }
}
