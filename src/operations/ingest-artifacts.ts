import type {Table} from '../contracts/artifact.ts'
import {AssetCtx, Candles, Funding, Restrictions, Universe} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import type {Interval} from '../kernel/instant.ts'
import {leaveVenueReport, type TableQuality} from './ingest-report.ts'
import {leaveManifest} from './lake-manifest.ts'
import type {IngestScope} from './plan-ingest.ts'
import {partitionKey, type TableLine, tableLine} from './table-line.ts'

/** Manifests of the tables asked for, and a page on each of those that have one; returns their paths. */
export async function leaveArtifacts({
  desk,
  venue,
  intervals,
  tables,
}: IngestScope): Promise<{paths: string[]; quality: TableQuality[]}> {
  const paths: (string | null)[] = []
  const quality: TableQuality[] = []
  const report = async (table: Table, interval: Interval | null): Promise<void> => {
    paths.push(await leaveManifest(desk, {table, venue, interval}))
    const left = await leaveVenueReport(desk, {table, venue, interval})
    if (left === null) return
    paths.push(...left.paths)
    quality.push(left.quality)
  }
  if (tables.includes('universe')) {
    paths.push(await leaveManifest(desk, {table: Universe, venue, interval: null}))
    paths.push(await leaveManifest(desk, {table: Restrictions, venue, interval: null}))
  }
  if (tables.includes('asset_ctx')) paths.push(await leaveManifest(desk, {table: AssetCtx, venue, interval: null}))
  for (const interval of tables.includes('candles') ? intervals : []) await report(Candles, interval)
  if (tables.includes('funding')) await report(Funding, null)
  return {paths: paths.filter((path) => path !== null), quality}
}

const NOT_MARKET = new Set(['features', 'selection', 'frames'])

/** The lines of `tables[]` for one venue. */
export async function venueLines(desk: Desk, venue: string): Promise<TableLine[]> {
  const commits = await desk.lake.commits()
  const mine = commits.filter((commit) => commit.venue === venue && !NOT_MARKET.has(commit.table))
  const partitions = [...new Map(mine.map((commit) => [partitionKey(commit), commit])).values()]
  const lines: TableLine[] = []
  for (const partition of partitions) lines.push(await tableLine(desk, commits, partition))
  return lines
}
