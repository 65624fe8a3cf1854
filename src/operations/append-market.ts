import {foldGaps, spanAt} from '../contracts/gap-ledger.ts'
import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, FrameRange, LakeAppend, LakeAppended, LakeCommit, LakeGap} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {type Awaited, newlyAwaited} from '../sensory/awaited.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import type {Gap} from '../sensory/find-gaps.ts'

export interface MarketBatch {
  readonly venue: string
  readonly source: string
  readonly gaps: readonly Gap[]
  readonly quarantined: number
  readonly notes?: LakeAppend['notes']
  readonly copyOf?: LakeAppend['copyOf'] | undefined
  /** rows that were due and did not come */
  readonly awaited?: readonly Awaited[]
  /** raw frames that the rows were read from */
  readonly frames?: FrameRange
}

/** Sources that record as time goes by: a hole they left could not be known before it was filled. */
export const LIVE_SOURCE = 'rest:'

/** REST runs, and the write-ahead logs of recorders. */
const isLive = (source: string): boolean => source.startsWith(LIVE_SOURCE) || /-(ws|rest)$/.test(source)

/** Source of holes in the past of a coin that nobody recorded as it went by. */
export const HISTORY_SOURCE = 'history:'

/** Commit bars. One that a live run had missed, as a hole or at the end of its answer, was available only when it came. */
export async function appendBars(
  desk: Desk,
  bars: Bars,
  {interval, awaited = [], ...batch}: MarketBatch & {interval: Interval},
): Promise<LakeAppended> {
  const commits = await desk.lake.commits()
  const late = lateRows(bars, batch.venue, interval, commits)
  const availableAt = late.length === 0 ? bars.availableAt : Float64Array.from(bars.availableAt)
  for (const i of late) availableAt[i] = Math.max(availableAt[i]!, desk.asOf)
  const {coin, ts, open, high, low, close, volume, trades} = bars
  const own = common(desk, batch)
  const waited = newlyAwaited(
    awaited,
    commits.filter((commit) => isOf(commit, batch.venue, interval)).flatMap(awaitedIn),
  )
  return desk.lake.append({
    ...own,
    ...(waited.length > 0 ? {awaited: waited} : {}),
    gaps: [...own.gaps, ...filledGaps(bars, batch, interval, commits)],
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
  {venue, source, gaps, quarantined, notes, frames}: MarketBatch,
): Omit<LakeAppend, 'table' | 'rows' | 'gaps'> & {gaps: LakeGap[]} => ({
  venue,
  source,
  quarantined,
  receivedAt: desk.asOf,
  gaps: gaps.map(({coin, from, to}) => ({coin, from, to, state: 'OPEN', cause: `missing in ${source}`})),
  ...(notes ? {notes} : {}),
  ...(frames ? {frames} : {}),
})

/** Parts of recorded holes that these bars fill, run by run. */
function filledGaps(
  bars: Bars,
  {venue, source}: MarketBatch,
  interval: Interval,
  commits: readonly LakeCommit[],
): LakeGap[] {
  const ledger = foldGaps(commits, {table: 'candles', venue, interval})
  if (ledger.size === 0) return []
  const barMs = INTERVAL_MS[interval]
  const filled: LakeGap[] = []
  for (let i = 0; i < bars.count; i++) {
    const [coin, from] = [bars.coin[i]!, bars.ts[i]!]
    const span = spanAt(ledger.get(coin) ?? [], from)
    if (span === null || span.state === 'BACKFILLED') continue
    const last = filled.at(-1)
    if (last?.coin === coin && last.to === from) filled[filled.length - 1] = {...last, to: from + barMs}
    else filled.push({coin, from, to: from + barMs, state: 'BACKFILLED', cause: `came with ${source}`})
  }
  return filled
}

const isOf = (commit: LakeCommit, venue: string, interval: Interval): boolean =>
  commit.table === 'candles' && commit.venue === venue && commit.interval === interval

const awaitedIn = (commit: LakeCommit): readonly Awaited[] => commit.awaited ?? []

function lateRows(bars: Bars, venue: string, interval: Interval, commits: readonly LakeCommit[]): number[] {
  const missed = new Map<string, Pick<Awaited, 'from' | 'to'>[]>()
  for (const commit of commits) {
    if (!isOf(commit, venue, interval) || !isLive(commit.source)) continue
    const holes = commit.gaps.filter(({state}) => state !== 'BACKFILLED')
    for (const {coin, from, to} of [...holes, ...awaitedIn(commit)])
      missed.set(coin, [...(missed.get(coin) ?? []), {from, to}])
  }
  if (missed.size === 0) return []
  const barMs = INTERVAL_MS[interval]
  const late: number[] = []
  for (let i = 0; i < bars.count; i++) {
    const open = bars.ts[i]!
    if (missed.get(bars.coin[i]!)?.some(({from, to}) => open >= from && open + barMs <= to)) late.push(i)
  }
  return late
}
