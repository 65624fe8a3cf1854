import {foldGaps} from '../contracts/gap-ledger.ts'
import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, LakeGap} from '../desk.ts'
import {INTERVAL_MS} from '../kernel/instant.ts'
import {memoryKey} from '../sensory/plan-requests.ts'
import {HISTORY_SOURCE, LIVE_SOURCE} from './append-market.ts'
import type {Failed, FetchedMarket} from './fetch-market.ts'
import {coverageOf} from './lake-coverage.ts'
import type {Partition} from './lake-ledger.ts'
import type {IngestPlan, IngestScope, PlannedRequest} from './plan-ingest.ts'

/** Record what is still missing, what is gone for good and what never was: holes are data, also when nothing came. */
export async function recordGaps(
  {desk, venue}: IngestScope,
  {lost, requests}: IngestPlan,
  {failed, answered}: FetchedMarket,
  receivedAt: number,
): Promise<void> {
  const live = `${LIVE_SOURCE}${venue}`
  for (const {table, interval, gaps} of lost) await append(desk, {table, venue, interval}, live, gaps, receivedAt)
  for (const [partition, group] of byPartition(venue, failed)) {
    const isFirst = ({request}: Failed): boolean => request.why === 'first'
    // History of a coin never seen was nobody's to record in time: it is a hole, but its rows will not count as late.
    const past = group.filter(isFirst).flatMap(openGaps)
    await append(desk, partition, `${HISTORY_SOURCE}${venue}`, past, receivedAt)
    const recent = group.filter((one) => !isFirst(one)).flatMap(openGaps)
    await append(desk, partition, live, recent, receivedAt)
  }
  const firsts = requests.filter((request) => {
    const key = memoryKey(request.table, request.interval, request.coin)
    return request.why === 'first' && answered.has(key)
  })
  const asRequests = firsts.map((request) => ({request}))
  for (const [partition, group] of byPartition(venue, asRequests)) {
    const coins = new Set(group.map(({request}) => request.coin))
    await append(desk, partition, live, await beforeTheFirst(desk, partition, coins), receivedAt)
  }
}

/** What a failed request was to bring and no run recorded yet. A hole is recorded; an edit not looked for is none. */
function openGaps({request: {coin, missingFrom, endTime, interval}, code}: Failed): LakeGap[] {
  if (missingFrom === null) return []
  const stepMs = INTERVAL_MS[interval ?? '1h']
  // A bar is missing once it is closed, a payment once it is due.
  const to = Math.floor(endTime / stepMs) * stepMs + (interval === null ? stepMs : 0)
  return missingFrom < to ? [{coin, from: missingFrom, to, state: 'OPEN', cause: code}] : []
}

/** Time recorded as missing before the first row of coins whose whole past was answered: there was nothing in it. */
async function beforeTheFirst(desk: Desk, partition: Partition, coins: ReadonlySet<string>): Promise<LakeGap[]> {
  const recorded = foldGaps(await desk.lake.commits(), partition)
  if (![...coins].some((coin) => recorded.has(coin))) return []
  const have = await coverageOf(desk, partition)
  return [...coins].flatMap((coin) => {
    const first = have.get(coin)?.firstTs
    const open =
      first === undefined ? [] : (recorded.get(coin) ?? []).filter(({state, from}) => state === 'OPEN' && from < first)
    return open.map(({from, to}): LakeGap => {
      return {
        coin,
        from,
        to: Math.min(to, first!),
        state: 'BACKFILLED',
        cause: 'the venue has nothing before the first row',
      }
    })
  })
}

function byPartition<Item extends {readonly request: PlannedRequest}>(
  venue: string,
  items: readonly Item[],
): [Partition, Item[]][] {
  const groups = new Map<string, [Partition, Item[]]>()
  for (const item of items) {
    const {table, interval} = item.request
    const key = `${table} ${interval}`
    const group = groups.get(key) ?? [{table, venue, interval}, []]
    group[1].push(item)
    groups.set(key, group)
  }
  return [...groups.values()]
}

async function append(
  desk: Desk,
  {table, venue, interval}: Partition,
  source: string,
  gaps: readonly LakeGap[],
  receivedAt: number,
): Promise<void> {
  if (gaps.length === 0) return
  await desk.lake.append({
    table: table === 'candles' ? Candles : Funding,
    venue,
    ...(interval === null ? {} : {interval}),
    source,
    receivedAt,
    rows: {count: 0, columns: {}},
    gaps,
  })
}
