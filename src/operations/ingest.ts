import {AssetCtx, Candles, Funding, Universe} from '../contracts/market.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk, VenuePort} from '../desk.ts'
import {EXIT, Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {type Listed, listedOf, venueTimeOf} from '../sensory/venue-rows.ts'
import {askVenue, type Failed, fetchMarket, recordGaps, UNREACHED, type VenueLine} from './fetch-market.ts'
import {leaveVenueReport} from './ingest-report.ts'
import {type IngestAsked, ingestScope} from './ingest-scope.ts'
import {leaveManifest} from './lake-manifest.ts'
import {type PlanFigures, planFigures} from './plan-figures.ts'
import {type IngestPlan, type IngestScope, leaveMemory, planIngest} from './plan-ingest.ts'
import {openReplies, type ReplyStore} from './reply-store.ts'
import {partitionKey, type TableLine, tableLine} from './table-line.ts'

export interface IngestResult {
  readonly artifact: 'ingest@1'
  readonly ok: boolean
  readonly venue: string
  /** venue time up to which the lake is complete, as far as nothing failed */
  readonly upTo: string
  /** our clock less the venue's, ms */
  readonly clockSkewMs: number
  readonly coins: number
  readonly requests: number
  readonly added: number
  readonly revised: number
  readonly quarantined: number
  /** asset contexts recorded: a new moment each run */
  readonly contexts: number
  /** what the run asked for, or under --dry-run would ask for */
  readonly plan: PlanFigures
  /** requests that brought nothing; what they were to bring stands in the lake as OPEN gaps */
  readonly failed: readonly {
    readonly table: string
    readonly interval: string | null
    readonly coin: string
    readonly code: string
  }[]
  readonly warnings: readonly string[]
  readonly tables: readonly TableLine[]
  readonly paths: readonly string[]
}

/**
 * Bring the lake up to date from the venue of this workspace: instrument list, contexts, candles, funding.
 *
 * Planned from what the lake has: only what is missing is asked for, so a second run adds nothing. A coin that fails
 * never stops the others: what it lacks is recorded as a gap, and the run ends well when anything came. What came before
 * a kill is durable, and the next run goes on from there. Under `--dry-run` only the list and the time are asked for.
 *
 * @throws Fault `venue.*` (venue) when nothing could be fetched; `venue.unknown`, `ingest.no_such_coin` (usage)
 */
export async function ingest(desk: Desk, asked: IngestAsked = {}): Promise<IngestResult> {
  const {exchange: name} = await desk.files.read(QoConfig)
  const venue = await desk.venue(name)
  const {now, skewMs} = await venueClock(desk, venue)
  const wanted = await ingestScope(desk, asked)
  const replies = await openReplies(desk, name)
  try {
    const line: VenueLine = {venue, time: () => desk.clock.now() - skewMs, sink: replies.keep}
    const all = await listOf(desk, line, wanted.tables)
    const scope: IngestScope = {desk, venue: name, now, listed: wanted.of(all), ...wanted}
    const facts = {desk, venue, now, skewMs, scope}
    const plan = await planIngest(scope)
    if (desk.dryRun) return resultOf(facts, plan, {sent: 0, failed: [], replies, paths: [], warnings: []})
    const warnings: string[] = []
    const contexts = wanted.tables.includes('asset_ctx') ? await contextsOf(line, warnings) : 0
    const fetched = await fetchMarket(desk, line, plan)
    await replies.store()
    await recordGaps(desk, name, plan, fetched.failed, line.time())
    if (isInVain(scope, plan, fetched.failed)) throw nothingCame(fetched.failed)
    await leaveMemory(scope, plan, fetched.answered)
    const {isShared, perMinute} = await venue.weight()
    if (!isShared) warnings.push(`the weight that other processes spend cannot be seen: asked at ${perMinute} a minute`)
    const paths = await leaveArtifacts(scope)
    return resultOf(facts, plan, {sent: fetched.requests + contexts, failed: fetched.failed, replies, paths, warnings})
  } finally {
    await replies.close()
  }
}

/** The instrument list; recorded unless that was not asked for. */
async function listOf(desk: Desk, line: VenueLine, tables: readonly string[]): Promise<Listed[]> {
  if (desk.dryRun || !tables.includes('universe')) return listedOf(await line.venue.info({type: 'meta'}))
  const rows = await askVenue(line, {type: 'meta'})
  return rows?.table === 'universe' ? [...rows.listed] : []
}

/** Contexts are a glance at this moment: without them the rest of the run is worth no less. */
async function contextsOf(line: VenueLine, warnings: string[]): Promise<number> {
  try {
    await askVenue(line, {type: 'metaAndAssetCtxs'})
    return 1
  } catch (error) {
    if (!(error instanceof Fault) || error.exitCode !== EXIT.venue) throw error
    warnings.push(`no asset contexts this time: ${error.what}`)
    return 0
  }
}

/** The venue's clock decides which candle is still running; ours may be minutes off. */
async function venueClock(desk: Desk, venue: VenuePort): Promise<{now: number; skewMs: number}> {
  const before = desk.clock.now()
  const time = venueTimeOf(await venue.info({type: 'exchangeStatus'}))
  // The venue looked at its clock some time between our two looks.
  const skewMs = Math.round((before + desk.clock.now()) / 2 - time)
  return {now: desk.asOfGiven ? Math.min(time, desk.asOf) : time, skewMs}
}

async function leaveArtifacts({desk, venue, intervals, tables}: IngestScope): Promise<string[]> {
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

interface Facts {
  readonly desk: Desk
  readonly venue: VenuePort
  readonly now: number
  readonly skewMs: number
  readonly scope: IngestScope
}

interface Done {
  readonly sent: number
  readonly failed: readonly Failed[]
  readonly replies: ReplyStore
  readonly paths: readonly string[]
  readonly warnings: readonly string[]
}

async function resultOf({desk, venue, now, skewMs, scope}: Facts, plan: IngestPlan, done: Done): Promise<IngestResult> {
  const {added, revised, quarantined, contexts} = done.replies.stored()
  const failed = done.failed.map(({request: {table, interval, coin}, code}) => ({table, interval, coin, code}))
  const coins = new Set(failed.map(({coin}) => coin))
  const first = done.failed[0]
  return {
    artifact: 'ingest@1',
    ok: true,
    venue: venue.name,
    upTo: isoOf(now),
    clockSkewMs: skewMs,
    coins: scope.listed.length,
    requests: 2 + done.sent,
    added,
    revised,
    quarantined,
    contexts,
    plan: planFigures(plan.requests, (await venue.weight()).perMinute),
    failed,
    warnings: [
      ...(first
        ? [`${failed.length} requests for ${coins.size} coins failed, their gaps are recorded: ${first.what}`]
        : []),
      ...done.warnings,
    ],
    tables: await linesOf(desk, venue.name),
    paths: done.paths,
  }
}

/** Nothing came, and it is not that the other coins needed nothing. */
function isInVain({listed}: IngestScope, {requests}: IngestPlan, failed: readonly Failed[]): boolean {
  if (failed.length === 0 || failed.length < requests.length) return false
  const coins = new Set(failed.map(({request}) => request.coin))
  return coins.size === listed.length || failed.some(({code}) => UNREACHED.has(code))
}

function nothingCame(failed: readonly Failed[]): Fault {
  const {code, what} = failed.at(-1)!
  return new Fault(code as `${string}.${string}`, {
    family: 'venue',
    what,
    why: `None of ${failed.length} requests brought anything. What is missing is recorded; what the lake had, it has.`,
    next: ['qo doctor', 'run the command again: it continues where it stopped'],
  })
}

async function linesOf(desk: Desk, venue: string): Promise<TableLine[]> {
  const commits = await desk.lake.commits()
  const mine = commits.filter((commit) => commit.venue === venue && commit.table !== 'features')
  const partitions = [...new Map(mine.map((commit) => [partitionKey(commit), commit])).values()]
  const lines: TableLine[] = []
  for (const partition of partitions) lines.push(await tableLine(desk, commits, partition))
  return lines
}
