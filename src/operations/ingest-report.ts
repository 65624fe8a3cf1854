import type {Table} from '../contracts/artifact.ts'
import type {Desk} from '../desk.ts'
import type {Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import type {Reject} from '../sensory/check-rows.ts'
import {dataShaPieces} from '../sensory/data-sha.ts'
import {type Summary, summarizeBars, summarizePayments} from '../sensory/import-summary.ts'
import {ingestReport} from '../sensory/ingest-report.ts'
import {readBars, readIngestConfig, readPayments, redenominationsOf} from './read-lake.ts'

/** Leave the Markdown page of an import; returns its path. */
export async function leaveReport(
  desk: Desk,
  path: string,
  facts: {
    table: Table
    venue: string
    interval: string | null
    title: string
    inputs: Readonly<Record<string, string>>
    sourceRows: number
    duplicates: ReadonlyMap<string, number>
    rejects: readonly Reject[]
    rows: Bars | Payments
    summary: Summary
  },
): Promise<string> {
  const {rows, summary, table} = facts
  // When a row was available follows from its time; the sha is that of the market data.
  const {availableAt: _, coin, count: __, ...values} = rows
  const sha = await desk.lake.digest(dataShaPieces(coin, values as Record<string, Float64Array>))
  const page = ingestReport({...facts, table: table.id, dataSha: sha, qoVersion: desk.version}, summary)
  await desk.files.writeText(path, page)
  return path
}

/**
 * Leave the page of what the lake holds of a venue, as far as research may see it: without new rows the page stays.
 *
 * @returns its path, or null when research may see nothing
 */
export async function leaveVenueReport(
  desk: Desk,
  where: {table: Table; venue: string; interval: Interval | null},
): Promise<string | null> {
  const {venue, interval} = where
  const scope = {venue, asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'research'} as const}
  const config = await readIngestConfig(desk)
  const limits = {outlierSd: config.outlier_robust_sd, redenominations: redenominationsOf(config, venue)}
  const rows = interval === null ? await readPayments(desk, scope) : await readBars(desk, {...scope, interval})
  if (rows === null || rows.count === 0) return null
  const summary = 'open' in rows ? summarizeBars(rows, interval!, limits) : summarizePayments(rows)
  const name = interval ?? 'funding'
  return leaveReport(desk, `reports/ingest/${venue}-${name}.md`, {
    ...where,
    title: `${venue} ${name}`,
    inputs: {},
    sourceRows: rows.count,
    duplicates: new Map(),
    rejects: [],
    rows,
    summary,
  })
}
