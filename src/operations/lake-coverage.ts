import {Candles, Funding} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {coinSpans} from '../sensory/check-interval.ts'
import {barGaps} from '../sensory/find-gaps.ts'
import type {Coverage} from '../sensory/plan-requests.ts'
import {numbers, texts} from './read-lake.ts'

/** What the lake has of each coin's bars: first, last, holes. */
export async function coverageOf(
  desk: Desk,
  venue: string,
  interval: Interval,
): Promise<Map<string, Omit<Coverage, 'delisted'> & {firstTs: number}>> {
  const rows = await keysOf(desk, {table: Candles, venue, interval})
  const ts = numbers(rows, 'ts')
  const spans = coinSpans(texts(rows, 'coin'))
  const gaps = barGaps(ts, spans, INTERVAL_MS[interval])
  return new Map(
    spans.map(({coin, from, to}) => [
      coin,
      {firstTs: ts[from]!, lastTs: ts[to - 1]!, gaps: gaps.filter((gap) => gap.coin === coin)},
    ]),
  )
}

/** Time of each coin's newest funding payment. */
export async function lastPayments(desk: Desk, venue: string): Promise<Map<string, number>> {
  const rows = await keysOf(desk, {table: Funding, venue})
  const ts = numbers(rows, 'ts')
  return new Map(coinSpans(texts(rows, 'coin')).map(({coin, to}) => [coin, ts[to - 1]!]))
}

/** Keys only, of all there is: what to ask the venue for depends on no value. */
const keysOf = (
  desk: Desk,
  scope: {table: typeof Candles | typeof Funding; venue: string; interval?: Interval},
): ReturnType<Desk['lake']['read']> =>
  desk.lake.read({...scope, asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}, columns: [], holes: 'allow'})
