import {Candles, Funding} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {coinSpans} from '../sensory/check-interval.ts'
import {barGaps, fundingGaps, type Gap} from '../sensory/find-gaps.ts'
import type {Coverage} from '../sensory/plan-requests.ts'
import {numbers, texts} from './read-lake.ts'

type Stored = Omit<Coverage, 'delisted'> & {readonly firstTs: number}

/** What the lake has of each coin's bars: first, last, holes. */
export async function coverageOf(desk: Desk, venue: string, interval: Interval): Promise<Map<string, Stored>> {
  const rows = await keysOf(desk, {table: Candles, venue, interval})
  return covered(rows, numbers(rows, 'ts'), (ts, spans) => barGaps(ts, spans, INTERVAL_MS[interval]))
}

/** What the lake has of each coin's funding payments. */
export async function paymentCoverageOf(desk: Desk, venue: string): Promise<Map<string, Stored>> {
  const rows = await keysOf(desk, {table: Funding, venue})
  return covered(rows, numbers(rows, 'settles'), fundingGaps)
}

function covered(
  rows: Awaited<ReturnType<Desk['lake']['read']>>,
  grid: Float64Array,
  gapsIn: typeof fundingGaps,
): Map<string, Stored> {
  const ts = numbers(rows, 'ts')
  const spans = coinSpans(texts(rows, 'coin'))
  const gaps = new Map<string, Gap[]>()
  for (const gap of gapsIn(grid, spans)) gaps.set(gap.coin, [...(gaps.get(gap.coin) ?? []), gap])
  return new Map(
    spans.map(({coin, from, to}) => [coin, {firstTs: ts[from]!, lastTs: ts[to - 1]!, gaps: gaps.get(coin) ?? []}]),
  )
}

/** Keys only, of all there is: what to ask the venue for depends on no value. */
const keysOf = (
  desk: Desk,
  scope: {table: typeof Candles | typeof Funding; venue: string; interval?: Interval},
): ReturnType<Desk['lake']['read']> =>
  desk.lake.read({
    ...scope,
    asOf: Number.MAX_SAFE_INTEGER,
    purpose: {kind: 'live'},
    columns: scope.table === Funding ? ['settles'] : [],
    holes: 'allow',
  })
