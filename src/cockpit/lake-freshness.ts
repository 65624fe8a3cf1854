import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {TableFreshness} from './view.ts'

/** What freshness needs to know of a lake commit. */
export interface FreshnessCommit {
  readonly table: string
  readonly venue: string
  readonly interval: string | null
  readonly files: readonly {readonly rows: number; readonly max_ts: number}[]
  readonly gaps: readonly {readonly coin: string; readonly from: number; readonly to: number; readonly state: string}[]
}

/**
 * Newest row, rows and open gaps of every (table, venue, interval), from the commit log alone: no data file is opened.
 *
 * A gap is open until a later commit says otherwise about the same coin and span.
 *
 * @param commits  oldest first
 * @param asOf     epoch ms
 * @returns        the one furthest behind first
 */
export function lakeFreshness(commits: readonly FreshnessCommit[], asOf: number): TableFreshness[] {
  const groups = new Map<string, FreshnessCommit[]>()
  for (const commit of commits) {
    const name = `${commit.table} ${commit.venue} ${commit.interval ?? ''}`
    groups.set(name, [...(groups.get(name) ?? []), commit])
  }
  const tables = [...groups.values()].flatMap((group) => {
    const {table, venue, interval} = group[0]!
    const files = group.flatMap((commit) => commit.files)
    if (files.length === 0) return []
    const newest = files.reduce((latest, {max_ts}) => Math.max(latest, max_ts), 0)
    const rows = files.reduce((total, file) => total + file.rows, 0)
    return [{table, venue, interval, newest, rows, ...openGaps(group), barsBehind: behind(newest, interval, asOf)}]
  })
  return tables.sort((a, b) => (b.barsBehind ?? -1) - (a.barsBehind ?? -1) || (a.table < b.table ? -1 : 1))
}

function openGaps(group: readonly FreshnessCommit[]): Pick<TableFreshness, 'openGaps' | 'openGapMs'> {
  const last = new Map<string, {state: string; length: number}>()
  for (const {coin, from, to, state} of group.flatMap(({gaps}) => gaps)) {
    last.set(`${coin} ${from} ${to}`, {state, length: to - from})
  }
  const open = [...last.values()].filter(({state}) => state === 'OPEN')
  return {openGaps: open.length, openGapMs: open.reduce((total, {length}) => total + length, 0)}
}

/** Whole bars that closed after the newest one did; 0 when it is the last that could be there. */
function behind(newest: number, interval: string | null, asOf: number): number | null {
  const length = interval !== null && interval in INTERVAL_MS ? INTERVAL_MS[interval as Interval] : null
  return length === null ? null : Math.max(0, Math.floor((asOf - newest) / length) - 1)
}
