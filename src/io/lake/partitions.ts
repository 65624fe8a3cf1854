import type {Table} from '../../contracts/artifact.ts'
import {isoOf} from '../../kernel/instant.ts'

/** Rows of one file to be: those of a year, `2025`, or of a day, `2025-03-01`. */
export interface Partition {
  readonly partition: string
  readonly rows: number
  /** first and last time, ms */
  readonly minTs: number
  readonly maxTs: number
}

/** First ms of a partition and of the next. */
export function boundsOf(partition: string): [number, number] {
  if (partition.length === 4) return [Date.UTC(Number(partition), 0), Date.UTC(Number(partition) + 1, 0)]
  const from = Date.parse(`${partition}T00:00:00Z`)
  return [from, from + 86_400_000]
}

/** Partitions of rows with these times, ms, in order. Neighbours mostly share one, so only a change is looked up. */
export function partitionsOf(times: Float64Array, by: Table['partition']): Partition[] {
  const found = new Map<string, {rows: number; minTs: number; maxTs: number}>()
  let [from, to] = [0, 0]
  let one = {rows: 0, minTs: 0, maxTs: 0}
  for (let i = 0; i < times.length; i++) {
    const ts = times[i]!
    if (!(ts >= from && ts < to)) {
      const partition = isoOf(ts).slice(0, by === 'year' ? 4 : 10)
      ;[from, to] = boundsOf(partition)
      one = found.get(partition) ?? {rows: 0, minTs: ts, maxTs: ts}
      found.set(partition, one)
    }
    one.rows++
    if (ts < one.minTs) one.minTs = ts
    if (ts > one.maxTs) one.maxTs = ts
  }
  return [...found]
    .map(([partition, rest]) => ({partition, ...rest}))
    .sort((a, b) => (a.partition < b.partition ? -1 : 1))
}

/** Smallest and largest. */
export function extremesOf(times: Float64Array): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < times.length; i++) {
    if (times[i]! < min) min = times[i]!
    if (times[i]! > max) max = times[i]!
  }
  return [min, max]
}
