import {Candles, Funding} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {INTERVAL_MS} from '../kernel/instant.ts'
import {checkRows} from '../sensory/check-rows.ts'
import type {Summary} from '../sensory/import-summary.ts'
import {rejectCounts} from '../sensory/ingest-report.ts'
import {nameColumns} from '../sensory/name-columns.ts'
import {orderRows} from '../sensory/order-rows.ts'
import {commitRows, type IngestFileRequest} from './commit-file-rows.ts'
import {leaveReport} from './ingest-report.ts'
import {leaveManifest} from './lake-manifest.ts'
import {emptyFile, leaveQuarantine, stemOf, tooManyBad} from './quarantine.ts'
import {readSource} from './read-source.ts'
import {importLine, type TableLine} from './table-line.ts'

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
