import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {RawRows, Reject} from './check-rows.ts'

export interface OrderedRows {
  /** row numbers of the file in lake order (coin, then time), one per key */
  readonly order: Uint32Array
  /** true when that is every row of the file, in its own order: nothing was decided */
  readonly untouched: boolean
  /** exact repeats that were dropped, per coin */
  readonly duplicates: ReadonlyMap<string, number>
}

/**
 * Bring accepted rows into lake order and drop exact repeats.
 *
 * @param tie  order of two rows of one coin and time where the key has more columns; equal rows have one key
 * @throws Fault `ingest.name_collision` (data) when different rows have one key: two markets under one name
 */
export function orderRows(
  rows: RawRows,
  rejects: readonly Reject[],
  tie: (a: number, b: number) => number = () => 0,
): OrderedRows {
  const {coin, ts, count} = rows
  const refused = new Set(rejects.map(({row}) => row))
  const accepted = new Uint32Array(count - refused.size)
  let k = 0
  for (let i = 0; i < count; i++) if (refused.size === 0 || !refused.has(i)) accepted[k++] = i
  // Neighbours mostly share their name, as one string: then nothing of it is read.
  const before = (a: number, b: number): number =>
    coin[a] === coin[b] ? ts[a]! - ts[b]! || tie(a, b) : coin[a]! < coin[b]! ? -1 : 1

  let sorted = true
  for (let i = 1; i < accepted.length && sorted; i++) sorted = before(accepted[i - 1]!, accepted[i]!) < 0
  if (sorted) return {order: accepted, untouched: refused.size === 0 && inByteOrder(coin), duplicates: new Map()}

  accepted.sort((a, b) => before(a, b) || a - b)
  // The recorder saw a repeat at another time: that does not make it another row.
  const values = Object.entries(rows.numbers).flatMap(([name, column]) => (name === 'received' ? [] : [column]))
  const same = (a: number, b: number): boolean => values.every((column) => Object.is(column[a], column[b]))
  const duplicates = new Map<string, number>()
  let kept = 0
  for (const row of accepted) {
    const last = accepted[kept - 1]
    if (kept > 0 && before(last!, row) === 0) {
      if (!same(last!, row)) throw collision(coin[row]!, ts[row]!)
      duplicates.set(coin[row]!, (duplicates.get(coin[row]!) ?? 0) + 1)
    } else accepted[kept++] = row
  }
  return {order: accepted.slice(0, kept), untouched: false, duplicates}
}

/** Plain ASCII names sort alike here and in the lake's writer. */
const inByteOrder = (names: readonly string[]): boolean => {
  let last = ''
  for (const name of names) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
    if (name !== last && !/^[\x00-\x7f]*$/.test(name)) return false
    last = name
  }
  return true
}

const collision = (coin: string, ts: number): Fault =>
  new Fault('ingest.name_collision', {
    family: 'data',
    what: `Different rows claim to be ${coin} at ${isoOf(ts)}.`,
    why: 'One coin has one row per time; these are several markets under one name, or a file merged from two sources.',
    next: ['say what tells them apart: --map "coin=exchange"', 'split the file'],
  })
