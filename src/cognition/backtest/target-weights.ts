import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import {type Stretch, stretchesOf} from '../features/frame.ts'
import {barLiquidity} from './bar-liquidity.ts'
import {bookVolatility, dailyReturns} from './daily-returns.ts'
import {marketBeta} from './market-beta.ts'
import {rebalanceBars} from './rebalance-bars.ts'
import {shapeBook, shapeSignals, wishes} from './shape-book.ts'

/** Window of the volatility behind `equal_risk`, as in the cost model. */
const SIGMA_DAYS = 30

export interface TargetRequest {
  readonly hypothesis: Pick<Hypothesis, 'portfolio' | 'universe'>
  /** shape [N][T], or on the bars of the rebalance calendar alone: element k · N + a; NaN: no opinion */
  readonly signal: readonly Float64Array[] | Float64Array
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
  const {hypothesis, signal, panel, universe} = request
  const weights = panel.assets.map(() => new Float64Array(panel.ts.length).fill(Number.NaN))
  const bars = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const make = bookMaker(request)
  const sheet = signal instanceof Float64Array ? signal : sheetOf(signal, bars)
  for (const stretch of stretchesOf(universe, bars, Math.max(1, bars.length)))
    make(sheet, stretch, (book, t) => {
      for (let a = 0; a < weights.length; a++) weights[a]![t] = book[a]!
    })
  return weights
}

/**
 * Makes the books of some bars of the rebalance calendar.
 *
 * @param signal  at those bars: element k · N + a is asset a at bar k, as in the universe
 * @param visit   the array is valid during the call only: its memory is used again
 */
export type MakeBooks = (signal: Float64Array, stretch: Stretch, visit: (book: Float64Array, t: number) => void) => void

/** Book by book, for runs that only look at the bars on which one is decided. */
export function bookMaker({hypothesis, panel, universe}: Omit<TargetRequest, 'signal'>): MakeBooks {
  const {portfolio} = hypothesis
  const {min_assets} = hypothesis.universe
  const N = panel.assets.length
  const sigmas = portfolio.construct === 'equal_risk' ? barLiquidity(panel, SIGMA_DAYS).sigma : null
  const daily = portfolio.vol_target_annual ? dailyReturns(panel) : null
  const beta = portfolio.neutral === 'beta' ? marketBeta(panel, universe) : null
  const dollars = portfolio.neutral === 'dollar' ? 'dollar' : null
  const book = new Float64Array(N)
  // Of the members with an opinion: who they are, and what is known of each, side by side.
  const member = new Int32Array(N)
  const [sigma, load] = [new Float64Array(N), new Float64Array(N)]

  const scaleToTarget = (target: number, t: number): void => {
    const volatility = bookVolatility(daily!, book, t)
    const scale = volatility > 0 ? Math.min(1, target / volatility) : 0
    for (let a = 0; a < N; a++) book[a] = book[a]! * scale + 0
  }

  /** Opinions of the members of one bar, side by side in `book`. @returns how many; −1: too few members */
  const opinions = (signal: Float64Array, row: number, present: Uint8Array): number => {
    let members = 0
    let n = 0
    for (let a = 0; a < N; a++) {
      if (present[row + a] !== 1) continue
      members++
      const wished = signal[row + a]!
      // True of finite numbers only.
      if (wished - wished !== 0) continue
      book[n] = wished
      member[n++] = a
    }
    return members < min_assets ? -1 : n
  }
  /** The same where everybody is a member; −1 also where somebody has no opinion. */
  const allOpinions = (signal: Float64Array, row: number): number => {
    let without = 0
    for (let a = 0; a < N; a++) {
      const wished = signal[row + a]!
      book[a] = wished
      without += Number(wished - wished !== 0)
    }
    return without === 0 && N >= min_assets ? N : -1
  }

  const isPlain =
    portfolio.construct === 'proportional' && portfolio.neutral === 'dollar' && daily === null && N >= min_assets
  return (signal, {bars, universe: present, isWhole}, visit) => {
    for (let k = 0, row = 0; k < bars.length; k++, row += N) {
      const t = bars[k]!
      if (isPlain && isWhole[k] === 1 && shapeSignals(signal, row, book, N, portfolio)) {
        visit(book, t)
        continue
      }
      let n = isWhole[k] === 1 ? allOpinions(signal, row) : -1
      const isFull = n === N
      if (!isFull) n = opinions(signal, row, present)
      if (n < 0) book.fill(0)
      else {
        if (sigmas) for (let i = 0; i < n; i++) sigma[i] = sigmas[isFull ? i : member[i]!]![t]!
        if (beta) for (let i = 0; i < n; i++) load[i] = beta(t)[isFull ? i : member[i]!]!
        wishes(portfolio.construct, book, n, sigma)
        shapeBook(book, n, portfolio, beta ? load : dollars)
        if (!isFull) spread(book, member, n)
        if (daily && portfolio.vol_target_annual) scaleToTarget(portfolio.vol_target_annual, t)
      }
      visit(book, t)
    }
  }
}

/** From side by side to where they belong, with 0 for everybody else; in place, so from the last on. */
function spread(book: Float64Array, member: Int32Array, n: number): void {
  for (let a = book.length - 1, i = n - 1; a >= 0; a--) book[a] = i >= 0 && member[i] === a ? book[i--]! : 0
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
