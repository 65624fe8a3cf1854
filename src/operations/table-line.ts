import type {Table} from '../contracts/artifact.ts'
import {TABLES} from '../contracts/index.ts'
import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, LakeCommit} from '../desk.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'
import {coinSpans} from '../sensory/check-interval.ts'
import {barGaps, fundingGaps} from '../sensory/find-gaps.ts'
import type {Summary} from '../sensory/import-summary.ts'
import {numbers, texts} from './read-lake.ts'

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
  readonly gaps: number
  readonly files: number
  /** rows that only the live commands and an unsealing may read */
  readonly sealed: number
  readonly coins: number
}

/** Partitions of one table, venue and interval belong together. */
export const partitionKey = ({table, venue, interval}: Partition): string => `${table} ${venue} ${interval ?? ''}`

type Partition = Pick<LakeCommit, 'table' | 'venue' | 'interval'>

/** Current figures of one partition, as of the desk's decision time. */
export async function tableLine(desk: Desk, commits: readonly LakeCommit[], partition: Partition): Promise<TableLine> {
  const table = TABLES.find(({id}) => id.startsWith(`${partition.table}@`))!
  const {venue, interval} = partition
  const mine = commits.filter((commit) => partitionKey(commit) === partitionKey(partition))
  const scope = {
    table,
    venue,
    ...(interval === null ? {} : {interval}),
    asOf: Number.MAX_SAFE_INTEGER,
    columns: keys(table),
  }
  const all = await desk.lake.read({...scope, purpose: {kind: 'live'}})
  const sealed = (await desk.lake.vaults()).some((vault) => vault.venue === venue)
    ? all.count - (await desk.lake.read({...scope, purpose: {kind: 'research'}})).count
    : 0
  const name = all.columns['coin'] ? 'coin' : 'asset'
  const [ts, names] = [numbers(all, 'ts'), texts(all, name)]
  let from = Infinity
  let to = -Infinity
  for (const instant of ts) {
    if (instant < from) from = instant
    if (instant > to) to = instant
  }
  const spans = coinSpans(names)
  const gaps =
    table === Candles
      ? barGaps(ts, spans, INTERVAL_MS[interval as Interval]).length
      : table === Funding
        ? fundingGaps(numbers(all, 'settles'), spans).length
        : 0
  return {
    table: partition.table,
    venue,
    interval,
    rows: all.count,
    quarantined: mine.reduce((sum, {quarantined}) => sum + quarantined, 0),
    from: all.count > 0 ? isoOf(from) : null,
    to: all.count > 0 ? isoOf(to) : null,
    gaps,
    files: mine.reduce((sum, {files}) => sum + files.length, 0),
    sealed,
    coins: new Set(names).size,
  }
}

const keys = (table: Table): string[] => (table === Funding ? ['settles'] : [])

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
