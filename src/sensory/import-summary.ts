import {QUALITY_LIMITS, type QualityLimits} from '../contracts/ingest.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from './bars.ts'
import {coinSpans} from './check-interval.ts'
import {tradableHoles} from './coverage-ledger.ts'
import {barGaps, fundingGaps, type Gap} from './find-gaps.ts'
import {marksOf, worstOf} from './grade.ts'
import type {Redenomination} from './incarnations.ts'
import {judgeLives} from './judge-lives.ts'
import {type CoinQuality, quality} from './quality.ts'
import type {TickFigures} from './summarize-ticks.ts'

/** Figures of one set of rows: what an ingest report and `lake status` show. */
export interface Summary {
  readonly rows: number
  readonly from: number | null
  readonly to: number | null
  /** steps that are too long, whatever lies between */
  readonly gaps: readonly Gap[]
  /** those of them that are holes: not the time between two lives of a name, before its first trade or after its death */
  readonly holes: readonly Gap[]
  /** per coin; without bars only rows, span and gaps are filled in */
  readonly coins: readonly CoinQuality[]
  /** per coin, for trades, quotes and books */
  readonly ticks?: readonly TickFigures[]
}

/** Quality of bars, judged at the end of their own data so that the answer is the same on every day. */
export function summarizeBars(
  bars: Bars,
  interval: Interval,
  {
    outlierSd,
    redenominations,
    marks: limits,
  }: {outlierSd: number; redenominations: readonly Redenomination[]; marks: QualityLimits},
): Summary {
  const barMs = INTERVAL_MS[interval]
  const gaps = barGaps(bars.ts, coinSpans(bars.coin), barMs)
  const {lives, marks} = judgeLives(bars, {barMs, asOf: Number.POSITIVE_INFINITY, redenominations})
  const holes = tradableHoles(bars.ts, lives, marks.state, barMs)
  return {
    ...spanOf(bars.ts),
    gaps,
    holes,
    coins: quality(bars, lives, marks, gaps, {barMs, outlierSd, marks: limits, holes}),
  }
}

/** Rows, span and holes of funding payments. */
export function summarizePayments(payments: Payments, limits: QualityLimits = QUALITY_LIMITS): Summary {
  const spans = coinSpans(payments.coin)
  const gaps = fundingGaps(payments.settles, spans)
  const coins = spans.map(({coin, from, to}) => {
    const missing = gaps.reduce((sum, gap) => (gap.coin === coin ? sum + gap.missing : sum), 0)
    const figures = {missing_share: missing / (to - from + missing)}
    const span = {rows: to - from, from: payments.ts[from]!, to: payments.ts[to - 1]!}
    return plainCoin(coin, span, gaps, marksOf(figures, limits))
  })
  return {...spanOf(payments.ts), gaps, holes: gaps, coins}
}

/** Figures of a coin that has no bars: rows, span and holes. */
export function plainCoin(
  coin: string,
  span: {readonly rows: number; readonly from: number; readonly to: number},
  gaps: readonly Gap[],
  marks: CoinQuality['marks'],
): CoinQuality {
  const mine = gaps.filter((gap) => gap.coin === coin)
  return {
    coin,
    ...span,
    incarnations: 1,
    gaps: mine.length,
    missingBars: mine.reduce((sum, {missing}) => sum + missing, 0),
    ohlcViolations: 0,
    zeroVolumeShare: 0,
    staleShare: 0,
    outliers: 0,
    offGrid: 0,
    prelistingBars: 0,
    deadBars: 0,
    lateRows: 0,
    diedAt: null,
    marks,
    mark: worstOf(Object.values(marks)),
  }
}

/** Rows, first and last time. */
export function spanOf(ts: Float64Array): {rows: number; from: number | null; to: number | null} {
  let from = Infinity
  let to = -Infinity
  for (let i = 0; i < ts.length; i++) {
    if (ts[i]! < from) from = ts[i]!
    if (ts[i]! > to) to = ts[i]!
  }
  return ts.length === 0 ? {rows: 0, from: null, to: null} : {rows: ts.length, from, to}
}
