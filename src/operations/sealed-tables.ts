import type {LakeCommit} from '../desk.ts'
import {INTERVAL_MS, isoOf} from '../kernel/instant.ts'

/** A table of a venue that the lake holds, and of which research sees nothing. */
export interface SealedTable {
  readonly table: string
  readonly rows: number
  /** time of its first row */
  readonly from: string
}

/**
 * Which of some tables have rows of a venue, all of them at or after the start of its vault: more of the same would not
 * help, older rows would.
 *
 * @param commits  those that a read is pinned to
 * @param end      first instant that research does not see, epoch ms
 */
export function sealedTables(
  commits: readonly LakeCommit[],
  {venue, tables, end}: {venue: string; tables: readonly string[]; end: number},
): SealedTable[] {
  return tables.flatMap((table) => {
    const files = commits
      .filter((commit) => commit.table === table && commit.venue === venue)
      .flatMap((commit) => commit.files.map((file) => ({...file, seen: isSeen(commit, file.min_ts, end)})))
    if (files.length === 0 || files.some(({seen}) => seen)) return []
    const rows = files.reduce((total, file) => total + file.rows, 0)
    return [{table, rows, from: isoOf(Math.min(...files.map(({min_ts}) => min_ts)))}]
  })
}

/** The newest commit that holds a row of a table which research may see; 0: none does. */
export const newestSeen = (
  commits: readonly LakeCommit[],
  {venue, table, end}: {venue: string; table: string; end: number},
): number =>
  commits
    .filter((commit) => commit.table === table && commit.venue === venue)
    .filter((commit) => commit.files.some(({min_ts}) => isSeen(commit, min_ts, end)))
    .reduce((newest, {n}) => Math.max(newest, n), 0)

/** A bar is seen when it closes before the vault. */
function isSeen({interval}: LakeCommit, ts: number, end: number): boolean {
  const bar = interval === null ? 1 : INTERVAL_MS[interval as keyof typeof INTERVAL_MS]
  return ts + bar <= end
}

/** Why an input is missing, in one sentence, when its rows are there and sealed. */
export const sealedSentence = ({table, rows, from}: SealedTable, venue: string, end: number): string =>
  `All ${rows} ${table} rows of ${venue} are sealed: they begin on ${from.slice(0, 10)}, and research ends on ${isoOf(end).slice(0, 10)}, where the vault begins.`
