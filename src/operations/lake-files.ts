import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {requireCommit, requireTable} from './lake-pin.ts'

export interface LakeFilesResult {
  readonly artifact: 'lake-files@1'
  readonly ok: boolean
  readonly commit: number
  readonly files: readonly {
    readonly path: string
    readonly table: string
    readonly venue: string
    readonly interval: string | null
    readonly rows: number
    readonly from: string
    readonly to: string
    readonly sha256: string
    /** commit number and receive time of every row in the file */
    readonly ingest_id: number
    readonly received_at: string
  }[]
}

/**
 * Exactly the files a reader may use, for pandas, polars, DuckDB or Spark: what they read is what qo reads.
 *
 * @throws Fault `lake.unknown_table`, `lake.unknown_commit` (usage)
 */
export async function lakeFiles(
  desk: Desk,
  {table, commit}: {table: string | null; commit: number | undefined},
): Promise<LakeFilesResult> {
  if (table !== null) requireTable(table)
  const commits = await desk.lake.commits()
  const upTo = await requireCommit(desk, commit)
  const files = commits
    .filter((entry) => entry.n <= upTo && (table === null || entry.table === table))
    .flatMap((entry) =>
      entry.files.map((file) => ({
        path: file.path,
        table: entry.table,
        venue: entry.venue,
        interval: entry.interval,
        rows: file.rows,
        from: isoOf(file.min_ts),
        to: isoOf(file.max_ts),
        sha256: file.sha256,
        ingest_id: entry.n,
        received_at: isoOf(entry.received_at),
      })),
    )
  return {artifact: 'lake-files@1', ok: true, commit: upTo, files}
}
