import type {FundingCosts} from '../../backtest/funding-costs.ts'
import type {Market} from './permuted-market.ts'

/** What a bar pays in funding on each side, by bar of the original market; shapes [N][T]. */
export interface FundingRates extends Omit<FundingCosts, 'flags'> {
  /** what one side pays the other gets, everywhere */
  readonly isMirrored: boolean
}

/** What every run over one market shares: prices and funding at the bars that matter. Element k · N + a. */
export interface DecisionTable {
  readonly N: number
  /** bars at whose close a book is decided; shape [K]. Row K of prices is the last bar of the panel. */
  readonly bars: Int32Array
  /** close of bar k; NaN: the asset has none */
  readonly close: Float64Array
  /** last close at or before bar k; NaN before the first */
  readonly mark: Float64Array
  /** first open after bar k, up to the open of bar k + 1; NaN: none */
  readonly fill: Float64Array
  /** paid by one coin held long from bar k to that fill, and from the fill to bar k + 1; no fill: all in the first */
  readonly longBefore: Float64Array
  readonly longAfter: Float64Array
  /** the same by one coin held short */
  readonly shortBefore: Float64Array
  readonly shortAfter: Float64Array
}

export function fundingRates({longBefore, shortBefore, longAfter, shortAfter}: FundingCosts): FundingRates {
  const mirrors = (long: readonly Float64Array[], short: readonly Float64Array[]): boolean =>
    long.every((column, a) => column.every((rate, t) => rate === -short[a]![t]!))
  return {
    ...{longBefore, shortBefore, longAfter, shortAfter},
    isMirrored: mirrors(longBefore, shortBefore) && mirrors(longAfter, shortAfter),
  }
}

/**
 * Between two decisions a position does not change, so what it earns is a difference of prices and a sum of payments, and
 * both are the same for every point of the grid. A bar without a price pays no funding.
 *
 * @param bars  bars at whose close a book is decided, ascending, before the last one of the panel
 */
export function decisionTable({panel, sources}: Market, funding: FundingRates | null, bars: Int32Array): DecisionTable {
  const N = panel.assets.length
  const size = (bars.length + 1) * N
  const column = (fill: number): Float64Array => new Float64Array(size).fill(fill)
  const mirrored = funding === null || funding.isMirrored
  const [longBefore, longAfter] = [column(0), column(0)]
  const table = {
    ...{N, bars, close: column(Number.NaN), mark: column(Number.NaN), fill: column(Number.NaN)},
    ...{
      longBefore,
      longAfter,
      shortBefore: mirrored ? longBefore : column(0),
      shortAfter: mirrored ? longAfter : column(0),
    },
  }
  const ends = new Int32Array(bars.length + 1)
  ends.set(bars)
  ends[bars.length] = panel.ts.length - 1
  for (let a = 0; a < N; a++) {
    const [open, close] = [panel.series.get('open')![a]!, panel.series.get('close')![a]!]
    priceRows(table, a, open, close, ends)
    if (funding === null) continue
    const source = sources?.[a] ?? null
    payRows(longBefore, longAfter, table, a, {open, close, source, ends}, funding.longBefore[a]!, funding.longAfter[a]!)
    if (mirrored) continue
    const [before, after] = [funding.shortBefore[a]!, funding.shortAfter[a]!]
    payRows(table.shortBefore, table.shortAfter, table, a, {open, close, source, ends}, before, after)
  }
  if (!mirrored || funding === null) return table
  return {...table, shortBefore: longBefore.map((paid) => -paid), shortAfter: longAfter.map((paid) => -paid)}
}

function priceRows(
  {N, close: closes, mark: marks, fill: fills}: DecisionTable,
  a: number,
  open: Float64Array,
  close: Float64Array,
  ends: Int32Array,
): void {
  let mark = Number.NaN
  let t = 0
  for (let k = 0, row = a; k < ends.length; k++, row += N) {
    const end = ends[k]!
    let fill = Number.NaN
    for (; t <= end; t++) {
      const px = open[t]!
      if (!(fill > 0) && px > 0) fill = px
      const shut = close[t]!
      if (shut > 0) mark = shut
    }
    closes[row] = close[end]!
    marks[row] = mark
    if (k > 0) fills[row - N] = fill
  }
}

function payRows(
  beforeFill: Float64Array,
  afterFill: Float64Array,
  {N}: DecisionTable,
  a: number,
  {open, close, source, ends}: {open: Float64Array; close: Float64Array; source: Int32Array | null; ends: Int32Array},
  before: Float64Array,
  after: Float64Array,
): void {
  for (let k = 0, row = a; k + 1 < ends.length; k++, row += N) {
    let [first, rest, isFilled] = [0, 0, false]
    for (let t = ends[k]! + 1; t <= ends[k + 1]!; t++) {
      const [px, shut] = [open[t]!, close[t]!]
      if (!(px > 0)) continue
      const s = source ? source[t]! : t
      const paid = px * before[s]!
      if (isFilled) rest += paid
      else first += paid
      isFilled = true
      if (shut > 0) rest += ((px + shut) / 2) * after[s]!
    }
    beforeFill[row] = first
    afterFill[row] = rest
  }
}
