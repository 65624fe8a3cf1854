import type {FundingCosts} from '../../backtest/funding-costs.ts'
import type {Market} from './permuted-market.ts'

/** What a bar pays in funding on each side, by bar of the original market; shapes [N][T]. */
export type FundingRates = Omit<FundingCosts, 'flags'>

/**
 * What every run over one market shares: from each decision to the next, what one coin earns, price and funding. Element
 * k · N + a; NaN where the asset has no price to tell.
 */
export interface DecisionTable {
  readonly N: number
  /** close of bar k; NaN: the asset has none */
  readonly close: Float64Array
  /** 1 where an order of bar k is filled: at the first open after it, up to the open of bar k + 1 */
  readonly isFilled: Uint8Array
  /**
   * by a coin from bar k to that fill, or to bar k + 1 where there is none: one held in element 2 · (k · N + a), one owed
   * in the element after it
   */
  readonly before: Float64Array
  /** by a coin from that fill to bar k + 1, in the same way */
  readonly after: Float64Array
}

/**
 * Between two decisions a position does not change, so what it earns is a difference of prices and a sum of payments, and
 * both are the same for every point of the grid. A bar without a price pays no funding. The way after the last decision
 * ends with the panel.
 *
 * @param bars  bars at whose close a book is decided, ascending, before the last one of the panel
 */
export function decisionTable({panel, sources}: Market, funding: FundingRates | null, bars: Int32Array): DecisionTable {
  const N = panel.assets.length
  const size = bars.length * N
  const table = {
    ...{N, close: new Float64Array(size), isFilled: new Uint8Array(size)},
    ...{before: new Float64Array(2 * size), after: new Float64Array(2 * size)},
  }
  const ends = new Int32Array(bars.length + 1)
  ends.set(bars)
  ends[bars.length] = panel.ts.length - 1
  for (let a = 0; a < N; a++) {
    const prices = {open: panel.series.get('open')![a]!, close: panel.series.get('close')![a]!, ends}
    priceRows(table, a, prices)
    if (funding) payRows(table, a, prices, sources?.[a] ?? null, funding)
  }
  return table
}

interface Prices {
  readonly open: Float64Array
  readonly close: Float64Array
  /** the decisions, and the last bar of the panel */
  readonly ends: Int32Array
}

/** Differences of prices: on both sides alike. */
function priceRows({N, close: closes, isFilled, before, after}: DecisionTable, a: number, prices: Prices): void {
  const {open, close, ends} = prices
  let mark = Number.NaN
  let t = 0
  for (; t <= ends[0]!; t++) if (close[t]! > 0) mark = close[t]!
  for (let k = 0, row = a; k + 1 < ends.length; k++, row += N) {
    const end = ends[k + 1]!
    const from = mark
    let fill = Number.NaN
    closes[row] = close[ends[k]!]!
    for (; t <= end; t++) {
      const px = open[t]!
      if (!(fill > 0) && px > 0) fill = px
      const shut = close[t]!
      if (shut > 0) mark = shut
    }
    const filled = fill > 0
    isFilled[row] = filled ? 1 : 0
    before[2 * row] = before[2 * row + 1] = (filled ? fill : mark) - from
    after[2 * row] = after[2 * row + 1] = mark - fill
  }
}

/** Take funding off what a coin earns: one that is held pays the long side's, one that is owed the short side's. */
function payRows(
  {N, before, after}: DecisionTable,
  a: number,
  {open, close, ends}: Prices,
  source: Int32Array | null,
  {longBefore, longAfter, shortBefore, shortAfter}: FundingRates,
): void {
  const [longFirst, longRest, shortFirst, shortRest] = [longBefore[a]!, longAfter[a]!, shortBefore[a]!, shortAfter[a]!]
  for (let k = 0, row = 2 * a; k + 1 < ends.length; k++, row += 2 * N) {
    let first = 0
    let rest = 0
    let owedFirst = 0
    let owedRest = 0
    let isFilled = false
    const end = ends[k + 1]!
    for (let t = ends[k]! + 1; t <= end; t++) {
      const px = open[t]!
      const shut = close[t]!
      if (!(px > 0)) continue
      const s = source === null ? t : source[t]!
      const paid = px * longFirst[s]!
      const owed = px * shortFirst[s]!
      if (isFilled) {
        rest += paid
        owedRest += owed
      } else {
        first += paid
        owedFirst += owed
      }
      isFilled = true
      if (!(shut > 0)) continue
      const mid = (px + shut) / 2
      rest += mid * longRest[s]!
      owedRest += mid * shortRest[s]!
    }
    before[row] = before[row]! - first
    after[row] = after[row]! - rest
    before[row + 1] = before[row + 1]! + owedFirst
    after[row + 1] = after[row + 1]! + owedRest
  }
}
