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
  const everything = await desk.lake.commits()
  const commits = commitsOf(everything, 'candles', batch.venue, interval)
  const late = lateRows(bars, interval, missedIn(commits))
  const availableAt = late.length === 0 ? bars.availableAt : Float64Array.from(bars.availableAt)
  for (const i of late) availableAt[i] = Math.max(availableAt[i]!, desk.asOf)
  const {coin, ts, open, high, low, close, volume, trades} = bars
  const own = common(desk, batch)
  return desk.lake.append({
    ...own,
    ...newlyAwaitedIn(commits, awaited),
    gaps: [...own.gaps, ...filledGaps(bars, batch, interval, everything)],
    table: Candles,
    interval,
    rows: {count: bars.count, columns: {coin, ts, open, high, low, close, volume, trades, available_at: availableAt}},
    ...(batch.copyOf && late.length === 0 ? {copyOf: batch.copyOf} : {}),
  })
}

/** Commit funding payments. One that a live run had missed was available only when it came. */
export async function appendPayments(
  desk: Desk,
  payments: Payments & {readonly premium: Float64Array},
  {awaited = [], ...batch}: MarketBatch,
): Promise<LakeAppended> {
  const {coin, ts, settles, rate, premium} = payments
  const commits = commitsOf(await desk.lake.commits(), 'funding', batch.venue, null)
  const missed = missedIn(commits)
  const isLate = (i: number): boolean =>
    missed.get(coin[i]!)?.some(({from, to}) => settles[i]! >= from && settles[i]! < to) ?? false
  const availableAt =
    missed.size === 0
      ? payments.availableAt
      : payments.availableAt.map((at, i) => (isLate(i) ? Math.max(at, desk.asOf) : at))
  return desk.lake.append({
    ...common(desk, batch),
    ...newlyAwaitedIn(commits, awaited),
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

const commitsOf = (
  commits: readonly LakeCommit[],
  table: string,
  venue: string,
  interval: string | null,
): LakeCommit[] =>
  commits.filter((commit) => commit.table === table && commit.venue === venue && commit.interval === interval)

/** Per coin: time that live answers lacked, as a hole or at their end. */
function missedIn(commits: readonly LakeCommit[]): Map<string, Pick<Awaited, 'from' | 'to'>[]> {
  const missed = new Map<string, Pick<Awaited, 'from' | 'to'>[]>()
  for (const {source, gaps, awaited = []} of commits) {
    if (!isLive(source)) continue
    for (const {coin, from, to} of [...gaps.filter(({state}) => state !== 'BACKFILLED'), ...awaited]) {
      const spans = missed.get(coin) ?? []
      spans.push({from, to})
      missed.set(coin, spans)
    }
  }
  return missed
}

function newlyAwaitedIn(commits: readonly LakeCommit[], awaited: readonly Awaited[]): Pick<LakeAppend, 'awaited'> {
  if (awaited.length === 0) return {}
  // What lies behind everything asked for now cannot overlap it: a year of quiet minutes is not gone through again.
  const first = awaited.reduce((least, {from}) => Math.min(least, from), Number.POSITIVE_INFINITY)
  const known = commits.flatMap((commit) => (commit.awaited ?? []).filter(({to}) => to > first))
  return {awaited: newlyAwaited(awaited, known)}
}

function lateRows(bars: Bars, interval: Interval, missed: ReturnType<typeof missedIn>): number[] {
  if (missed.size === 0) return []
  const barMs = INTERVAL_MS[interval]
  const late: number[] = []
  for (let i = 0; i < bars.count; i++) {
    const open = bars.ts[i]!
    if (missed.get(bars.coin[i]!)?.some(({from, to}) => open >= from && open + barMs <= to)) late.push(i)
  }
  return late
}
