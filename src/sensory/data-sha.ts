import {coinSpans} from './check-interval.ts'

/** What is hashed into a `data_sha`, in order. */
export type DigestPieces = readonly (string | Float64Array)[]

/**
 * Canonical form of key and value columns: two machines with the same market data agree on its SHA-256, whenever and
 * wherever each got it. Neither commit numbers nor receive times are in it.
 *
 * Only the pieces: the hash itself is the lake port's, native code, because the pure one takes seconds.
 *
 * @param names    shape [rows], the key's name column, hashed as runs
 * @param columns  name -> shape [rows]; in name order, with one NaN
 */
export function dataShaPieces(names: readonly string[], columns: Readonly<Record<string, Float64Array>>): DigestPieces {
  const runs = coinSpans(names).map(({coin, from, to}) => `${coin}:${to - from}`)
  const sorted = Object.keys(columns).sort()
  return [
    `rows:${names.length}`,
    ...runs,
    ...sorted.flatMap((name): (string | Float64Array)[] => [name, canonical(columns[name]!)]),
  ]
}

/** NaN has many bit patterns and means one thing. */
function canonical(values: Float64Array): Float64Array {
  let i = 0
  while (i < values.length && !Number.isNaN(values[i]!)) i++
  if (i === values.length) return values
  const plain = Float64Array.from(values)
  for (; i < plain.length; i++) if (Number.isNaN(plain[i]!)) plain[i] = Number.NaN
  return plain
}
