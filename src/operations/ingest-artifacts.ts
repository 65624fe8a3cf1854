import {AssetCtx, Candles, Funding, Universe} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {leaveVenueReport} from './ingest-report.ts'
import {leaveManifest} from './lake-manifest.ts'
import type {IngestScope} from './plan-ingest.ts'
import {partitionKey, type TableLine, tableLine} from './table-line.ts'

/** Manifests of the tables asked for, and a page on each of those that have one; returns their paths. */
export async function leaveArtifacts({desk, venue, intervals, tables}: IngestScope): Promise<string[]> {
  const paths: (string | null)[] = []
  if (tables.includes('universe')) paths.push(await leaveManifest(desk, {table: Universe, venue, interval: null}))
  if (tables.includes('asset_ctx')) paths.push(await leaveManifest(desk, {table: AssetCtx, venue, interval: null}))
  for (const interval of tables.includes('candles') ? intervals : []) {
    paths.push(await leaveManifest(desk, {table: Candles, venue, interval}))
    paths.push(await leaveVenueReport(desk, {table: Candles, venue, interval}))
  }
  if (tables.includes('funding')) {
    paths.push(await leaveManifest(desk, {table: Funding, venue, interval: null}))
    paths.push(await leaveVenueReport(desk, {table: Funding, venue, interval: null}))
  }
  return paths.filter((path) => path !== null)
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
