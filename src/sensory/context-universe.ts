import {DAY_MS} from '../kernel/instant.ts'
import {coinSpans} from './check-interval.ts'

/** What is known of a coin before a day. */
export interface KnownCoin {
  /** epoch ms of the first and the last day it was listed */
  readonly first: number
  readonly last: number
}

export interface UniverseDay {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
}

/**
 * The instrument list of one day from the contexts of that day, with the dead: a coin that was listed before and has no
 * context now is delisted, and `last_seen` is its last day. Decimals and leverage are not in the contexts.
 *
 * The list of a day is known when the day is over.
 *
 * @param coin   of each context, in lake order
 * @param known  coins of earlier days
 * @param skip   coins of which a snapshot of the venue itself is there for this day
 */
export function contextUniverse(
  coin: readonly string[],
  day: number,
  known: ReadonlyMap<string, KnownCoin>,
  skip: ReadonlySet<string>,
): {rows: UniverseDay; after: Map<string, KnownCoin>} {
  const after = new Map(known)
  for (const {coin: name} of coinSpans(coin)) after.set(name, {first: known.get(name)?.first ?? day, last: day})
  const names = [...after.keys()].filter((name) => !skip.has(name)).sort()
  const column = (pick: (one: KnownCoin) => number): Float64Array =>
    Float64Array.from(names, (name) => pick(after.get(name)!))
  return {
    after,
    rows: {
      count: names.length,
      columns: {
        coin: names,
        ts: column(() => day),
        sz_decimals: column(() => Number.NaN),
        max_leverage: column(() => Number.NaN),
        delisted: column(({last}) => (last < day ? 1 : 0)),
        first_seen: column(({first}) => first),
        last_seen: column(({last}) => last),
        available_at: column(() => day + DAY_MS),
      },
    },
  }
}
