import {Candles, Funding, Universe} from '../contracts/market.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk, VenuePort} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {type Listed, listedOf, venueTimeOf} from '../sensory/venue-rows.ts'
import {fetchBars, fetchFunding} from './fetch-market.ts'
import {leaveVenueReport} from './ingest-report.ts'
import {leaveManifest} from './lake-manifest.ts'
import {readIngestConfig} from './read-lake.ts'
import {recordUniverse} from './record-universe.ts'
import {partitionKey, type TableLine, tableLine} from './table-line.ts'

export interface IngestResult {
  readonly artifact: 'ingest@1'
  readonly ok: boolean
  readonly venue: string
  /** venue time up to which the lake is complete */
  readonly upTo: string
  readonly coins: number
  readonly requests: number
  readonly added: number
  readonly revised: number
  readonly quarantined: number
  readonly tables: readonly TableLine[]
  readonly paths: readonly string[]
}

/** What one part of a run did. */
export interface Fetched {
  readonly requests: number
  readonly added: number
  readonly revised: number
  readonly quarantined: number
}

/**
 * Bring the lake up to date from the venue of this workspace: instrument list, candles, funding.
 *
 * Gap-driven: only what the lake lacks is asked for, so a second run adds nothing. What was committed before a failure
 * stays, and the next run goes on from there.
 *
 * @throws Fault `venue.*` (venue); `venue.unknown` (usage) for a venue without a feed
 */
export async function ingest(desk: Desk): Promise<IngestResult> {
  const {exchange: name} = await desk.files.read(QoConfig)
  const config = await readIngestConfig(desk)
  const venue = await desk.venue(name)
  const now = await decisionTime(desk, venue)
  const listed = wanted(listedOf(await venue.info({type: 'meta'})), config.coins)
  const feed = {desk, venue, now, listed}
  const done: Fetched[] = [await recordUniverse(feed)]
  for (const interval of config.intervals) done.push(await fetchBars(feed, interval))
  if (config.funding) done.push(await fetchFunding(feed, config.intervals))

  const paths: (string | null)[] = [await leaveManifest(desk, {table: Universe, venue: name, interval: null})]
  for (const interval of config.intervals) {
    paths.push(await leaveManifest(desk, {table: Candles, venue: name, interval}))
    paths.push(await leaveVenueReport(desk, {table: Candles, venue: name, interval}))
  }
  if (config.funding) {
    paths.push(await leaveManifest(desk, {table: Funding, venue: name, interval: null}))
    paths.push(await leaveVenueReport(desk, {table: Funding, venue: name, interval: null}))
  }
  const sum = (pick: (part: Fetched) => number): number => done.reduce((total, part) => total + pick(part), 0)
  return {
    artifact: 'ingest@1',
    ok: true,
    venue: name,
    upTo: isoOf(now),
    coins: listed.length,
    requests: 2 + sum(({requests}) => requests),
    added: sum(({added}) => added),
    revised: sum(({revised}) => revised),
    quarantined: sum(({quarantined}) => quarantined),
    tables: await linesOf(desk, name),
    paths: paths.filter((path) => path !== null),
  }
}

/** A venue in the workspace's reach, at one instant of its own time. */
export interface Feed {
  readonly desk: Desk
  readonly venue: VenuePort
  /** venue time, epoch ms, at most the decision time when one was typed */
  readonly now: number
  readonly listed: readonly Listed[]
}

/** The venue's clock decides which candle is still running; ours may be minutes off. */
async function decisionTime(desk: Desk, venue: VenuePort): Promise<number> {
  const time = venueTimeOf(await venue.info({type: 'exchangeStatus'}))
  return desk.asOfGiven ? Math.min(time, desk.asOf) : time
}

const wanted = (listed: readonly Listed[], coins: readonly string[]): readonly Listed[] =>
  coins.length === 0 ? listed : listed.filter(({coin}) => coins.includes(coin))

async function linesOf(desk: Desk, venue: string): Promise<TableLine[]> {
  const commits = await desk.lake.commits()
  const mine = commits.filter((commit) => commit.venue === venue && commit.table !== 'features')
  const partitions = [...new Map(mine.map((commit) => [partitionKey(commit), commit])).values()]
  const lines: TableLine[] = []
  for (const partition of partitions) lines.push(await tableLine(desk, commits, partition))
  return lines
}
