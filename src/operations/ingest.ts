import {QoConfig} from '../contracts/workspace.ts'
import type {Desk, VenuePort} from '../desk.ts'
import {EXIT, Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Mark} from '../sensory/grade.ts'
import {type Listed, listedOf} from '../sensory/venue-rows.ts'
import {askVenue, type Failed, fetchMarket, UNREACHED, type VenueLine} from './fetch-market.ts'
import {leaveArtifacts, venueLines} from './ingest-artifacts.ts'
import {clockMark, venueClock} from './ingest-clock.ts'
import type {TableQuality} from './ingest-report.ts'
import {type IngestAsked, ingestScope} from './ingest-scope.ts'
import {type PlanFigures, planFigures} from './plan-figures.ts'
import {type IngestScope, leaveMemory, type PlannedRequest, planIngest} from './plan-ingest.ts'
import {recordGaps} from './record-gaps.ts'
import {openReplies, type ReplyStore} from './reply-store.ts'
import type {TableLine} from './table-line.ts'

export interface IngestResult {
  readonly artifact: 'ingest@1'
  readonly ok: boolean
  readonly venue: string
  /** venue time up to which the lake is complete, as far as nothing failed */
  readonly upTo: string
  /** our clock less the venue's; the practice venue has a time of its own */
  readonly clock: {readonly skewMs: number; readonly mark: Mark}
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
  readonly quality: readonly TableQuality[]
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
    const clock = await clockMark(desk, name, skewMs)
    const facts: Facts = {desk, venue, now, clock, scope, replies}
    if (desk.dryRun) return resultOf(facts, {...NOTHING_DONE, plan: (await planIngest(scope)).requests})
    const contexts = wanted.tables.includes('asset_ctx') ? await contextsOf(line) : NO_CONTEXTS
    // Bars first: the payments of a coin never seen are asked for from its first bar on.
    const bars = await bringTables(scope, line, replies, ['candles'])
    const payments = await bringTables(scope, line, replies, ['funding'])
    const failed = [...bars.failed, ...payments.failed]
    const plan = [...bars.plan, ...payments.plan]
    await replies.store()
    if (isInVain(scope, plan, failed)) throw nothingCame(failed)
    const {isShared, perMinute} = await venue.weight()
    const blind = `the weight that other processes spend cannot be seen: asked at ${perMinute} a minute`
    return resultOf(facts, {
      sent: contexts.sent + bars.sent + payments.sent,
      plan,
      failed,
      ...(await leaveArtifacts(scope)),
      warnings: [
        ...contexts.warnings,
        ...(isShared ? [] : [blind]),
        ...(clock.mark === 'ok' ? [] : [`our clock is ${skewMs} ms off the venue's (${clock.mark})`]),
      ],
    })
  } finally {
    await replies.close()
  }
}

/** Plan, ask, commit, and say what is still missing, for some of the tables. */
async function bringTables(
  scope: IngestScope,
  line: VenueLine,
  replies: ReplyStore,
  some: readonly string[],
): Promise<Pick<Done, 'sent' | 'plan' | 'failed'>> {
  const mine = {...scope, tables: scope.tables.filter((table) => some.includes(table))}
  const plan = await planIngest(mine)
  if (plan.requests.length === 0 && plan.lost.length === 0) return NOTHING_DONE
  const fetched = await fetchMarket(scope.desk, line, plan)
  await replies.store()
  await recordGaps(mine, plan, fetched, line.time())
  await leaveMemory(mine, plan, fetched.answered)
  return {sent: fetched.requests, plan: plan.requests, failed: fetched.failed}
}

/** The instrument list; recorded unless that was not asked for. */
async function listOf(desk: Desk, line: VenueLine, tables: readonly string[]): Promise<Listed[]> {
  if (desk.dryRun || !tables.includes('universe')) return listedOf(await line.venue.info({type: 'meta'}))
  const rows = await askVenue(line, {type: 'meta'})
  return rows?.table === 'universe' ? [...rows.listed] : []
}

const NO_CONTEXTS: {readonly sent: number; readonly warnings: readonly string[]} = {sent: 0, warnings: []}

/** Contexts are a glance at this moment: without them the rest of the run is worth no less. */
async function contextsOf(line: VenueLine): Promise<typeof NO_CONTEXTS> {
  try {
    await askVenue(line, {type: 'metaAndAssetCtxs'})
    return {sent: 1, warnings: []}
  } catch (error) {
    if (!(error instanceof Fault) || error.exitCode !== EXIT.venue) throw error
    return {sent: 0, warnings: [`no asset contexts this time: ${error.what}`]}
  }
}

interface Facts {
  readonly desk: Desk
  readonly venue: VenuePort
  readonly now: number
  readonly clock: IngestResult['clock']
  readonly scope: IngestScope
  readonly replies: ReplyStore
}

interface Done {
  readonly sent: number
  readonly plan: readonly PlannedRequest[]
  readonly failed: readonly Failed[]
  readonly paths: readonly string[]
  readonly quality: readonly TableQuality[]
  readonly warnings: readonly string[]
}

const NOTHING_DONE: Done = {sent: 0, plan: [], failed: [], paths: [], quality: [], warnings: []}

async function resultOf({desk, venue, now, clock, scope, replies}: Facts, done: Done): Promise<IngestResult> {
  const failed = done.failed.map(({request: {table, interval, coin}, code}) => ({table, interval, coin, code}))
  const coins = new Set(failed.map(({coin}) => coin)).size
  const [first] = done.failed
  const trouble = `${failed.length} requests for ${coins} coins failed, their gaps are recorded: ${first?.what}`
  return {
    artifact: 'ingest@1',
    ok: true,
    venue: venue.name,
    upTo: isoOf(now),
    clock,
    coins: scope.listed.length,
    requests: 2 + done.sent,
    ...replies.stored(),
    plan: planFigures(done.plan, (await venue.weight()).perMinute),
    failed,
    warnings: [...(first ? [trouble] : []), ...done.warnings],
    quality: done.quality,
    tables: await venueLines(desk, venue.name),
    paths: done.paths,
  }
}

/** Nothing came, and it is not that the other coins needed nothing. */
function isInVain({listed}: IngestScope, requests: readonly PlannedRequest[], failed: readonly Failed[]): boolean {
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
