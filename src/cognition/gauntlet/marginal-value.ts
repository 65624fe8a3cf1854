import type {DailyReturns} from '../hypotheses/daily-returns.ts'
import {commonCorrelation, commonDays} from '../hypotheses/returns-kinship.ts'
import {factorAlpha} from '../statistics/factor-alpha.ts'

/** What a confirmed hypothesis earned in research. */
export interface Book {
  readonly hypothesis: string
  readonly state: string
  /** one series per grid point; null: what was stored is gone or edited */
  readonly points: readonly DailyReturns[] | null
}

/** What an idea adds to one book. */
export interface Marginal {
  readonly book: Book
  /** with the nearest grid point of the book, signed; null: too few common days, or the book has no returns */
  readonly correlation: number | null
  /** HAC t of what is left of the idea once the book is taken out; NaN: nothing is left, or it cannot be computed */
  readonly t: number
}

/**
 * Does an idea earn what no confirmed book earns already? A second copy of a book adds risk and no return.
 *
 * Every grid point of a book is compared, and the nearest one speaks for it: which of them is traded is not in the
 * ledger, and an idea that copies any of them is a copy.
 *
 * @param horizonDays  days a position usually lives
 * @returns            nearest book first; those that cannot be compared before all others
 * @see gauntlet.md 0.1.6
 */
export function marginalValue(own: DailyReturns, books: readonly Book[], horizonDays: number): Marginal[] {
  return books
    .map((book): Marginal => {
      let nearest: {point: DailyReturns; correlation: number} | null = null
      for (const point of book.points ?? []) {
        const correlation = commonCorrelation(own, point)
        if (correlation !== null && !(nearest !== null && correlation <= nearest.correlation))
          nearest = {point, correlation}
      }
      if (nearest === null) return {book, correlation: null, t: Number.NaN}
      return {book, correlation: nearest.correlation, t: leftOver(own, nearest.point, horizonDays)}
    })
    .sort(
      (a, b) =>
        (b.correlation ?? Infinity) - (a.correlation ?? Infinity) || (a.book.hypothesis < b.book.hypothesis ? -1 : 1),
    )
}

/** HAC t of the alpha of `own` beyond `other` on their common days. */
function leftOver(own: DailyReturns, other: DailyReturns, horizonDays: number): number {
  const [r, factor] = commonDays(own, other)
  // A copy, to the rounding of what is stored, leaves nothing that could be tested.
  const scale = inner(r, factor) / inner(factor, factor)
  const residual = r.map((value, t) => value - scale * factor[t]!)
  if (!(inner(residual, residual) > 1e-6 * inner(r, r))) return Number.NaN
  return factorAlpha(r, [factor], horizonDays).t
}

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((total, value, t) => total + value * b[t]!, 0)
