import type {RowShape} from '../contracts/ingest.ts'
import type {Desk, SourceFile} from '../desk.ts'
import {INTERVAL_MS} from '../kernel/instant.ts'
import {checkRows} from '../sensory/check-rows.ts'
import type {Summary} from '../sensory/import-summary.ts'
import {rejectCounts} from '../sensory/ingest-report.ts'
import type {NamedColumns} from '../sensory/name-columns.ts'
import {delayOf} from '../sensory/recorder-delay.ts'
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
  readonly outOfOrder: number
  readonly crossed: number
  readonly locked: number
  readonly commit: number | null
  /** of recorded frames: their source in the lake, how many, and of which kinds */
  readonly capture?: {
    readonly source: string
    readonly frames: number
    readonly kinds: Readonly<Record<string, number>>
  }
  readonly paths: readonly string[]
}

/** An open file whose columns are known. */
export interface NamedFile {
  readonly file: SourceFile
  readonly shape: RowShape
  readonly columns: NamedColumns
}

/** Import the rows of an open file. @throws Fault `ingest.*` (data); the lake is then as it was */
export async function ingestRows(
  desk: Desk,
  request: IngestFileRequest,
  {file, shape, columns}: NamedFile,
): Promise<IngestFileResult> {
  const {raw, troubles} = await readSource(file, columns, request)
  if (raw.count === 0) throw emptyFile(file.name)
  const barMs = request.interval === null ? 0 : INTERVAL_MS[request.interval]
  // A decision time typed by hand may lie in the past: it hides rows, it does not make them unfinished.
  const latestTs = desk.asOfGiven ? Infinity : desk.asOf - barMs
  const rejects = checkRows(shape, raw, troubles, latestTs)
  const quarantine = await leaveQuarantine(desk, file, rejects)
  if (rejects.length === raw.count || rejects.length / raw.count > request.maxBad) {
    throw tooManyBad(file.name, raw.count, rejects, request, quarantine)
  }
  const taken = await commitRows(desk, request, {file, shape, columns, raw, rejects})
  const {outcome, summary, duplicates, table} = taken
  const where = {table, venue: request.venue, interval: request.interval}
  const page = request.page ?? true
  const report = !page
    ? null
    : await leaveReport(desk, `reports/ingest/${stemOf(file)}.md`, {
        ...where,
        title: file.name,
        inputs: {[file.name]: file.sha256},
        sourceRows: raw.count,
        delay: delayOf(raw),
        rejects,
        ...taken,
      })
  const manifest = page ? await leaveManifest(desk, where) : null
  const sum = (pick: (coin: Summary['coins'][number]) => number): number =>
    summary.coins.reduce((total, coin) => total + pick(coin), 0)
  const sumTicks = (name: 'outOfOrder' | 'crossed' | 'locked'): number =>
    (summary.ticks ?? []).reduce((total, coin) => total + coin[name], 0)
  return {
    artifact: 'ingest-file@1',
    ok: true,
    tables: page ? [await importLine(desk, where, taken, rejects.length)] : [],
    file: {name: file.name, sha256: file.sha256, rows: raw.count},
    accepted: summary.rows,
    duplicates: [...duplicates.values()].reduce((a, b) => a + b, 0),
    quarantined: rejects.length,
    rejected: rejectCounts(rejects).map(([reason, rows]) => ({reason, rows})),
    added: outcome.added,
    revised: outcome.revised,
    unchanged: outcome.unchanged,
    coins: summary.coins.length,
    incarnations: sum(({incarnations}) => incarnations),
    gaps: summary.gaps.length,
    deadBars: sum(({deadBars}) => deadBars),
    outOfOrder: sumTicks('outOfOrder'),
    crossed: sumTicks('crossed'),
    locked: sumTicks('locked'),
    commit: outcome.commit?.n ?? null,
    paths: [report, manifest, quarantine].filter((path) => path !== null),
  }
}
