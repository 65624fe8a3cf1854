import type {Costs} from '../../contracts/costs.ts'
import type {Component, SelectionConfig} from '../../contracts/selection.ts'
import type {AssetDays} from '../asset-days.ts'

/** The parts of the one cost model that rank an asset: `configs/costs.yaml`. */
export type EntryCosts = Pick<Costs, 'spread' | 'impact'>

/** Raw value of a component for asset `a` at the close of day `d`; NaN when it is not known. */
export type Measure = (
  table: AssetDays,
  a: number,
  d: number,
  spec: Component,
  config: SelectionConfig,
  costs: EntryCosts,
) => number

/** The last `length` days up to and with day `d`; fewer at the start of the table. */
export const trailing = (values: Float64Array, d: number, length: number): Float64Array =>
  values.subarray(Math.max(0, d - length + 1), d + 1)
