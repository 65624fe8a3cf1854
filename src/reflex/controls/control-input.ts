import type {ControlId, Intent, OrderSide, Tif} from '../../contracts/orders.ts'
import type {RiskLimits} from '../../contracts/risk.ts'

/**
 * One coin at one moment of venue time. Prices and volumes are the venue's own text, so that nothing is rounded before
 * it is compared; null means that the venue gave none.
 */
export interface MarketView {
  readonly coin: string
  readonly sizeDecimals: number
  readonly delisted: boolean
  readonly markPx: string | null
  readonly oraclePx: string | null
  readonly bidPx: string | null
  readonly askPx: string | null
  /** USD traded in the last 24 h */
  readonly dayVolumeUsd: string | null
  /** venue time of the book and of the mark, epoch ms */
  readonly bookTime: number | null
  readonly markTime: number | null
}

/** An order that may still fill: open, in flight, or unknown. `sz` is what is left of it. */
export interface WorkingOrder {
  readonly cloid: string | null
  readonly coin: string
  readonly side: OrderSide
  readonly px: string
  readonly sz: string
  readonly tif: Tif | null
  readonly reduceOnly: boolean
  /** venue time it was sent, epoch ms */
  readonly at: number
}

export interface AccountView {
  /** USD, unrealised included */
  readonly equity: string | null
  /** at the first reconcile of this UTC day */
  readonly dayStartEquity: string | null
  /** lowest equity seen since; null before the second reconcile */
  readonly dayLowEquity: string | null
  /** signed coins by coin; a coin that is absent is flat */
  readonly positions: ReadonlyMap<string, string>
  readonly working: readonly WorkingOrder[]
  /** mark by coin, for every coin with a position or an order */
  readonly marks: ReadonlyMap<string, string>
}

/** Everything a control may look at. A control is a pure function of this. */
export interface ControlInput {
  readonly intent: Intent
  /** null when the file is missing or invalid; `limitsTrouble` then says why */
  readonly limits: RiskLimits | null
  readonly limitsTrouble: string | null
  /** true when a latch exists or its absence cannot be proven */
  readonly latched: boolean
  /** why only reductions may pass, or null */
  readonly reduceOnly: string | null
  /** epoch ms by the venue's clock; null when it did not answer */
  readonly venueTime: number | null
  /** ms of our own monotonic clock since the venue's clock last moved */
  readonly venueStalledMs: number
  /** null when the coin is not in the venue's list */
  readonly market: MarketView | null
  readonly account: AccountView | null
  /** coins in configs/selected_assets.yaml; null when there is no readable list */
  readonly selected: readonly string[] | null
  /** messages of this parent in the last second and minute, and what is left of the address budget */
  readonly messages: {readonly lastSecond: number; readonly lastMinute: number; readonly addressLeft: number | null}
  /** true when this cloid was ever used here */
  readonly cloidSeen: boolean
  /** standard deviation of one day's return at the book's volatility target; null without one */
  readonly dailySigma: number | null
}

/** Why an order must not leave. */
export interface Refusal {
  readonly reason: string
  readonly value?: string
  readonly limit?: string
  /** what the guard does beyond refusing this order; default `reject` */
  readonly action?: 'reject' | 'reduce_only' | 'halt'
}

/** One control: null passes. `increasing` controls are not asked about an order that can only reduce. */
export interface Control {
  readonly id: ControlId
  readonly name: string
  readonly scope: 'every' | 'increasing'
  readonly check: (input: ControlInput) => Refusal | null
}
