/** Bars in lake order: by coin, then by open time; shape [rows] each, [0] where not read. A missing count of trades is NaN. */
export interface Bars {
  readonly count: number
  readonly coin: readonly string[]
  /** open time, epoch ms */
  readonly ts: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  readonly trades: Float64Array
  /** when a decision could first have used the bar, epoch ms */
  readonly availableAt: Float64Array
}

/** Funding payments in lake order; shape [rows] each. */
export interface Payments {
  readonly count: number
  readonly coin: readonly string[]
  readonly ts: Float64Array
  readonly settles: Float64Array
  readonly rate: Float64Array
  readonly availableAt: Float64Array
}
