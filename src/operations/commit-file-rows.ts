import type {Table} from '../contracts/artifact.ts'
import type {RowShape, Shape, TimeUnit} from '../contracts/ingest.ts'
import {Bbo, Book, Candles, Funding, Trades} from '../contracts/market.ts'
import type {Desk, LakeAppend, LakeAppended, SourceFile} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {checkInterval, coinSpans} from '../sensory/check-interval.ts'
import type {RawRows, Reject} from '../sensory/check-rows.ts'
import {type HashedRows, hashedTicks} from '../sensory/data-sha.ts'
import {type Summary, summarizeBars, summarizePayments} from '../sensory/import-summary.ts'
import type {NamedColumns} from '../sensory/name-columns.ts'
import {type OrderedRows, orderRows} from '../sensory/order-rows.ts'
import {summarizeTicks} from '../sensory/summarize-ticks.ts'
import {takeBooks} from '../sensory/take-books.ts'
import {takeQuotes} from '../sensory/take-quotes.ts'
import {takeBars, takePayments} from '../sensory/take-rows.ts'
import {takeTrades} from '../sensory/take-trades.ts'
import {appendBars, appendPayments} from './append-market.ts'
import {appendTicks} from './append-ticks.ts'
import type {ReplyRequest} from './ingest-reply.ts'
import {hashedMarket} from './ingest-report.ts'
import {figureLimits, readIngestConfig} from './read-lake.ts'

/** Everything that must be known to import a file; what is missing was asked for, not guessed. */
export interface IngestFileRequest {
  readonly path: string
  readonly shape: Shape
  readonly venue: string
  /** of the bars; null for everything else */
  readonly interval: Interval | null
  readonly coin: string | null
  /** ours -> theirs */
  readonly map: Readonly<Record<string, string>>
  readonly zone: string | null
  readonly unit: TimeUnit
  /** largest share of rejected rows with which the rest is still taken */
  readonly maxBad: number
  /** epoch ms from which the candidate list is known to be complete */
  readonly completeFrom: number | null
  readonly survivor: boolean
  /** of a saved reply of the venue: what was asked, and when */
  readonly reply?: ReplyRequest | null
  /** silence of ticks that counts as a hole, ms; null where the file is known to be whole. Default: a minute. */
  readonly mostSilenceMs?: number | null
  /** what the commits name as their source; default: the file */
  readonly source?: string
  /** false leaves neither report nor manifest: one file of many */
  readonly page?: boolean
}

/** A file whose rows have been judged. */
export interface CheckedFile {
  readonly file: SourceFile
  readonly shape: RowShape
  readonly columns: NamedColumns
  readonly raw: RawRows
  readonly rejects: readonly Reject[]
}

export interface CommittedRows {
  readonly table: Table
  readonly outcome: LakeAppended
  readonly summary: Summary
  readonly duplicates: ReadonlyMap<string, number>
  readonly rows: HashedRows
}

/** Silence of one coin's ticks that counts as a hole between two recordings, ms. */
const MOST_SILENCE_MS = 60_000

const TICKS = {
  trades: {table: Trades, take: takeTrades},
  bbo: {table: Bbo, take: takeQuotes},
  book: {table: Book, take: takeBooks},
} as const

/**
 * The accepted rows of a file, figured and committed.
 *
 * @throws Fault `ingest.wrong_interval`, `ingest.name_collision` (data)
 */
export async function commitRows(desk: Desk, request: IngestFileRequest, checked: CheckedFile): Promise<CommittedRows> {
  const {venue, interval, survivor, completeFrom} = request
  const {file, shape, raw, rejects} = checked
  const batch = {
    venue,
    source: request.source ?? `file:${file.name}`,
    quarantined: rejects.length,
    notes: {survivor, completeFrom},
  }
  const config = await readIngestConfig(desk)
  if (shape !== 'ohlcv' && shape !== 'funding') {
    const {table, take} = TICKS[shape]
    const taken = take(raw, rejects)
    const mostSilenceMs = request.mostSilenceMs === null ? Infinity : (request.mostSilenceMs ?? MOST_SILENCE_MS)
    desk.progress.say(`committing ${taken.ticks.count} rows`)
    const summary = summarizeTicks(taken, {mostSilenceMs, limits: config.quality})
    const outcome = await appendTicks(desk, table, taken.ticks, {...batch, gaps: summary.holes, mostSilenceMs})
    return {table, outcome, summary, duplicates: taken.duplicates, rows: hashedTicks(taken.ticks)}
  }
  const ordered = orderRows(raw, rejects)
  const {duplicates} = ordered
  desk.progress.say(`committing ${ordered.order.length} rows`)
  if (shape === 'funding') {
    const payments = takePayments(raw, ordered)
    const summary = summarizePayments(payments, config.quality)
    const outcome = await appendPayments(desk, payments, {...batch, gaps: summary.holes})
    return {table: Funding, outcome, summary, duplicates, rows: hashedMarket(payments)}
  }
  const length = interval!
  const bars = takeBars(raw, ordered, INTERVAL_MS[length])
  checkInterval(bars.ts, coinSpans(bars.coin), length)
  const summary = summarizeBars(bars, length, figureLimits(config, venue))
  const copyOf = copyOfFile(request, checked, ordered)
  const outcome = await appendBars(desk, bars, {...batch, interval: length, gaps: summary.holes, copyOf})
  return {table: Candles, outcome, summary, duplicates, rows: hashedMarket(bars)}
}

/** When nothing had to be decided the lake takes the rows from the open file: the same values, half the time. */
function copyOfFile(
  {interval, unit, coin}: IngestFileRequest,
  {file, columns}: CheckedFile,
  {untouched}: OrderedRows,
): LakeAppend['copyOf'] | undefined {
  const kind = (name: string): string | undefined => file.columns.find((column) => column.name === name)?.kind
  const numeric = [columns.ts, ...Object.values(columns.numbers)].every((name) => kind(name) === 'number')
  if (!untouched || !numeric || unit !== 'ms' || coin !== null || columns.coin === null) return undefined
  return {
    file,
    columns: {ts: columns.ts, coin: columns.coin, ...columns.numbers},
    availableAfterMs: INTERVAL_MS[interval!],
  }
}
