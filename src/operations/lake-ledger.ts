import {foldGaps} from '../contracts/gap-ledger.ts'
import {TABLES} from '../contracts/index.ts'
import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, LakeQuery} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars} from '../sensory/bars.ts'
import {barCoverage, type CoinCoverage, paymentCoverage, streamCoverage} from '../sensory/coverage-ledger.ts'
import {barsOf, numbers, readIngestConfig, readPayments, redenominationsOf, texts} from './read-lake.ts'

/** A (table, venue, interval) of the lake. */
export interface Partition {
  readonly table: string
  readonly venue: string
  readonly interval: string | null
}

/** Which state of the lake is meant; default: all there is. */
export interface Pin {
  readonly asOf?: number | undefined
  readonly commit?: number | undefined
}

const ALL = Number.MAX_SAFE_INTEGER

/**
 * The coverage ledger of a partition: per coin what should be there, what is, and every gap with its state.
 *
 * Gaps are what the commits recorded, corrected by what the rows of bars and funding prove. Of sealed rows only times
 * are read, so where a life ended behind a seal is not known here.
 */
export async function ledgerOf(
  desk: Desk,
  partition: Partition,
  {asOf = ALL, commit}: Pin = {},
): Promise<CoinCoverage[]> {
  const {venue, interval} = partition
  const table = TABLES.find(({id}) => id.startsWith(`${partition.table}@`))
  if (!table) return []
  const pinned = commit === undefined ? {} : {commit}
  const recorded = foldGaps(await desk.lake.commits(), partition, {asOf, ...pinned})
  const query = {table, venue, asOf, ...pinned, purpose: {kind: 'live'}, holes: 'allow'} as const
  if (table === Candles) {
    const bars = await barsOutsideSeals(desk, {...query, interval: interval as Interval})
    const redenominations = redenominationsOf(await readIngestConfig(desk), venue)
    return barCoverage(bars, recorded, {barMs: INTERVAL_MS[interval as Interval], asOf, redenominations})
  }
  if (table === Funding) {
    const payments = await readPayments(desk, query)
    return payments === null ? streamCoverage([], recorded) : paymentCoverage(payments, recorded)
  }
  const extents = await desk.lake.extents({...query, ...(interval === null ? {} : {interval})})
  return streamCoverage(extents, recorded)
}

/** All bars by their times. A bar that research may not see stands as one that traded at a price nobody read. */
async function barsOutsideSeals(desk: Desk, query: LakeQuery & {interval: Interval}): Promise<Bars> {
  const columns = ['open', 'close', 'volume', 'available_at']
  const open = await desk.lake.read({...query, purpose: {kind: 'research'}, columns})
  const sealed = (await desk.lake.vaults()).some(({venue}) => venue === query.venue)
  const seen = {...open, columns: {...open.columns, high: NONE, low: NONE, trades: NONE}}
  if (!sealed) return barsOf(seen)
  const all = await desk.lake.read({...query, columns: ['available_at']})
  const [coin, ts] = [texts(all, 'coin'), numbers(all, 'ts')]
  const [theirCoin, theirTs] = [texts(open, 'coin'), numbers(open, 'ts')]
  const place = new Int32Array(all.count).fill(-1)
  for (let i = 0, k = 0; i < all.count && k < open.count; i++) {
    if (coin[i] === theirCoin[k] && ts[i] === theirTs[k]) place[i] = k++
  }
  const spread = (name: string, unread: number): Float64Array => {
    const values = numbers(open, name)
    return Float64Array.from(place, (k) => (k < 0 ? unread : values[k]!))
  }
  return {
    ...{count: all.count, coin, ts, high: NONE, low: NONE, trades: NONE},
    open: spread('open', Number.NaN),
    close: spread('close', Number.NaN),
    volume: spread('volume', 1),
    availableAt: numbers(all, 'available_at'),
  }
}

const NONE = new Float64Array(0)
