import type {Desk, VenuePort} from '../desk.ts'
import {EXIT, Fault} from '../kernel/fault.ts'
import {type HttpFrame, httpRows} from '../sensory/frames/http-frame.ts'
import {memoryKey} from '../sensory/plan-requests.ts'
import {FUNDING_PAGE} from '../sensory/venue-rows.ts'
import type {IngestPlan, PlannedRequest} from './plan-ingest.ts'

/** So many coins in a row that could not be reached: then it is the venue, and the rest is not asked for. */
const MOST_UNREACHED = 3
/** Troubles of the venue and not of one coin. */
export const UNREACHED = new Set(['venue.unreachable', 'venue.rate_limited'])

/** A request that brought nothing, and why. */
export interface Failed {
  readonly request: PlannedRequest
  readonly code: string
  readonly what: string
}

export interface FetchedMarket {
  /** info requests that were sent and answered */
  readonly requests: number
  readonly failed: readonly Failed[]
  /** coins of a table whose requests all came back, by their name in the memory */
  readonly answered: ReadonlySet<string>
}

/** Where replies go, one after the other. */
export type ReplySink = (frame: HttpFrame) => Promise<void>

/** One venue and its clock. */
export interface VenueLine {
  readonly venue: VenuePort
  /** venue time now, epoch ms */
  readonly time: () => number
  readonly sink: ReplySink
}

/** Ask, look at the reply before it is kept, keep it. @throws Fault of family venue */
export async function askVenue(
  {venue, time, sink}: VenueLine,
  request: Readonly<Record<string, unknown>>,
): Promise<ReturnType<typeof httpRows>> {
  const askedAt = time()
  const reply = await venue.info(request)
  const frame: HttpFrame = {request, reply, askedAt, receivedAt: time()}
  const rows = httpRows(frame)
  await sink(frame)
  return rows
}

/**
 * Everything a plan asks for, one request after the other. A coin that fails never stops the others; a venue that cannot
 * be reached any more does, and what was not asked for counts as failed.
 */
export async function fetchMarket(desk: Desk, line: VenueLine, {requests}: IngestPlan): Promise<FetchedMarket> {
  const failed: Failed[] = []
  const answered = new Map<string, boolean>()
  let sent = 0
  let unreached = 0
  let stopped: Fault | null = null
  for (const [i, request] of requests.entries()) {
    const key = memoryKey(request.table, request.interval, request.coin)
    try {
      if (stopped) throw stopped
      await sayProgress(desk, line.venue, requests, i)
      sent += await fetchOne(line, request)
      unreached = 0
      answered.set(key, answered.get(key) ?? true)
    } catch (error) {
      if (!(error instanceof Fault) || error.exitCode !== EXIT.venue) throw error
      answered.set(key, false)
      failed.push({request, code: error.code, what: error.what})
      unreached = UNREACHED.has(error.code) ? unreached + 1 : 0
      if (unreached >= MOST_UNREACHED) stopped = error
    }
  }
  return {requests: sent, failed, answered: new Set([...answered].filter(([, all]) => all).map(([key]) => key))}
}

/** @returns how many requests it took */
async function fetchOne(line: VenueLine, {table, interval, coin, startTime, endTime}: PlannedRequest): Promise<number> {
  if (table === 'candles') {
    await askVenue(line, {type: 'candleSnapshot', req: {coin, interval, startTime, endTime}})
    return 1
  }
  for (let from = startTime, pages = 1; ; pages++) {
    const rows = await askVenue(line, {type: 'fundingHistory', coin, startTime: from, endTime})
    const ts = rows?.table === 'funding' ? rows.raw.ts : new Float64Array()
    const newest = ts.reduce((last, at) => Math.max(last, at), Number.NEGATIVE_INFINITY)
    if (ts.length < FUNDING_PAGE || newest < from) return pages
    // The page's last instant is asked for again: another payment may share it. A page of one instant holds all of it.
    from = newest === from || ts.every((at) => at === newest) ? newest + 1 : newest
  }
}

async function sayProgress(
  desk: Desk,
  venue: VenuePort,
  requests: readonly PlannedRequest[],
  at: number,
): Promise<void> {
  const {coin, table, interval} = requests[at]!
  const {left, perMinute} = await venue.weight()
  const ahead = requests.slice(at).reduce((sum, {weight}) => sum + weight, 0)
  const minutes = Math.ceil(Math.max(0, ahead - left) / perMinute)
  const eta = minutes === 0 ? 'under a minute' : `about ${minutes} min`
  desk.progress.say(`${at + 1}/${requests.length} ${coin} ${interval ?? table} · weight left ${left} · ${eta}`)
}
