import type {Table} from '../contracts/artifact.ts'
import type {Desk} from '../desk.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import type {Reject} from '../sensory/check-rows.ts'
import {dataShaPieces} from '../sensory/data-sha.ts'
import type {Summary} from '../sensory/import-summary.ts'
import {ingestReport} from '../sensory/ingest-report.ts'

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
  const values = Object.entries(rows).filter((entry): entry is [string, Float64Array] => entry[1] instanceof Float64Array)
  const sha = await desk.lake.digest(dataShaPieces(rows.coin, Object.fromEntries(values)))
  const page = ingestReport({...facts, table: table.id, dataSha: sha, qoVersion: desk.version}, summary)
  await desk.files.writeText(path, page)
  return path
}
