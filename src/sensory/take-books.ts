import {bookDigest} from './book-digest.ts'
import type {RawRows, Reject} from './check-rows.ts'
import {snapshotStarts} from './check-snapshots.ts'
import {orderRows} from './order-rows.ts'
import {readSides, SIDE} from './read-sides.ts'
import {countOutOfOrder, type TakenTicks} from './ticks.ts'

const FAST_LEVELS = 5

/** Accepted rows of a file, one per side and level, as books: one row per snapshot, levels best first. */
export function takeBooks(raw: RawRows, rejects: readonly Reject[]): TakenTicks {
  const refused = new Set(rejects.map(({row}) => row))
  const starts = snapshotStarts(raw)
  const heads: number[] = []
  for (let k = 0; k + 1 < starts.length; k++) if (!refused.has(starts[k]!)) heads.push(k)
  const sides = readSides(raw)!
  const {level, px, sz, n} = raw.numbers
  const lists = {
    ...{bid_px: [] as Float64Array[], bid_sz: [] as Float64Array[], bid_n: [] as Float64Array[]},
    ...{ask_px: [] as Float64Array[], ask_sz: [] as Float64Array[], ask_n: [] as Float64Array[]},
  }
  const digest: string[] = []
  let deepest = 0
  for (const k of heads) {
    const rows: [number[], number[]] = [[], []]
    for (let row = starts[k]!; row < starts[k + 1]!; row++) rows[sides[row] === SIDE.bid ? 0 : 1].push(row)
    for (const side of rows) side.sort((a, b) => level![a]! - level![b]!)
    const [bids, asks] = rows
    const pick = (side: readonly number[], values: Float64Array): Float64Array =>
      Float64Array.from(side, (row) => values[row]!)
    lists.bid_px.push(pick(bids, px!))
    lists.bid_sz.push(pick(bids, sz!))
    lists.ask_px.push(pick(asks, px!))
    lists.ask_sz.push(pick(asks, sz!))
    if (n) lists.bid_n.push(pick(bids, n))
    if (n) lists.ask_n.push(pick(asks, n))
    deepest = Math.max(deepest, bids.length, asks.length)
    digest.push(
      bookDigest({
        ...{bidPx: lists.bid_px.at(-1)!, bidSz: lists.bid_sz.at(-1)!},
        ...{askPx: lists.ask_px.at(-1)!, askSz: lists.ask_sz.at(-1)!},
      }),
    )
  }
  const coin = heads.map((k) => raw.coin[starts[k]!]!)
  const ts = Float64Array.from(heads, (k) => raw.ts[starts[k]!]!)
  const tie = (a: number, b: number): number => (digest[a]! < digest[b]! ? -1 : digest[a]! > digest[b]! ? 1 : 0)
  const {order, duplicates} = orderRows({count: heads.length, coin, ts, numbers: {}}, [], tie)
  const at = <T>(values: readonly T[]): T[] => Array.from(order, (i) => values[i]!)
  const filled = Object.entries(lists).filter(([, values]) => values.length > 0)
  return {
    ticks: {
      count: order.length,
      coin: at(coin),
      ts: Float64Array.from(order, (i) => ts[i]!),
      columns: {
        feed: new Array<string>(order.length).fill(deepest > FAST_LEVELS ? 'full' : 'fast'),
        digest: at(digest),
      },
      lists: Object.fromEntries(filled.map(([name, values]) => [name, at(values)] as const)),
    },
    duplicates,
    outOfOrder: countOutOfOrder(coin, ts),
  }
}
