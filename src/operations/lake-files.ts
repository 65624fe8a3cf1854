import {TABLES} from '../contracts/index.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'

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
  {table, commit}: {table: string | null; commit: number | null},
): Promise<LakeFilesResult> {
  const names = TABLES.map(({id}) => id.split('@')[0]!)
  if (table !== null && !names.includes(table)) {
    throw usage('lake.unknown_table', `There is no table '${table}'.`, `The lake has ${names.join(', ')}.`)
  }
  const commits = await desk.lake.commits()
  if (commit !== null && !(Number.isInteger(commit) && commit >= 0 && commit <= commits.length)) {
    throw usage('lake.unknown_commit', `There is no commit ${commit}.`, `The newest is ${commits.length}.`)
  }
  const upTo = commit ?? commits.length
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

const usage = (code: `lake.${string}`, what: string, why: string): Fault =>
  new Fault(code, {family: 'usage', what, why, next: ['qo lake status', 'qo lake log']})
