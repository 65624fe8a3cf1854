import type {QualityLimits} from '../contracts/ingest.ts'
import {coinSpans} from './check-interval.ts'
import type {Gap} from './find-gaps.ts'
import {marksOf} from './grade.ts'
import {plainCoin, type Summary, spanOf} from './import-summary.ts'
import {bestOf, type TakenTicks} from './ticks.ts'

/** What a coin's ticks are worth, in figures. */
export interface TickFigures {
  readonly coin: string
  /** ticks that came behind a later one */
  readonly outOfOrder: number
  /** best bid above, and equal to, the best offer */
  readonly crossed: number
  readonly locked: number
  /** a side without orders */
  readonly oneSided: number
  readonly longestSilenceMs: number
}

/**
 * Rows, span and silences of ticks. A silence longer than `mostSilenceMs` is a hole: in a file, a market where nothing
 * happened and a recorder that was off look alike, and what cannot be told apart is not taken for data.
 */
export function summarizeTicks(
  {ticks, outOfOrder}: TakenTicks,
  {mostSilenceMs, limits}: {mostSilenceMs: number; limits: QualityLimits},
): Summary {
  const {coin, ts} = ticks
  const best = bestOf(ticks)
  const gaps: Gap[] = []
  const quality = coinSpans(coin).map(({coin: name, from, to}) => {
    const figures = {outOfOrder: outOfOrder.get(name) ?? 0, crossed: 0, locked: 0, oneSided: 0, longestSilenceMs: 0}
    for (let i = from; i < to; i++) {
      if (best) {
        const [bid, ask] = [best.bid[i]!, best.ask[i]!]
        if (bid > ask) figures.crossed++
        else if (bid === ask) figures.locked++
        else if (Number.isNaN(bid) || Number.isNaN(ask)) figures.oneSided++
      }
      const silence = i === from ? 0 : ts[i]! - ts[i - 1]!
      figures.longestSilenceMs = Math.max(figures.longestSilenceMs, silence)
      if (silence > mostSilenceMs) gaps.push({coin: name, from: ts[i - 1]! + 1, to: ts[i]!, missing: 0})
    }
    return {coin: name, from, to, figures}
  })
  return {
    ...spanOf(ts),
    gaps,
    holes: gaps,
    coins: quality.map(({coin: name, from, to, figures}) => {
      const rows = to - from
      const shares = {
        out_of_order_share: figures.outOfOrder / rows,
        ...(best ? {crossed_share: figures.crossed / rows, locked_share: figures.locked / rows} : {}),
        ...(best ? {empty_share: figures.oneSided / rows} : {}),
        silence_ms: figures.longestSilenceMs,
      }
      return plainCoin(name, {rows, from: ts[from]!, to: ts[to - 1]!}, gaps, marksOf(shares, limits))
    }),
    ticks: quality.map(({coin: name, figures}) => ({coin: name, ...figures})),
  }
}
