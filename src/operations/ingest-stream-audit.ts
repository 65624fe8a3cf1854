import {Trades} from '../contracts/market.ts'
import type {Desk, FeedPort} from '../desk.ts'
import {isMissing} from '../sensory/coverage-ledger.ts'
import {tapeTrades} from '../sensory/stream/tape-trades.ts'
import type {StreamPlan} from './ingest-stream-plan.ts'
import {ledgerOf} from './lake-ledger.ts'

/** What the practice venue traded against what the lake holds. */
export interface StreamAudit {
  readonly venueTrades: number
  readonly stored: number
  /** neither stored nor inside a recorded hole */
  readonly lost: number
  readonly inGaps: number
}

/** Frames travel a while: what traded this close to the end may have been on its way when we stopped. */
const UNDERWAY_MS = 3000
/** A hole is told in receive times, a trade in the venue's: the way between them, at most. */
const TRAVEL_MS = 1000

/**
 * Ask a venue that keeps a tape whether anything is missing: every trade of the recorded coins and span is in the lake,
 * or inside a hole of its ledger.
 *
 * @returns null when the venue keeps no tape, or trades were not recorded
 */
export async function auditStream(
  desk: Desk,
  {
    feed,
    plan,
    from,
    to,
    moved,
  }: {
    feed: FeedPort
    plan: StreamPlan
    /** start and end of the recording by the clock that stamps, which is this venue's, epoch ms */
    from: number
    to: number
    moved: {readonly left: readonly string[]}
  },
): Promise<StreamAudit | null> {
  if (!plan.channels.includes('trades')) return null
  const total = {venueTrades: 0, stored: 0, lost: 0, inGaps: 0}
  const ledger = await ledgerOf(desk, {table: 'trades', venue: plan.venue, interval: null}, {})
  for (const coin of plan.coins.filter((one) => !moved.left.includes(one))) {
    const [start, end] = [Math.ceil(from), Math.floor(to) - UNDERWAY_MS]
    const trades = tapeTrades(await feed.tape(coin, start, end))
    if (trades === null) return null
    const rows = await desk.lake.read({
      table: Trades,
      venue: plan.venue,
      coins: [coin],
      asOf: Number.MAX_SAFE_INTEGER,
      purpose: {kind: 'live'},
      columns: ['tid'],
      holes: 'allow',
    })
    const stored = new Set(rows.columns['tid'] as readonly string[])
    const holes = ledger.find((line) => line.coin === coin)?.gaps.filter(isMissing) ?? []
    for (const {tid, time} of trades) {
      total.venueTrades++
      if (stored.has(String(tid))) total.stored++
      else if (holes.some((gap) => time >= gap.from - TRAVEL_MS && time < gap.to)) total.inGaps++
      else total.lost++
    }
  }
  return total
}
