import {coinSpans} from './check-interval.ts'

/** SHA-256 of texts and numbers in order; the native one is handed in, because the pure one takes seconds. */
export type Digest = (pieces: readonly (string | Float64Array)[]) => string

/**
 * SHA-256 over canonical key and value columns: two machines with the same market data agree, whenever and wherever
 * each got it. Neither commit numbers nor receive times are in it.
 *
 * @param names    shape [rows], the key's name column, hashed as runs
 * @param columns  name -> shape [rows]; hashed in name order, with one NaN
 */
export function dataSha(
  digest: Digest,
  names: readonly string[],
  columns: Readonly<Record<string, Float64Array>>,
): string {
  const runs = coinSpans(names).map(({coin, from, to}) => `${coin}:${to - from}`)
  const sorted = Object.keys(columns).sort()
  return digest([
    `rows:${names.length}`,
    ...runs,
    ...sorted.flatMap((name): (string | Float64Array)[] => [name, canonical(columns[name]!)]),
  ])
}

/** NaN has many bit patterns and means one thing. */
const canonical = (values: Float64Array): Float64Array => values.map((value) => (value === value ? value : Number.NaN))
