import type {Desk} from '../desk.ts'
import {requireTable} from './lake-pin.ts'

export interface LakeLogResult {
  readonly artifact: 'lake-log@1'
  readonly ok: boolean
  /** length of the whole chain */
  readonly chain: number
  /** newest first */
  readonly commits: readonly {
    readonly n: number
    readonly hash: string
    readonly table: string
    readonly venue: string
    readonly interval: string | null
    readonly source: string
    readonly added: number
    readonly revised: number
    readonly quarantined: number
    readonly gaps: number
    readonly files: number
    readonly created_at: string
  }[]
}

export interface LogFilter {
  readonly table?: string | undefined
  readonly venue?: string | undefined
  /** newest so many */
  readonly limit?: number | undefined
}

/** The commit log, newest first; reading it has checked the whole chain. @throws Fault `lake.unknown_table` (usage) */
export async function lakeLog(desk: Desk, {table, venue, limit}: LogFilter): Promise<LakeLogResult> {
  if (table !== undefined) requireTable(table)
  const all = await desk.lake.commits()
  const commits = all
    .filter((entry) => entry.table === (table ?? entry.table) && entry.venue === (venue ?? entry.venue))
    .reverse()
    .slice(0, limit)
  return {
    artifact: 'lake-log@1',
    ok: true,
    chain: all.length,
    commits: commits.map(({gaps, files, ...commit}) => ({
      n: commit.n,
      hash: commit.hash,
      table: commit.table,
      venue: commit.venue,
      interval: commit.interval,
      source: commit.source,
      added: commit.added,
      revised: commit.revised,
      quarantined: commit.quarantined,
      gaps: gaps.length,
      files: files.length,
      created_at: commit.created_at,
    })),
  }
}
