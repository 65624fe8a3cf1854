import {TABLES} from '../contracts/index.ts'
import type {Desk} from '../desk.ts'
import type {Interval} from '../kernel/instant.ts'
import {type Summary, summarizeBars} from '../sensory/import-summary.ts'
import {requireCommit} from './lake-pin.ts'
import {figureLimits, readBars, readIngestConfig} from './read-lake.ts'
import {partitionKey, type TableLine, tableLine} from './table-line.ts'

export interface LakeStatusResult {
  readonly artifact: 'lake-status@1'
  readonly ok: boolean
  readonly commit: number
  readonly tables: readonly TableLine[]
  /** per coin figures of the bars research may see; only with `coins` */
  readonly quality: readonly {readonly venue: string; readonly interval: string; readonly coins: Summary['coins']}[]
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
    quality: coins ? await qualityOf(desk, tables, commit) : [],
  }
}

async function qualityOf(
  desk: Desk,
  tables: readonly TableLine[],
  commit: number | undefined,
): Promise<LakeStatusResult['quality']> {
  const config = await readIngestConfig(desk)
  const found: LakeStatusResult['quality'][number][] = []
  for (const {table, venue, interval} of tables) {
    if (table !== 'candles' || interval === null) continue
    const scope = {venue, interval: interval as Interval, asOf: desk.asOf, commit, purpose: {kind: 'research'} as const}
    const bars = await readBars(desk, scope)
    const limits = figureLimits(config, venue)
    if (bars.count > 0) found.push({venue, interval, coins: summarizeBars(bars, scope.interval, limits).coins})
  }
  return found
}
