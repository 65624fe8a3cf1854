import {Universe} from '../contracts/market.ts'
import {DAY_MS} from '../kernel/instant.ts'
import {LIVE_SOURCE} from './append-market.ts'
import type {Feed, Fetched} from './ingest.ts'
import {numbers, texts} from './read-lake.ts'

/** Record today's instrument list, delisted names included: tomorrow nobody can ask for it again. */
export async function recordUniverse({desk, venue, now, listed}: Feed): Promise<Fetched> {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const known = await desk.lake.read({
    table: Universe,
    venue: venue.name,
    asOf: Number.MAX_SAFE_INTEGER,
    purpose: {kind: 'live'},
    columns: ['first_seen'],
  })
  const [coin, first] = [texts(known, 'coin'), numbers(known, 'first_seen')]
  const firstSeen = new Map<string, number>()
  for (let i = 0; i < known.count; i++) {
    firstSeen.set(coin[i]!, Math.min(first[i]!, firstSeen.get(coin[i]!) ?? Infinity))
  }
  const column = (pick: (row: (typeof listed)[number]) => number): Float64Array => Float64Array.from(listed, pick)
  const outcome = await desk.lake.append({
    table: Universe,
    venue: venue.name,
    source: `${LIVE_SOURCE}${venue.name}`,
    receivedAt: now,
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
        available_at: column(() => now),
      },
    },
  })
  return {requests: 0, added: outcome.added, revised: outcome.revised, quarantined: 0}
}
