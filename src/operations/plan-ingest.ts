import {IngestMemory} from '../contracts/ingest.ts'
import {Candles} from '../contracts/market.ts'
import type {Desk, LakeGap} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {
  askedOnce,
  type CoinPlan,
  type Coverage,
  checkedUpTo,
  memoryKey,
  memoryOf,
  planBars,
  planPayments,
  type Wanted,
} from '../sensory/plan-requests.ts'
import type {Listed} from '../sensory/venue-rows.ts'
import {coverageOf} from './lake-coverage.ts'

/** One request to come. Funding is paged: it may become several. */
export interface PlannedRequest extends Wanted {
  readonly table: 'candles' | 'funding'
  readonly interval: Interval | null
  readonly coin: string
  /** requests and weight it is likely to cost */
  readonly pages: number
  readonly weight: number
}

/** Everything one run will ask for, and what it gives up. */
export interface IngestPlan {
  readonly requests: readonly PlannedRequest[]
  readonly lost: readonly (Pick<PlannedRequest, 'table' | 'interval'> & {readonly gaps: readonly LakeGap[]})[]
  /** per coin of a table: names under which answers that bring nothing are counted */
  readonly asks: ReadonlyMap<string, readonly string[]>
  readonly memory: IngestMemory
}

export interface IngestScope {
  readonly desk: Desk
  readonly venue: string
  /** venue time, epoch ms */
  readonly now: number
  readonly listed: readonly Listed[]
  readonly intervals: readonly Interval[]
  readonly tables: readonly string[]
}

const NEVER: Coverage = {lastTs: null, gaps: [], delisted: false}
const PAYMENTS_PER_PAGE = 500
const HOUR_MS = INTERVAL_MS['1h']

/** What the lake lacks of what the venue still has, as requests. Asks nobody. */
export async function planIngest(scope: IngestScope): Promise<IngestPlan> {
  const {desk, venue, now, listed, intervals, tables} = scope
  const memory = await readMemory(desk, venue)
  const requests: PlannedRequest[] = []
  const lost: IngestPlan['lost'][number][] = []
  const asks = new Map<string, readonly string[]>()
  const take = (
    table: 'candles' | 'funding',
    interval: Interval | null,
    plans: readonly [string, CoinPlan][],
  ): void => {
    for (const [coin, plan] of plans) {
      requests.push(...plan.requests.map((wanted) => ({table, interval, coin, ...wanted, ...costOf(interval, wanted)})))
      asks.set(memoryKey(table, interval, coin), plan.asks)
    }
    const gaps = plans.flatMap(([coin, plan]) => plan.lost.map((span) => lostGap(coin, span, table)))
    if (gaps.length > 0) lost.push({table, interval, gaps})
  }
  for (const interval of tables.includes('candles') ? intervals : []) {
    const coverage = await coverageOf(desk, {table: 'candles', venue, interval})
    const plans = listed.map(({coin, delisted}): [string, CoinPlan] => {
      const known = memoryOf(memory, memoryKey('candles', interval, coin))
      return [coin, planBars({...(coverage.get(coin) ?? NEVER), delisted}, known, now, INTERVAL_MS[interval])]
    })
    take('candles', interval, plans)
  }
  if (tables.includes('funding')) {
    const coverage = await coverageOf(desk, {table: 'funding', venue, interval: null})
    const isKnown = listed.every(({coin}) => coverage.has(coin))
    const firstBar = isKnown ? new Map<string, number>() : await firstBars(desk, venue, intervals)
    const plans = listed.map(({coin, delisted}): [string, CoinPlan] => {
      const known = memoryOf(memory, memoryKey('funding', null, coin))
      return [coin, planPayments({...(coverage.get(coin) ?? NEVER), delisted}, known, firstBar.get(coin) ?? 0, now)]
    })
    take('funding', null, plans)
  }
  return {requests, lost, asks, memory}
}

/** First bar of each coin in any interval: where the payments of a coin never seen are asked for from. */
async function firstBars(desk: Desk, venue: string, intervals: readonly Interval[]): Promise<Map<string, number>> {
  const first = new Map<string, number>()
  for (const interval of intervals) {
    const query = {table: Candles, venue, interval, asOf: Number.MAX_SAFE_INTEGER} as const
    for (const {coin, from} of await desk.lake.extents({...query, purpose: {kind: 'live'}})) {
      first.set(coin, Math.min(from, first.get(coin) ?? Number.POSITIVE_INFINITY))
    }
  }
  return first
}

