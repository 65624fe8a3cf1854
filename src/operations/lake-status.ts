import {TABLES} from '../contracts/index.ts'
import type {Desk} from '../desk.ts'
import {requireCommit} from './lake-pin.ts'
import {type BarQuality, barQuality, type StreamQuality, streamQuality} from './lake-quality.ts'
import {partitionKey, type TableLine, tableLine} from './table-line.ts'

export interface LakeStatusResult {
  readonly artifact: 'lake-status@1'
  readonly ok: boolean
  readonly commit: number
  readonly tables: readonly TableLine[]
  /** per coin figures of the bars research may see; only with `coins` */
  readonly quality: readonly BarQuality[]
  /** the same of trades, quotes and books */
  readonly streams: readonly StreamQuality[]
}

/** What the lake holds. Sealed rows are counted by their keys; no value of them is read. */
export async function lakeStatus(
  desk: Desk,
  {coins = false, commit}: {coins?: boolean; commit?: number | undefined} = {},
): Promise<LakeStatusResult> {
  desk.progress.say('reading the lake')
  const upTo = await requireCommit(desk, commit)
  const commits = (await desk.lake.commits()).filter(({n}) => n <= upTo)
  const partitions = [...new Map(commits.map((commit) => [partitionKey(commit), commit])).values()]
  const order = (table: string): number => {
    const at = TABLES.findIndex(({id}) => id.startsWith(`${table}@`))
    return at < 0 ? TABLES.length : at
  }
  partitions.sort((a, b) => order(a.table) - order(b.table) || (partitionKey(a) < partitionKey(b) ? -1 : 1))
  const tables: TableLine[] = []
  for (const partition of partitions) tables.push(await tableLine(desk, commits, partition, {commit}))
  return {
    artifact: 'lake-status@1',
    ok: true,
    commit: upTo,
    tables,
    quality: coins ? await barQuality(desk, tables, commit) : [],
    streams: coins ? await streamQuality(desk, tables, commit) : [],
  }
}
