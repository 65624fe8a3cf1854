import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import {universeAt} from '../features/frame.ts'
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

/** The same at some bars of the rebalance calendar, ascending, of a signal that was evaluated only there. */
export interface SomeTargets extends Omit<TargetRequest, 'signal'> {
  /** element k · N + a */
  readonly signal: Float64Array
  readonly bars: Int32Array
}

/**
 * Book by book, for runs that only look at the bars on which one is decided.
 *
 * @param visit  the array is valid during the call only: its memory is used again
 */
export function forEachBook(
  request: TargetRequest | SomeTargets,
  visit: (book: Float64Array, t: number, k: number) => void,
): void {
  const {hypothesis, panel, universe} = request
  const {portfolio} = hypothesis
  const N = panel.assets.length
  const sigmas = portfolio.construct === 'equal_risk' ? barLiquidity(panel, SIGMA_DAYS).sigma : null
  const daily = portfolio.vol_target_annual ? dailyReturns(panel) : null
  const beta = portfolio.neutral === 'beta' ? marketBeta(panel, universe) : null
  const decided = 'bars' in request ? request.bars : rebalanceBars(panel, portfolio.rebalance)
  const sheet = 'bars' in request ? request.signal : sheetOf(request.signal, decided)
  const present = universeAt(universe, decided)
  const book = new Float64Array(N)
  // Of the members with an opinion: who they are, and what is known of each, side by side.
  const [member, wish] = [new Int32Array(N), new Float64Array(N)]
  const [sigma, load] = [new Float64Array(N), new Float64Array(N).fill(1)]
  for (let k = 0; k < decided.length; k++) {
    const t = decided[k]!
    const row = k * N
    let members = 0
    let n = 0
    for (let a = 0; a < N; a++) {
      if (present[row + a] !== 1) continue
      members++
      const wished = sheet[row + a]!
      // True of finite numbers only.
      if (wished - wished !== 0) continue
      wish[n] = wished
      member[n++] = a
    }
    if (n < N) book.fill(0)
    if (members >= hypothesis.universe.min_assets) {
      if (sigmas) for (let i = 0; i < n; i++) sigma[i] = sigmas[member[i]!]![t]!
      if (beta) for (let i = 0; i < n; i++) load[i] = beta(t)[member[i]!]!
      wishes(portfolio.construct, wish, n, sigma)
      shapeBook(wish, n, portfolio, portfolio.neutral === 'none' ? null : load)
      // + 0 turns −0 into 0.
      for (let i = 0; i < n; i++) book[member[i]!] = wish[i]! + 0
      if (daily && portfolio.vol_target_annual) {
        const volatility = bookVolatility(daily, book, t)
        const scale = volatility > 0 ? Math.min(1, portfolio.vol_target_annual / volatility) : 0
        for (let a = 0; a < N; a++) book[a] = book[a]! * scale + 0
      }
    } else book.fill(0)
    visit(book, t, k)
  }
}

/** A signal of every bar at those on which a book is decided: element k · N + a. */
function sheetOf(signal: readonly Float64Array[], bars: Int32Array): Float64Array {
  const N = signal.length
  const sheet = new Float64Array(N * bars.length)
  for (let a = 0; a < N; a++) {
    const column = signal[a]!
    for (let k = 0, i = a; k < bars.length; k++, i += N) sheet[i] = column[bars[k]!]!
  }
  return sheet
}
