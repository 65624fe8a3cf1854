import {coinSpans} from './check-interval.ts'
import type {Ticks} from './ticks.ts'

/** What is hashed into a `data_sha`, in order. */
export type DigestPieces = readonly (string | Float64Array)[]

/** Rows in lake order as they are hashed: key and value columns, times included. */
export interface HashedRows {
  readonly coin: readonly string[]
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
}

/** A column, or the pieces it is made of, one behind the other. */
type Hashed = Float64Array | readonly string[] | readonly Float64Array[]

/** Ticks as they are hashed; a book is in it by its digest. */
export const hashedTicks = ({coin, ts, columns}: Ticks): HashedRows => ({coin, columns: {ts, ...columns}})

/**
 * Canonical form of key and value columns: two machines with the same market data agree on its SHA-256, whenever and
 * wherever each got it. Neither commit numbers nor receive times are in it.
 *
 * Only the pieces: the hash itself is the lake port's, native code, because the pure one takes seconds.
 *
 * @param names    shape [rows], the key's name column, hashed as runs
 * @param columns  name -> shape [rows]; in name order, with one NaN; texts as they are
 */
export function dataShaPieces(names: readonly string[], columns: Readonly<Record<string, Hashed>>): DigestPieces {
  const runs = coinSpans(names).map(({coin, from, to}) => `${coin}:${to - from}`)
  const sorted = Object.keys(columns).sort()
  return [
    `rows:${names.length}`,
    ...runs,
    ...sorted.flatMap((name): (string | Float64Array)[] => {
      const values = columns[name]!
      if (values instanceof Float64Array) return [name, canonical(values)]
      return isText(values) ? [name, values.join('\n')] : [name, ...values.map(canonical)]
    }),
  ]
}

const isText = (values: readonly string[] | readonly Float64Array[]): values is readonly string[] =>
  typeof values[0] === 'string' || values.length === 0

/** NaN has many bit patterns and means one thing. */
function canonical(values: Float64Array): Float64Array {
  let i = 0
  while (i < values.length && !Number.isNaN(values[i]!)) i++
  if (i === values.length) return values
  const plain = Float64Array.from(values)
  for (; i < plain.length; i++) if (Number.isNaN(plain[i]!)) plain[i] = Number.NaN
  return plain
}