function costOf(
  interval: Interval | null,
  {startTime, endTime}: {startTime: number; endTime: number},
): {pages: number; weight: number} {
  const step = interval === null ? HOUR_MS : INTERVAL_MS[interval]
  const rows = Math.max(1, Math.ceil((endTime - startTime) / step))
  if (interval !== null) return {pages: 1, weight: 20 + Math.floor(rows / 60)}
  // A coin never seen is asked from the beginning of time, and its payments begin somewhere: two years are a guess.
  const pages = Math.ceil(Math.min(rows, 2 * 365 * 24) / PAYMENTS_PER_PAGE)
  return {pages, weight: pages * 20 + Math.floor(Math.min(rows, 2 * 365 * 24) / 20)}
}

const lostGap = (coin: string, {from, to}: {from: number; to: number}, table: string): LakeGap => ({
  coin,
  from,
  to,
  state: 'UNRECOVERABLE',
  cause: table === 'candles' ? 'older than the bars the venue keeps' : 'the venue has no such payment',
})

const memoryPath = (venue: string): string => `ingest/${venue}.json`

async function readMemory(desk: Desk, venue: string): Promise<IngestMemory> {
  const path = memoryPath(venue)
  const empty: IngestMemory = {artifact: 'ingest-memory@1', coins: {}}
  if (!(await desk.state.exists(path))) return empty
  // It only keeps questions apart: a memory that cannot be read is begun anew, and everything is asked for once more.
  return desk.state.read(IngestMemory, path).catch(() => empty)
}

/** Remember what was asked in vain, and forget holes that are gone. `answered`: coins of a table whose requests all came back. */
export async function leaveMemory(
  {desk, venue, now, intervals, tables}: IngestScope,
  {asks, memory}: IngestPlan,
  answered: ReadonlySet<string>,
): Promise<void> {
  const coins: IngestMemory['coins'] = {...memory.coins}
  const update = (key: string, have: Omit<Coverage, 'delisted'>, barMs: number | null): void => {
    if (!answered.has(key)) return
    const before = memoryOf(memory, key)
    const open = new Set(
      have.lastTs === null ? ['first'] : [`since ${have.lastTs}`, ...have.gaps.map(({from}) => `hole ${from}`)],
    )
    const kept = Object.entries(before.asked).filter(([name]) => open.has(name))
    const names = asks.get(key) ?? []
    // Whoever asked for everything up to now has also asked for what follows the last row.
    const isTail = have.lastTs !== null && names.some((name) => !name.startsWith('hole'))
    const again = [...new Set([...names, ...(isTail ? [`since ${have.lastTs}`] : [])])].filter((name) => open.has(name))
    const checked = barMs === null || have.lastTs === null ? null : Math.min(have.lastTs, checkedUpTo(now, barMs))
    const asked = Object.fromEntries([
      ...kept,
      ...again.map((name) => [name, askedOnce(before.asked[name], now)] as const),
    ])
    coins[key] = {asked, checked}
  }
  const keysOf = (table: string, interval: string | null): string[] => {
    const head = memoryKey(table, interval, '')
    return [...asks.keys()].filter((key) => key.startsWith(head))
  }
  for (const interval of tables.includes('candles') ? intervals : []) {
    const coverage = await coverageOf(desk, {table: 'candles', venue, interval})
    for (const key of keysOf('candles', interval)) {
      update(key, coverage.get(key.slice(memoryKey('candles', interval, '').length)) ?? NEVER, INTERVAL_MS[interval])
    }
  }
  if (tables.includes('funding')) {
    const coverage = await coverageOf(desk, {table: 'funding', venue, interval: null})
    for (const key of keysOf('funding', null)) {
      update(key, coverage.get(key.slice(memoryKey('funding', null, '').length)) ?? NEVER, null)
    }
  }
  await desk.state.write(IngestMemory, {artifact: 'ingest-memory@1', coins}, memoryPath(venue))
}
