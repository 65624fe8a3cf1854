import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, LakeAppend, LakeAppended, LakeCommit} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import type {Gap} from '../sensory/find-gaps.ts'

export interface MarketBatch {
  readonly venue: string
  readonly source: string
  readonly gaps: readonly Gap[]
  readonly quarantined: number
  readonly notes?: LakeAppend['notes']
  readonly copyOf?: LakeAppend['copyOf'] | undefined
}

/** Sources that record as time goes by: a hole they left could not be known before it was filled. */
export const LIVE_SOURCE = 'rest:'

/** Commit bars. One that fills a hole a live run had recorded was available only when it came. */
export async function appendBars(
  desk: Desk,
  bars: Bars,
  {interval, ...batch}: MarketBatch & {interval: Interval},
): Promise<LakeAppended> {
  const late = lateRows(bars, batch.venue, interval, await desk.lake.commits())
  const availableAt = late.length === 0 ? bars.availableAt : Float64Array.from(bars.availableAt)
  for (const i of late) availableAt[i] = Math.max(availableAt[i]!, desk.asOf)
  const {coin, ts, open, high, low, close, volume, trades} = bars
  return desk.lake.append({
    ...common(desk, batch),
    table: Candles,
    interval,
    rows: {count: bars.count, columns: {coin, ts, open, high, low, close, volume, trades, available_at: availableAt}},
    ...(batch.copyOf && late.length === 0 ? {copyOf: batch.copyOf} : {}),
  })
}

/** Commit funding payments. */
export async function appendPayments(
  desk: Desk,
  payments: Payments & {readonly premium: Float64Array},
  batch: MarketBatch,
): Promise<LakeAppended> {
  const {coin, ts, settles, rate, premium, availableAt} = payments
  return desk.lake.append({
    ...common(desk, batch),
    table: Funding,
    rows: {count: payments.count, columns: {coin, ts, settles, rate, premium, available_at: availableAt}},
  })
}

const common = (
  desk: Desk,
  {venue, source, gaps, quarantined, notes}: MarketBatch,
): Omit<LakeAppend, 'table' | 'rows'> => ({
  venue,
  source,
  quarantined,
  receivedAt: desk.asOf,
  gaps: gaps.map(({coin, from, to}) => ({coin, from, to, state: 'OPEN', cause: `missing in ${source}`})),
  ...(notes ? {notes} : {}),
})

function lateRows(bars: Bars, venue: string, interval: Interval, commits: readonly LakeCommit[]): number[] {
  const holes = new Map<string, {from: number; to: number}[]>()
  for (const commit of commits) {
    const mine = commit.table === 'candles' && commit.venue === venue && commit.interval === interval
    if (!mine || !commit.source.startsWith(LIVE_SOURCE)) continue
    for (const {coin, from, to} of commit.gaps) holes.set(coin, [...(holes.get(coin) ?? []), {from, to}])
  }
  if (holes.size === 0) return []
  const barMs = INTERVAL_MS[interval]
  const late: number[] = []
  for (let i = 0; i < bars.count; i++) {
    const open = bars.ts[i]!
    if (holes.get(bars.coin[i]!)?.some(({from, to}) => open >= from && open + barMs <= to)) late.push(i)
  }
  return late
}
