import {Random} from '../../kernel/random.ts'
import type {Series} from '../statistics/series.ts'
import {type BootstrapMeans, bootstrapMeans} from '../statistics/stationary-bootstrap.ts'

/** Bootstrap means of some columns, as plain data: another thread can be given it. */
export interface MeansJob {
  /** shape [K][T] */
  readonly columns: readonly Series[]
  /** mean block length */
  readonly b: number
  /** samples */
  readonly B: number
  readonly seed: string
}

/** Where the bootstrap means of a job are computed: on this thread, or on several with the same result. */
export type MeansSource = (job: MeansJob) => BootstrapMeans

/** The samples are a function of length, b and seed alone: columns that are asked for apart see the same ones. */
export const meansHere: MeansSource = ({columns, b, B, seed}) => bootstrapMeans(columns, b, B, new Random(seed))

/** Runs of columns of nearly the same number. */
export function partsOf(job: MeansJob, count: number): MeansJob[] {
  const {columns} = job
  const size = Math.ceil(columns.length / count)
  return Array.from({length: Math.ceil(columns.length / size)}, (_, i) => ({
    ...job,
    columns: columns.slice(i * size, (i + 1) * size),
  }))
}

/** Parts side by side again. @param values  of each part, shape [B × its columns] */
export function joinParts(B: number, parts: readonly MeansJob[], values: readonly Float64Array[]): BootstrapMeans {
  const K = parts.reduce((total, {columns}) => total + columns.length, 0)
  const all = new Float64Array(B * K)
  let first = 0
  for (const [i, {columns}] of parts.entries()) {
    const [own, from] = [columns.length, values[i]!]
    for (let row = 0; row < B; row++) all.set(from.subarray(row * own, (row + 1) * own), row * K + first)
    first += own
  }
  return {B, K, values: all}
}
