import type {Shape} from '../contracts/ingest.ts'
import type {Desk, LakeAppend, LakeAppended, SourceFile} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import {checkInterval, coinSpans} from '../sensory/check-interval.ts'
import type {RawRows, Reject} from '../sensory/check-rows.ts'
import {type Summary, summarizeBars, summarizePayments} from '../sensory/import-summary.ts'
import type {NamedColumns} from '../sensory/name-columns.ts'
import type {OrderedRows} from '../sensory/order-rows.ts'
import {takeBars, takePayments} from '../sensory/take-rows.ts'
import {appendBars, appendPayments} from './append-market.ts'
import {figureLimits, readIngestConfig} from './read-lake.ts'

/** Everything that must be known to import a file; what is missing was asked for, not guessed. */
export interface IngestFileRequest {
  readonly path: string
  readonly shape: Shape
  readonly venue: string
  /** of the bars; null for funding */
  readonly interval: Interval | null
  readonly coin: string | null
  /** ours -> theirs */
  readonly map: Readonly<Record<string, string>>
  readonly zone: string | null
  readonly unit: 's' | 'ms'
  /** largest share of rejected rows with which the rest is still taken */
  readonly maxBad: number
  /** epoch ms from which the candidate list is known to be complete */
  readonly completeFrom: number | null
  readonly survivor: boolean
}

/** A file whose rows have been judged. */
export interface CheckedFile {
  readonly file: SourceFile
  readonly columns: NamedColumns
  readonly raw: RawRows
  readonly rejects: readonly Reject[]
  readonly ordered: OrderedRows
}

export interface CommittedRows {
  readonly outcome: LakeAppended
  readonly summary: Summary
  readonly rows: Bars | Payments
}

/** The accepted rows of a file, figured and committed. @throws Fault `ingest.wrong_interval` (data) */
export async function commitRows(desk: Desk, request: IngestFileRequest, checked: CheckedFile): Promise<CommittedRows> {
  const {venue, interval, survivor, completeFrom} = request
  const {file, raw, rejects, ordered} = checked
  const batch = {venue, source: `file:${file.name}`, quarantined: rejects.length, notes: {survivor, completeFrom}}
  if (interval === null) {
    const payments = takePayments(raw, ordered)
    const summary = summarizePayments(payments)
    return {outcome: await appendPayments(desk, payments, {...batch, gaps: summary.gaps}), summary, rows: payments}
  }
  const bars = takeBars(raw, ordered, INTERVAL_MS[interval])
  checkInterval(bars.ts, coinSpans(bars.coin), interval)
  const config = await readIngestConfig(desk)
  const limits = figureLimits(config, venue)
  const summary = summarizeBars(bars, interval, limits)
  const copyOf = copyOfFile(request, checked)
  return {
    outcome: await appendBars(desk, bars, {...batch, interval, gaps: summary.holes, copyOf}),
    summary,
    rows: bars,
  }
}

/** When nothing had to be decided the lake takes the rows from the open file: the same values, half the time. */
function copyOfFile(
  {interval, unit, coin}: IngestFileRequest,
  {file, columns, ordered}: CheckedFile,
): LakeAppend['copyOf'] | undefined {
  const kind = (name: string): string | undefined => file.columns.find((column) => column.name === name)?.kind
  const numeric = [columns.ts, ...Object.values(columns.numbers)].every((name) => kind(name) === 'number')
  if (!ordered.untouched || !numeric || unit !== 'ms' || coin !== null || columns.coin === null) return undefined
  return {
    file,
    columns: {ts: columns.ts, coin: columns.coin, ...columns.numbers},
    availableAfterMs: INTERVAL_MS[interval!],
  }
}
