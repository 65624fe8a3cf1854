import type {HeatChart} from '../contracts/chart.ts'
import {dayOf} from '../kernel/instant.ts'
import {coinSpans} from './check-interval.ts'

const COLUMNS = 48
const LINE_PX = 14
const FRAME_PX = 90
/** More coins than this make no picture that anybody reads. */
const MOST_COINS = 250

/**
 * A strip per coin: the share of its bars that are there, column by column of time. Empty before its first bar and
 * after its last.
 *
 * @param ts  shape [rows], ordered by coin and time, epoch ms
 * @returns   null when there is nothing to show
 */
export function coverageChart(
  title: string,
  {coin, ts}: {readonly coin: readonly string[]; readonly ts: Float64Array},
  barMs: number,
): HeatChart | null {
  const spans = coinSpans(coin).slice(0, MOST_COINS)
  if (spans.length === 0) return null
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    from = Math.min(from, ts[span.from]!)
    to = Math.max(to, ts[span.to - 1]! + barMs)
  }
  const bars = Math.round((to - from) / barMs)
  const columns = Math.min(COLUMNS, bars)
  const columnOf = (instant: number): number =>
    Math.min(columns - 1, Math.floor(((instant - from) / (to - from)) * columns))
  const values = spans.map((span) => {
    const [there, due] = [new Float64Array(columns), new Float64Array(columns)]
    for (let i = span.from; i < span.to; i++) there[columnOf(ts[i]!)]!++
    for (let at = ts[span.from]!; at <= ts[span.to - 1]!; at += barMs) due[columnOf(at)]!++
    return Array.from(due, (count, k) => (count === 0 ? null : Math.min(1, there[k]! / count)))
  })
  return {
    kind: 'heat',
    title,
    xCategories: Array.from({length: columns}, (_, k) => dayOf(from + ((to - from) * k) / columns)),
    yCategories: spans.map((span) => span.coin),
    values,
    height: FRAME_PX + LINE_PX * spans.length,
  }
}
