import type {Table} from '../contracts/artifact.ts'
import {TABLES} from '../contracts/index.ts'
import type {CoinExtent, Desk, LakeCommit} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {type CoinCoverage, isMissing} from '../sensory/coverage-ledger.ts'
import type {Summary} from '../sensory/import-summary.ts'
import {ledgerOf, type Partition} from './lake-ledger.ts'

/** One line of `tables[]`: a (table, venue, interval) of the lake. */
export interface TableLine {
  readonly table: string
  readonly venue: string
  readonly interval: string | null
  /** current rows: of each key the latest revision */
  readonly rows: number
  readonly quarantined: number
  /** ISO time of the first and last row */
  readonly from: string | null
  readonly to: string | null
  /** OPEN and UNRECOVERABLE gaps of the coverage ledger */
  readonly gaps: number
  readonly files: number
  /** rows that only the live commands and an unsealing may read */
  readonly sealed: number
  readonly coins: number
}

/** Partitions of one table, venue and interval belong together. */
export const partitionKey = ({table, venue, interval}: Partition): string => `${table} ${venue} ${interval ?? ''}`

/** Gaps of a partition that are still holes. */
const missingCount = (coverage: readonly CoinCoverage[]): number =>
  coverage.reduce((sum, {gaps}) => sum + gaps.filter(isMissing).length, 0)

/** Current figures of one partition, as of a commit. Raw frames are no table: their commits say all there is. */
export async function tableLine(
  desk: Desk,
  commits: readonly LakeCommit[],
  partition: Partition,
  {commit}: {commit?: number | undefined} = {},
): Promise<TableLine> {
  const {venue, interval} = partition
  const table = TABLES.find(({id}) => id.startsWith(`${partition.table}@`))
  const mine = commits.filter((entry) => partitionKey(entry) === partitionKey(partition))
  const files = mine.flatMap((entry) => entry.files)
  const line = {
    table: partition.table,
    venue,
    interval,
    quarantined: mine.reduce((sum, {quarantined}) => sum + quarantined, 0),
    files: files.length,
  }
  if (!table) {
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    return {
      ...line,
      rows,
      ...spanOf(files.map(({min_ts: from, max_ts: to}) => ({from, to}))),
      gaps: 0,
      sealed: 0,
      coins: 0,
    }
  }
  const pinned = {...(interval === null ? {} : {interval}), ...(commit === undefined ? {} : {commit})}
  const query = {table, venue, ...pinned, asOf: Number.MAX_SAFE_INTEGER}
  const all = await desk.lake.extents({...query, purpose: {kind: 'live'}})
  const rowsOf = (extents: readonly CoinExtent[]): number => extents.reduce((sum, {rows}) => sum + rows, 0)
  const sealed = (await desk.lake.vaults()).some((vault) => vault.venue === venue)
    ? rowsOf(all) - rowsOf(await desk.lake.extents({...query, purpose: {kind: 'research'}}))
    : 0
  const gaps = missingCount(await ledgerOf(desk, {table: partition.table, venue, interval}, {commit}))
  return {...line, rows: rowsOf(all), ...spanOf(all), gaps, sealed, coins: all.length}
}

function spanOf(extents: readonly {from: number; to: number}[]): {from: string | null; to: string | null} {
  if (extents.length === 0) return {from: null, to: null}
  const from = extents.reduce((least, extent) => Math.min(least, extent.from), Number.POSITIVE_INFINITY)
  const to = extents.reduce((most, extent) => Math.max(most, extent.to), Number.NEGATIVE_INFINITY)
  return {from: isoOf(from), to: isoOf(to)}
}

/** The line of what one import read: its rows and holes, and the files the partition has now. */
export async function importLine(
  desk: Desk,
  {table, venue, interval}: {table: Table; venue: string; interval: string | null},
  {summary}: {summary: Summary},
  quarantined: number,
): Promise<TableLine> {
  const name = table.id.split('@')[0]!
  const mine = (await desk.lake.commits()).filter(
    (commit) => partitionKey(commit) === partitionKey({table: name, venue, interval}),
  )
  return {
    table: name,
    venue,
    interval,
    rows: summary.rows,
    quarantined,
    from: summary.from === null ? null : isoOf(summary.from),
    to: summary.to === null ? null : isoOf(summary.to),
    gaps: summary.gaps.length,
    files: mine.reduce((sum, {files}) => sum + files.length, 0),
    sealed: 0,
    coins: summary.coins.length,
  }
}
