import type {EngineCosts} from './engine-costs.ts'
import type {FillModel} from './fill-model.ts'

/** What the weights engine needs to know; shapes [N][T] unless said. NaN in a price: the asset has no such bar. */
export interface WeightsRun {
  readonly ts: Float64Array
  readonly barMs: number
  readonly open: readonly Float64Array[]
  readonly high?: readonly Float64Array[]
  readonly low?: readonly Float64Array[]
  readonly close: readonly Float64Array[]
  /** coins traded; may be left out when the costs have no participation cap */
  readonly volume?: readonly Float64Array[]
  /** BAR codes; left out: every bar with a price is live */
  readonly state?: readonly Uint8Array[]
  /** target as a fraction of equity, decided at the close of the bar; NaN: no order on that bar */
  readonly weights: readonly Float64Array[]
  /** the only bars with an order, ascending; left out: every bar may have one */
  readonly decided?: Int32Array
  readonly costs: EngineCosts
  /** quote currency; also the size at which impact, cap and smallest order are judged, whatever the account has become */
  readonly capital: number
  /** judge size at what the account has become, as a venue does; default false */
  readonly atAccountSize?: boolean
  /** what is believed of an order that rests; default `taker`: none rests */
  readonly fillModel?: FillModel
  /** multiplies fees, spread, lag and impact, not funding; default 1 */
  readonly costMultiplier?: number
  /** whole bars by which every fill comes later; default 0 */
  readonly delayBars?: number
  /** a target nearer than this to the weight held is no order; an exit always is; default 0 */
  readonly noTradeBand?: number
  /**
   * `next_open` is research: sized at the close of the decision bar, filled from the next open. `same_open` is the rule
   * of most engines, for parity: sized and filled at the open of its own row.
   */
  readonly fillOn?: 'next_open' | 'same_open'
  /** buys are cut to the cash at hand, largest sell first: a long-only cash account; default false */
  readonly cashOnly?: boolean
  /** size decimals of each asset, shape [N]: targets are cut to the nearest lot; null or left out: any size */
  readonly sizeDecimals?: readonly (number | null)[]
  /** `returns` keeps no per-asset series and no fills: for sweeps; default full */
  readonly detail?: 'full' | 'returns'
}
