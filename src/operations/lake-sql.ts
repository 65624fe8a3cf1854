import type {Desk} from '../desk.ts'
import {requireCommit} from './lake-pin.ts'
import {lakeVenues, researchOf, sealBeforeLooking, sealedLines} from './seal-research.ts'

export interface LakeSqlResult {
  readonly artifact: 'lake-sql@1'
  readonly ok: boolean
  /** newest commit that was read */
  readonly commit: number
  readonly columns: readonly string[]
  /** empty when the answer went into a file */
  readonly rows: readonly (readonly unknown[])[]
  readonly count: number
  readonly out: string | null
  /** `--allow-gaps` was typed: there may be holes in what was read */
  readonly gapsAllowed: boolean
  /** vaults that were sealed before this query, a line each */
  readonly sealed: readonly string[]
}

export interface SqlRequest {
  readonly query: string
  readonly commit: number | undefined
  /** absolute path (null: standard output) and format of the answer; null: in memory */
  readonly out: {readonly path: string | null; readonly format: 'csv' | 'json' | 'parquet'} | null
}

/**
 * One SELECT over the lake's tables as research may see them, as of a decision time and a commit.
 *
 * @throws Fault `lake.sql_refused`, `lake.sql_failed`, `lake.unknown_commit` (usage), `lake.hole` (data)
 */
export async function lakeSql(desk: Desk, {query, commit, out}: SqlRequest): Promise<LakeSqlResult> {
  desk.progress.say('asking the lake')
  const upTo = await requireCommit(desk, commit)
  const batch = (await lakeVenues(desk)).map((venue) => researchOf(venue))
  const sealed = sealedLines(await sealBeforeLooking(desk, batch))
  const {columns, rows, count} = await desk.lake.sql(query, desk.asOf, {
    commit,
    holes: desk.allowGaps ? 'allow' : 'refuse',
    ...(out ? {out} : {}),
  })
  const answer = {columns, rows, count, out: out?.path ?? null}
  return {artifact: 'lake-sql@1', ok: true, commit: upTo, ...answer, gapsAllowed: desk.allowGaps, sealed}
}
