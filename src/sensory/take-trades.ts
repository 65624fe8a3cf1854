import {sha256} from '../kernel/sha256.ts'
import type {RawRows, Reject} from './check-rows.ts'
import {orderRows} from './order-rows.ts'
import {readSides, SIDE} from './read-sides.ts'
import {countOutOfOrder, type TakenTicks} from './ticks.ts'

/**
 * Accepted rows of a file as trades. A repeated id with the same time, price and size is one trade; different rows with
 * one id and one time are a collision.
 *
 * A file without ids gets derived ones (`row-…`): from the row itself and its ordinal among identical rows, so that the
 * same file gives the same ids again and two real prints of one size at one price stay two.
 *
 * @throws Fault `ingest.name_collision` (data)
 */
export function takeTrades(raw: RawRows, rejects: readonly Reject[]): TakenTicks {
  const sides = readSides(raw)!
  const tid = raw.texts?.['tid'] ?? derivedIds(raw, sides)
  const side = Float64Array.from(sides)
  const rows: RawRows = {...raw, numbers: {...raw.numbers, side}}
  const {order, duplicates} = orderRows(rows, rejects, (a, b) => (tid[a]! < tid[b]! ? -1 : tid[a]! > tid[b]! ? 1 : 0))
  const number = (values: Float64Array): Float64Array => Float64Array.from(order, (row) => values[row]!)
  const text = (values: readonly string[]): string[] => Array.from(order, (row) => values[row]!)
  const refused = new Set(rejects.map(({row}) => row))
  const seen = Array.from(raw.coin.keys()).filter((row) => !refused.has(row))
  return {
    ticks: {
      count: order.length,
      coin: text(raw.coin),
      ts: number(raw.ts),
      columns: {
        tid: text(tid),
        px: number(raw.numbers['px']!),
        sz: number(raw.numbers['sz']!),
        aggressor: Array.from(order, (row) => (sides[row] === SIDE.bid ? 'buy' : 'sell')),
      },
      lists: {},
    },
    duplicates,
    outOfOrder: countOutOfOrder(
      seen.map((row) => raw.coin[row]!),
      Float64Array.from(seen, (row) => raw.ts[row]!),
    ),
  }
}

/** Ids of trades that have none. Rows of one instant are few, so that identical ones are counted cheaply. */
function derivedIds({count, coin, ts, numbers}: RawRows, sides: Int8Array): string[] {
  const ids = new Array<string>(count)
  const seen = new Map<string, number>()
  const {px, sz} = numbers
  const byTime = Uint32Array.from({length: count}, (_, i) => i)
  byTime.sort((a, b) => ts[a]! - ts[b]! || a - b)
  let last = Number.NaN
  for (const i of byTime) {
    if (ts[i] !== last) seen.clear()
    last = ts[i]!
    const row = `${coin[i]} ${ts[i]} ${px![i]} ${sz![i]} ${sides[i]}`
    const ordinal = seen.get(row) ?? 0
    seen.set(row, ordinal + 1)
    ids[i] = `row-${sha256(`${row} ${ordinal}`).slice(0, 16)}`
  }
  return ids
}
