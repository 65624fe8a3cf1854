import type {FundingCosts} from '../../backtest/funding-costs.ts'
import type {Market} from './permuted-market.ts'

/**
 * What a bar of an asset pays in funding, by bar of the original market: shape [N][4 T]. Bar t has from element 4 t on what
 * is paid at its open by a coin held and by one owed, and what is paid after the open by the same.
 */
export type FundingRates = readonly Float64Array[]

/** Side by side, because an order of the bars asks for them here and there. @param T  bars that are kept */
export const fundingRates = (
  {longBefore, shortBefore, longAfter, shortAfter}: FundingCosts,
  assets: readonly number[],
  T: number,
): FundingRates =>
  assets.map((a) => {
    const rates = new Float64Array(4 * T)
    for (let t = 0; t < T; t++) {
      rates[4 * t] = longBefore[a]![t]!
      rates[4 * t + 1] = shortBefore[a]![t]!
      rates[4 * t + 2] = longAfter[a]![t]!
      rates[4 * t + 3] = shortAfter[a]![t]!
    }
    return rates
  })

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
    settleRows(table, a, prices, funding?.[a] ?? null, sources?.[a] ?? null)
  }
  return table
}

interface Prices {
  readonly open: Float64Array
  readonly close: Float64Array
  /** the decisions, and the last bar of the panel */
  readonly ends: Int32Array
}

/**
 * Differences of prices on both sides alike, less what funding takes: a coin that is held pays the long side's, one that
 * is owed the short side's.
 */
function settleRows(
  {N, close: closes, isFilled, before, after}: DecisionTable,
  a: number,
  {open, close, ends}: Prices,
  rates: Float64Array | null,
  source: Int32Array | null,
): void {
  let mark = Number.NaN
  let t = 0
  for (; t <= ends[0]!; t++) if (close[t]! > 0) mark = close[t]!
  for (let k = 0, row = a; k + 1 < ends.length; k++, row += N) {
    const end = ends[k + 1]!
    const from = mark
    let fill = 0
    let paidBefore = 0
    let owedBefore = 0
    let paid = 0
    let owed = 0
    closes[row] = close[ends[k]!]!
    for (; t <= end; t++) {
      const px = open[t]!
      const shut = close[t]!
      if (shut > 0) mark = shut
      if (!(px > 0)) continue
      const s = rates === null ? 0 : 4 * (source === null ? t : source[t]!)
      if (fill === 0) {
        fill = px
        if (rates === null) continue
        paidBefore = px * rates[s]!
        owedBefore = px * rates[s + 1]!
      } else if (rates !== null) {
        paid += px * rates[s]!
        owed += px * rates[s + 1]!
      }
      if (rates === null || !(shut > 0)) continue
      const mid = (px + shut) / 2
      paid += mid * rates[s + 2]!
      owed += mid * rates[s + 3]!
    }
    const isTaken = fill > 0
    const moved = (isTaken ? fill : mark) - from
    const rest = isTaken ? mark - fill : Number.NaN
    isFilled[row] = isTaken ? 1 : 0
    before[2 * row] = moved - paidBefore
    before[2 * row + 1] = moved + owedBefore
    after[2 * row] = rest - paid
    after[2 * row + 1] = rest + owed
  }
}
