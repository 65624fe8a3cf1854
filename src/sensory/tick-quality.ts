import type {QualityFigure, QualityLimits} from '../contracts/ingest.ts'
import {type CoinSpan, coinSpans} from './check-interval.ts'
import {type Mark, marksOf, worstOf} from './grade.ts'

/** What one coin's rows of a stream are worth. */
export interface TickQuality {
  readonly coin: string
  readonly rows: number
  /** epoch ms of the first and last row */
  readonly from: number
  readonly to: number
  /** longest time between two rows, ms */
  readonly silenceMs: number
  readonly figures: Readonly<Partial<Record<QualityFigure, number>>>
  readonly marks: Readonly<Partial<Record<QualityFigure, Mark>>>
  readonly mark: Mark
}

interface Ticks {
  /** rows in lake order: by coin, then time */
  readonly coin: readonly string[]
  readonly ts: Float64Array
}

/**
 * Trades: the share that came behind a later one, and of those whose id stands at another time too.
 *
 * @param availableAt  when each row was here; an imported trade came at its own time
 */
export function tradesQuality(
  {coin, ts, tid, availableAt}: Ticks & {readonly tid: readonly string[]; readonly availableAt: Float64Array},
  limits: QualityLimits,
): TickQuality[] {
  return coinSpans(coin).map((span) => {
    const {from, to} = span
    const arrival = Array.from({length: to - from}, (_, i) => from + i)
    arrival.sort((a, b) => availableAt[a]! - availableAt[b]! || a - b)
    let newest = Number.NEGATIVE_INFINITY
    let behind = 0
    for (const row of arrival) {
      if (ts[row]! < newest) behind++
      else newest = ts[row]!
    }
    const ids = new Set(tid.slice(from, to)).size
    const rows = to - from
    return figured(ts, span, {out_of_order_share: behind / rows, repeated_id_share: (rows - ids) / rows}, limits)
  })
}

/** Best quotes, of `bbo` or of a book: crossed, locked, one-sided. A side that is not there is NaN. */
export function quotesQuality(
  {coin, ts, bid, ask}: Ticks & {readonly bid: Float64Array; readonly ask: Float64Array},
  limits: QualityLimits,
): TickQuality[] {
  return coinSpans(coin).map((span) => {
    const tally = {crossed: 0, locked: 0, empty: 0}
    for (let i = span.from; i < span.to; i++) {
      const [buy, sell] = [bid[i]!, ask[i]!]
      if (Number.isNaN(buy) || Number.isNaN(sell)) tally.empty++
      else if (buy > sell) tally.crossed++
      else if (buy === sell) tally.locked++
    }
    const share = (count: number): number => count / (span.to - span.from)
    const {crossed, locked, empty} = tally
    const figures = {crossed_share: share(crossed), locked_share: share(locked), empty_share: share(empty)}
    return figured(ts, span, figures, limits)
  })
}

function figured(
  ts: Float64Array,
  {coin, from, to}: CoinSpan,
  shares: Readonly<Partial<Record<QualityFigure, number>>>,
  limits: QualityLimits,
): TickQuality {
  let silenceMs = 0
  for (let i = from + 1; i < to; i++) silenceMs = Math.max(silenceMs, ts[i]! - ts[i - 1]!)
  const figures = {...shares, silence_ms: silenceMs}
  const marks = marksOf(figures, limits)
  const mark = worstOf(Object.values(marks))
  return {coin, rows: to - from, from: ts[from]!, to: ts[to - 1]!, silenceMs, figures, marks, mark}
}
