import {Restrictions, Universe} from '../contracts/market.ts'
import type {Desk, FrameRange} from '../desk.ts'
import {DAY_MS} from '../kernel/instant.ts'
import type {Listed} from '../sensory/venue-rows.ts'
import {LIVE_SOURCE} from './append-market.ts'
import {numbers, texts} from './read-lake.ts'

/**
 * Record today's instrument list, delisted names included: tomorrow nobody can ask for it again. A list that differs
 * from the one of this morning corrects it, and was not known before it came.
 */
export async function recordUniverse(
  {desk, venue, receivedAt, frames}: {desk: Desk; venue: string; receivedAt: number; frames?: FrameRange},
  listed: readonly Listed[],
): Promise<{added: number; revised: number; quarantined: number}> {
  const today = Math.floor(receivedAt / DAY_MS) * DAY_MS
  const known = await desk.lake.read({
    table: Universe,
    venue,
    asOf: Number.MAX_SAFE_INTEGER,
    purpose: {kind: 'live'},
    columns: ['first_seen'],
    holes: 'allow',
  })
  const [coin, first] = [texts(known, 'coin'), numbers(known, 'first_seen')]
  const firstSeen = new Map<string, number>()
  for (let i = 0; i < known.count; i++) {
    firstSeen.set(coin[i]!, Math.min(first[i]!, firstSeen.get(coin[i]!) ?? Infinity))
  }
  const column = (pick: (row: Listed) => number): Float64Array => Float64Array.from(listed, pick)
  const {added, revised} = await desk.lake.append({
    table: Universe,
    venue,
    source: `${LIVE_SOURCE}${venue}`,
    receivedAt,
    ...(frames ? {frames} : {}),
    rows: {
      count: listed.length,
      columns: {
        coin: listed.map((row) => row.coin),
        ts: column(() => today),
        sz_decimals: column(({szDecimals}) => szDecimals),
        max_leverage: column(({maxLeverage}) => maxLeverage),
        delisted: column(({delisted}) => (delisted ? 1 : 0)),
        first_seen: column((row) => firstSeen.get(row.coin) ?? today),
        last_seen: column(() => today),
        available_at: column(() => receivedAt),
      },
    },
  })
  await desk.lake.append({
    table: Restrictions,
    venue,
    source: `${LIVE_SOURCE}${venue}`,
    receivedAt,
    rows: {
      count: listed.length,
      columns: {
        coin: listed.map((row) => row.coin),
        ts: column(() => today),
        only_isolated: column(({onlyIsolated}) => (onlyIsolated ? 1 : 0)),
        // The list of instruments does not say it.
        at_oi_cap: column(() => Number.NaN),
        available_at: column(() => receivedAt),
      },
    },
  })
  return {added, revised, quarantined: 0}
}
