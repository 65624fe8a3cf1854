import type {Desk} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {coinSpans} from '../sensory/check-interval.ts'
import {checkRows, type RawRows, type Reject} from '../sensory/check-rows.ts'
import {barGaps} from '../sensory/find-gaps.ts'
import {summarizePayments} from '../sensory/import-summary.ts'
import {orderRows} from '../sensory/order-rows.ts'
import {planBars} from '../sensory/plan-requests.ts'
import {takeBars, takePayments} from '../sensory/take-rows.ts'
import {barRowsOf, joinRows, paymentRowsOf} from '../sensory/venue-rows.ts'
import {appendBars, appendPayments, LIVE_SOURCE} from './append-market.ts'
import type {Feed, Fetched} from './ingest.ts'
import {coverageOf, lastPayments} from './lake-coverage.ts'
import {leaveRowQuarantine} from './quarantine.ts'

/** Rows gathered before a commit: a long first run that breaks off keeps what it has. */
const ROWS_PER_COMMIT = 200_000

const FUNDING_PAGE = 500

/** Candles of every listed coin that the lake lacks. */
export async function fetchBars(feed: Feed, interval: Interval): Promise<Fetched> {
  const {desk, venue, now, listed} = feed
  const barMs = INTERVAL_MS[interval]
  const coverage = await coverageOf(desk, venue.name, interval)
  const store = async (parts: readonly RawRows[]): Promise<Fetched> => {
    const raw = joinRows(parts)
    const {rejects, ordered} = await checked(desk, `${venue.name}-${interval}`, 'ohlcv', raw)
    const bars = takeBars(raw, ordered, barMs)
    const outcome = await appendBars({...desk, asOf: now}, bars, {
      venue: venue.name,
      interval,
      source: `${LIVE_SOURCE}${venue.name}`,
      gaps: barGaps(bars.ts, coinSpans(bars.coin), barMs),
      quarantined: rejects.length,
    })
    return {requests: 0, added: outcome.added, revised: outcome.revised, quarantined: rejects.length}
  }
  return inBatches(listed, store, async ({coin, delisted}) => {
    const plan = planBars({...(coverage.get(coin) ?? {lastTs: null, gaps: []}), delisted}, now, barMs)
    if (plan === null) return {requests: 0, parts: []}
    desk.progress.say(`${coin} ${interval}`)
    const reply = await venue.info({type: 'candleSnapshot', req: {coin, interval, ...plan}})
    return {requests: 1, parts: [barRowsOf(reply, coin, interval, now)]}
  })
}

/** Funding of every listed coin from its newest stored payment on, or from its first bar on, page by page. */
export async function fetchFunding(feed: Feed, intervals: readonly Interval[]): Promise<Fetched> {
  const {desk, venue, now, listed} = feed
  const last = await lastPayments(desk, venue.name)
  const first = new Map<string, number>()
  for (const interval of intervals) {
    for (const [coin, {firstTs}] of await coverageOf(desk, venue.name, interval)) {
      first.set(coin, Math.min(firstTs, first.get(coin) ?? Infinity))
    }
  }
  const store = async (parts: readonly RawRows[]): Promise<Fetched> => {
    const raw = joinRows(parts)
    const {rejects, ordered} = await checked(desk, `${venue.name}-funding`, 'funding', raw)
    const payments = takePayments(raw, ordered)
    const outcome = await appendPayments({...desk, asOf: now}, payments, {
      venue: venue.name,
      source: `${LIVE_SOURCE}${venue.name}`,
      gaps: summarizePayments(payments).gaps,
      quarantined: rejects.length,
    })
    return {requests: 0, added: outcome.added, revised: outcome.revised, quarantined: rejects.length}
  }
  return inBatches(listed, store, async ({coin}) => {
    desk.progress.say(`${coin} funding`)
    const parts: RawRows[] = []
    let startTime = last.has(coin) ? last.get(coin)! + 1 : (first.get(coin) ?? 0)
    for (let requests = 1; ; requests++) {
      const page = paymentRowsOf(await venue.info({type: 'fundingHistory', coin, startTime, endTime: now}), coin)
      if (page.count > 0) parts.push(page)
      const newest = page.ts.at(-1)
      if (page.count < FUNDING_PAGE || newest === undefined || newest < startTime) return {requests, parts}
      // The page's last instant is asked for again: another payment may share it. Repeats are dropped by key.
      startTime = page.ts[0] === newest ? newest + 1 : newest
    }
  })
}

async function inBatches<Item>(
  items: readonly Item[],
  store: (parts: readonly RawRows[]) => Promise<Fetched>,
  fetch: (item: Item) => Promise<{requests: number; parts: readonly RawRows[]}>,
): Promise<Fetched> {
  const total = {requests: 0, added: 0, revised: 0, quarantined: 0}
  let waiting: RawRows[] = []
  const commit = async (): Promise<void> => {
    if (waiting.length === 0) return
    const {added, revised, quarantined} = await store(waiting)
    total.added += added
    total.revised += revised
    total.quarantined += quarantined
    waiting = []
  }
  for (const item of items) {
    const {requests, parts} = await fetch(item)
    total.requests += requests
    waiting.push(...parts.filter(({count}) => count > 0))
    if (waiting.reduce((sum, {count}) => sum + count, 0) >= ROWS_PER_COMMIT) await commit()
  }
  await commit()
  return total
}

async function checked(
  desk: Desk,
  name: string,
  shape: 'ohlcv' | 'funding',
  raw: RawRows,
): Promise<{rejects: readonly Reject[]; ordered: ReturnType<typeof orderRows>}> {
  const rejects = checkRows(shape, raw, new Map())
  await leaveRowQuarantine(desk, name, raw, rejects)
  return {rejects, ordered: orderRows(raw, rejects)}
}
