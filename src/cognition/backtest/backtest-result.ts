/** Fills in the order they happened; each column has shape [fills]. */
export interface Fills {
  readonly bar: Int32Array
  readonly asset: Int32Array
  /** signed coins, buys positive */
  readonly units: Float64Array
  /** reference price before spread, lag and impact */
  readonly px: Float64Array
  /** everything paid beside the reference price, in quote currency */
  readonly cost: Float64Array
}

/** A position that the venue closed because its contract ended. */
export interface SettledPosition {
  readonly asset: number
  readonly bar: number
  readonly units: number
  readonly px: number
}

/** Why an order the targets asked for was not, or not wholly, filled: counts of asset-bars. */
export interface Untraded {
  readonly noVolume: number
  readonly noPrice: number
  readonly noCostEstimate: number
  readonly participationCap: number
  readonly minNotional: number
  readonly noTradeBand: number
}

/** One column per part of the return; every series has shape [T] and is a fraction of equity at the previous close. */
export interface ReturnSplit {
  readonly gross: Float64Array
  readonly fees: Float64Array
  readonly spread: Float64Array
  readonly lag: Float64Array
  readonly impact: Float64Array
  /** positive is paid */
  readonly funding: Float64Array
}

/**
 * One run of the weights engine. net = gross − fees − spread − lag − impact − funding on every bar; net is the simple
 * return of account equity from close to close.
 */
export interface BacktestResult extends ReturnSplit {
  readonly ts: Float64Array
  readonly barMs: number
  readonly net: Float64Array
  /** traded notional over equity */
  readonly turnover: Float64Array
  /** gross and net notional over equity at the close */
  readonly exposure: Float64Array
  readonly netExposure: Float64Array
  /** account value at the close, quote currency; starts from the declared capital */
  readonly equity: Float64Array
  readonly capital: number
  readonly orders: number
  readonly fills: Fills
  /** net P&L of each asset per bar, shape [N][T]; empty when detail is 'returns' */
  readonly assetPnl: readonly Float64Array[]
  /** weight held at each close, shape [N][T]; empty when detail is 'returns' */
  readonly heldWeights: readonly Float64Array[]
  /** one label per rebalance interval in which the book changed and was not flat: first and last bar, inclusive */
  readonly labels: {readonly first: Int32Array; readonly last: Int32Array}
  readonly settled: readonly SettledPosition[]
  /** bar at which the account was lost; null */
  readonly liquidatedAt: number | null
  /** fraction of gross notional below which an account is lost */
  readonly maintenanceMargin: number
  readonly untraded: Untraded
  /** what the cost model had to assume */
  readonly flags: readonly string[]
}
