import type {Table} from '../contracts/artifact.ts'
import {foldGaps, type GapSpan} from '../contracts/gap-ledger.ts'
import type {Desk, LakeAppended, LakeGap} from '../desk.ts'
import {coinSpans} from '../sensory/check-interval.ts'
import type {Gap} from '../sensory/find-gaps.ts'
import {recordedRuns, toTheEdges, without} from '../sensory/recorded-runs.ts'
import type {Ticks} from '../sensory/ticks.ts'
import type {MarketBatch} from './append-market.ts'

/**
 * Commit imported trades, quotes or books. They were available at the venue's time; a silence between two recordings
 * cannot be fetched any more, and is no hole where another recording has ticks.
 */
export async function appendTicks(
  desk: Desk,
  table: Table,
  ticks: Ticks,
  {venue, source, gaps, quarantined, notes, mostSilenceMs}: MarketBatch & {readonly mostSilenceMs: number},
): Promise<LakeAppended> {
  const {count, coin, ts, columns, lists} = ticks
  const scope = {table: table.id.split('@')[0]!, venue, interval: null}
  const ledger = foldGaps(await desk.lake.commits(), scope)
  const elsewhere = await storedTimes(desk, table, venue, gaps)
  return desk.lake.append({
    table,
    venue,
    source,
    quarantined,
    receivedAt: desk.asOf,
    gaps: [
      ...newHoles(gaps, {elsewhere, ledger, mostSilenceMs, source}),
      ...filledHoles(ticks, {ledger, mostSilenceMs, source}),
    ],
    ...(notes ? {notes} : {}),
    rows: {count, columns: {coin, ts, ...columns, available_at: ts}, lists},
  })
}

interface Known {
  /** holes of earlier commits, by coin */
  readonly ledger: ReadonlyMap<string, readonly GapSpan[]>
  readonly mostSilenceMs: number
  readonly source: string
}

/** Silences of this recording, without the stretches that another one holds. */
function newHoles(
  gaps: readonly Gap[],
  {elsewhere, ledger, mostSilenceMs, source}: Known & {readonly elsewhere: ReadonlyMap<string, Float64Array>},
): LakeGap[] {
  return gaps.flatMap((gap): LakeGap[] => {
    const {coin} = gap
    const runs = toTheEdges(
      recordedRuns(elsewhere.get(coin) ?? new Float64Array(0), gap, mostSilenceMs),
      gap,
      mostSilenceMs,
    )
    const missing = without(gap, runs).map((piece): LakeGap => {
      return {coin, ...piece, state: 'UNRECOVERABLE', cause: `nothing recorded in ${source}`}
    })
    const spans = missingIn(ledger.get(coin))
    const there = runs.filter((run) => spans.some((span) => span.from < run.to && span.to > run.from))
    return [...missing, ...there.map((run) => filled(coin, run, 'recorded by another source'))]
  })
}

/** Parts of recorded holes in which this recording has ticks. */
function filledHoles({coin, ts}: Ticks, {ledger, mostSilenceMs, source}: Known): LakeGap[] {
  return coinSpans(coin).flatMap(({coin: name, from, to}) =>
    missingIn(ledger.get(name))
      .flatMap((span) => recordedRuns(ts.subarray(from, to), span, mostSilenceMs))
      .map((run) => filled(name, run, `came with ${source}`)),
  )
}

const missingIn = (spans: readonly GapSpan[] = []): GapSpan[] => spans.filter(({state}) => state !== 'BACKFILLED')

const filled = (coin: string, {from, to}: {readonly from: number; readonly to: number}, cause: string): LakeGap => ({
  ...{coin, from, to, cause},
  state: 'BACKFILLED',
})

/** Times of the ticks that the lake has within the silences of this recording: coin -> ms, ascending. */
async function storedTimes(
  desk: Desk,
  table: Table,
  venue: string,
  gaps: readonly Gap[],
): Promise<Map<string, Float64Array>> {
  const ends = new Map<string, {from: number; to: number}>()
  for (const {coin, from, to} of gaps) {
    const known = ends.get(coin) ?? {from, to}
    ends.set(coin, {from: Math.min(known.from, from), to: Math.max(known.to, to)})
  }
  const times = new Map<string, Float64Array>()
  for (const [coin, span] of ends) {
    const rows = await desk.lake.read({
      ...{table, venue, coins: [coin], ...span, asOf: Number.MAX_SAFE_INTEGER, columns: ['ts']},
      purpose: {kind: 'research'},
      holes: 'allow',
    })
    times.set(coin, Float64Array.from(rows.columns['ts'] as Float64Array).sort())
  }
  return times
}
