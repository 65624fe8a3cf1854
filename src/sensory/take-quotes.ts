import type {RawRows, Reject} from './check-rows.ts'
import {snapshotStarts} from './check-snapshots.ts'
import {orderRows} from './order-rows.ts'
import {readSides, SIDE} from './read-sides.ts'
import {countOutOfOrder, type TakenTicks} from './ticks.ts'

const FIELDS = ['bid_px', 'bid_sz', 'bid_n', 'ask_px', 'ask_sz', 'ask_n'] as const
const KEY = ['bid_px', 'bid_sz', 'ask_px', 'ask_sz'] as const

/**
 * Accepted rows of a file as best bids and offers, one per update, from one row per side or one per update. A side that
 * an update does not name has no orders: its columns are NaN.
 */
export function takeQuotes(raw: RawRows, rejects: readonly Reject[]): TakenTicks {
  const refused = new Set(rejects.map(({row}) => row))
  const starts = snapshotStarts(raw)
  const heads: number[] = []
  for (let k = 0; k + 1 < starts.length; k++) if (!refused.has(starts[k]!)) heads.push(k)
  const quotes = Object.fromEntries(FIELDS.map((field) => [field, new Float64Array(heads.length).fill(Number.NaN)]))
  const sides = readSides(raw)
  for (const [i, k] of heads.entries()) {
    for (let row = starts[k]!; row < starts[k + 1]!; row++) {
      if (sides === null) {
        for (const field of FIELDS) quotes[field]![i] = raw.numbers[field]?.[row] ?? Number.NaN
        continue
      }
      const side = sides[row] === SIDE.bid ? 'bid' : 'ask'
      for (const field of ['px', 'sz', 'n']) quotes[`${side}_${field}`]![i] = raw.numbers[field]?.[row] ?? Number.NaN
    }
  }
  const coin = heads.map((k) => raw.coin[starts[k]!]!)
  const ts = Float64Array.from(heads, (k) => raw.ts[starts[k]!]!)
  const tie = (a: number, b: number): number => {
    for (const field of KEY) {
      const [x, y] = [quotes[field]![a]!, quotes[field]![b]!]
      if (Object.is(x, y)) continue
      return Number.isNaN(x) ? -1 : Number.isNaN(y) ? 1 : x - y
    }
    return 0
  }
  const {order, duplicates} = orderRows({count: heads.length, coin, ts, numbers: {}}, [], tie)
  return {
    ticks: {
      count: order.length,
      coin: Array.from(order, (i) => coin[i]!),
      ts: Float64Array.from(order, (i) => ts[i]!),
      columns: Object.fromEntries(
        FIELDS.map((field) => [field, Float64Array.from(order, (i) => quotes[field]![i]!)] as const),
      ),
      lists: {},
    },
    duplicates,
    outOfOrder: countOutOfOrder(coin, ts),
  }
}
