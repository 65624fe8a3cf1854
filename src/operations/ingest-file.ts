import type {Shape} from '../contracts/ingest.ts'
import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, LakeAppend, LakeAppended, SourceFile} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import {checkInterval, coinSpans} from '../sensory/check-interval.ts'
import {checkRows, type RawRows, type Reject} from '../sensory/check-rows.ts'
import {type Summary, summarizeBars, summarizePayments} from '../sensory/import-summary.ts'
import {rejectCounts} from '../sensory/ingest-report.ts'
import {type NamedColumns, nameColumns} from '../sensory/name-columns.ts'
import {type OrderedRows, orderRows} from '../sensory/order-rows.ts'
import {takeBars, takePayments} from '../sensory/take-rows.ts'
import {appendBars, appendPayments} from './append-market.ts'
import {leaveReport} from './ingest-report.ts'
import {leaveManifest} from './lake-manifest.ts'
import {emptyFile, leaveQuarantine, stemOf, tooManyBad} from './quarantine.ts'
import {readIngestConfig, redenominationsOf} from './read-lake.ts'
import {readSource} from './read-source.ts'
import {importLine, type TableLine} from './table-line.ts'

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

export interface IngestFileResult {
  readonly artifact: 'ingest-file@1'
  readonly ok: boolean
  readonly tables: readonly TableLine[]
  readonly file: {readonly name: string; readonly sha256: string; readonly rows: number}
  readonly accepted: number
  readonly duplicates: number
  readonly quarantined: number
  readonly rejected: readonly {readonly reason: string; readonly rows: number}[]
  readonly added: number
  readonly revised: number
  readonly unchanged: number
  readonly coins: number
  readonly incarnations: number
  readonly gaps: number
  readonly deadBars: number
  readonly commit: number | null
  readonly paths: readonly string[]
}

/**
 * Import one file: read → check every row → quarantine what is no market data → commit the rest at once, or nothing.
 *
 * Reading the same file again changes nothing: rows that are there are not written twice.
 *
 * @throws Fault `ingest.*` (data, usage); the lake is then as it was
 */
export async function ingestFile(desk: Desk, request: IngestFileRequest): Promise<IngestFileResult> {
  desk.progress.say(`reading ${request.path}`)
  const file = await desk.lake.openSource(request.path)
  try {
    const columns = nameColumns(request.shape, file.columns, request)
    const {raw, troubles} = await readSource(file, columns, request)
    if (raw.count === 0) throw emptyFile(file.name)
    const barMs = request.interval === null ? 0 : INTERVAL_MS[request.interval]
    // A decision time typed by hand may lie in the past: it hides rows, it does not make them unfinished.
    const latestTs = desk.asOfGiven ? Infinity : desk.asOf - barMs
    const rejects = checkRows(request.shape, raw, troubles, latestTs)
    const quarantine = await leaveQuarantine(desk, file, rejects)
    if (rejects.length === raw.count || rejects.length / raw.count > request.maxBad) {
      throw tooManyBad(file.name, raw.count, rejects, request, quarantine)
    }
    const ordered = orderRows(raw, rejects)
    desk.progress.say(`committing ${ordered.order.length} rows`)
    const taken = await commitRows(desk, request, {file, columns, raw, rejects, ordered})
    const {interval, venue} = request
    const where = {table: interval === null ? Funding : Candles, venue, interval}
    const report = await leaveReport(desk, `reports/ingest/${stemOf(file)}.md`, {
      ...where,
      title: file.name,
      inputs: {[file.name]: file.sha256},
      sourceRows: raw.count,
      duplicates: ordered.duplicates,
      rejects,
      ...taken,
    })
    const manifest = await leaveManifest(desk, where)
    const {outcome, summary} = taken
    const sum = (pick: (coin: Summary['coins'][number]) => number): number =>
      summary.coins.reduce((total, coin) => total + pick(coin), 0)
    return {
      artifact: 'ingest-file@1',
      ok: true,
      tables: [await importLine(desk, where, taken, rejects.length)],
      file: {name: file.name, sha256: file.sha256, rows: raw.count},
      accepted: summary.rows,
      duplicates: [...ordered.duplicates.values()].reduce((a, b) => a + b, 0),
      quarantined: rejects.length,
      rejected: rejectCounts(rejects).map(([reason, rows]) => ({reason, rows})),
      added: outcome.added,
      revised: outcome.revised,
      unchanged: outcome.unchanged,
      coins: summary.coins.length,
      incarnations: sum(({incarnations}) => incarnations),
      gaps: summary.gaps.length,
      deadBars: sum(({deadBars}) => deadBars),
      commit: outcome.commit?.n ?? null,
      paths: [report, manifest, quarantine].filter((path) => path !== null),
    }
  } finally {
    await file.close()
  }
}

interface Checked {
  readonly file: SourceFile
  readonly columns: NamedColumns
  readonly raw: RawRows
  readonly rejects: readonly Reject[]
  readonly ordered: OrderedRows
}

export interface Committed {
  readonly outcome: LakeAppended
  readonly summary: Summary
  readonly rows: Bars | Payments
}

async function commitRows(desk: Desk, request: IngestFileRequest, checked: Checked): Promise<Committed> {
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
  const limits = {outlierSd: config.outlier_robust_sd, redenominations: redenominationsOf(config, venue)}
  const summary = summarizeBars(bars, interval, limits)
  const copyOf = copyOfFile(request, checked)
  return {
    outcome: await appendBars(desk, bars, {...batch, interval, gaps: summary.gaps, copyOf}),
    summary,
    rows: bars,
  }
}

/** When nothing had to be decided the lake takes the rows from the open file: the same values, half the time. */
function copyOfFile(
  {interval, unit, coin}: IngestFileRequest,
  {file, columns, ordered}: Checked,
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
