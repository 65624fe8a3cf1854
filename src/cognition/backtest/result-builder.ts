import type {BacktestResult, Fills, SettledPosition, Untraded} from './backtest-result.ts'
import type {WeightsRun} from './weights-run.ts'

/** What one bar did to an account, in quote currency. */
export interface BookedBar {
  /** equity at the close before and at this one */
  readonly start: number
  readonly equity: number
  readonly gross: number
  readonly fees: number
  readonly spread: number
  readonly lag: number
  readonly impact: number
  /** positive is paid */
  readonly funding: number
  readonly traded: number
  /** net P&L of each asset; shape [N] */
  readonly assetPnl: Float64Array
  /** signed value of each position at the close; shape [N] */
  readonly values: Float64Array
  /** a fill of a new target changed the book */
  readonly changed: boolean
  /** the account was lost in this bar */
  readonly isLost: boolean
}

/** Turns booked bars into the series of a result: the same for every engine, so that results can be compared. */
export class ResultBuilder {
  liquidatedAt: number | null = null
  readonly #run: WeightsRun
  readonly #net: Float64Array
  readonly #turnover: Float64Array
  readonly #exposure: Float64Array
  readonly #netExposure: Float64Array
  readonly #equity: Float64Array
  readonly #gross: Float64Array
  readonly #fees: Float64Array
  readonly #spread: Float64Array
  readonly #lag: Float64Array
  readonly #impact: Float64Array
  readonly #funding: Float64Array
  readonly #assetPnl: readonly Float64Array[]
  readonly #heldWeights: readonly Float64Array[]
  readonly #first: number[] = []
  readonly #last: number[] = []
  #wasShort = false

  constructor(run: WeightsRun) {
    const T = run.ts.length
    const columns = run.detail === 'returns' ? 0 : run.close.length
    const column = (): Float64Array => new Float64Array(T)
    this.#run = run
    this.#net = column()
    this.#turnover = column()
    this.#exposure = column()
    this.#netExposure = column()
    this.#equity = column()
    this.#gross = column()
    this.#fees = column()
    this.#spread = column()
    this.#lag = column()
    this.#impact = column()
    this.#funding = column()
    this.#assetPnl = Array.from({length: columns}, column)
    this.#heldWeights = Array.from({length: columns}, column)
  }

  /** equity at the close of bar t, quote currency */
  equityAt(t: number): number {
    return this.#equity[t]!
  }

  note(t: number, bar: BookedBar): void {
    const {start, equity, values} = bar
    this.#net[t] = equity / start - 1
    this.#gross[t] = bar.gross / start
    this.#fees[t] = bar.fees / start
    this.#spread[t] = bar.spread / start
    this.#lag[t] = bar.lag / start
    this.#impact[t] = bar.impact / start
    this.#funding[t] = bar.funding / start
    this.#turnover[t] = bar.traded / start
    this.#equity[t] = equity
    if (bar.isLost) this.liquidatedAt = t
    let notional = 0
    let net = 0
    for (let a = 0; a < values.length; a++) {
      const value = values[a]!
      net += value
      notional += Math.abs(value)
      if (value < 0) this.#wasShort = true
      if (this.#assetPnl.length === 0) continue
      this.#assetPnl[a]![t] = bar.assetPnl[a]! / start
      if (value !== 0) this.#heldWeights[a]![t] = value / equity
    }
    if (equity > 0) {
      this.#exposure[t] = notional / equity
      this.#netExposure[t] = net / equity
    }
    if (!bar.changed && !bar.isLost) return
    if (this.#first.length > this.#last.length) this.#last.push(Math.max(t - 1, this.#first.at(-1)!))
    if (notional > 0 && !bar.isLost) this.#first.push(t)
  }

  finish(orders: number, log: {fills: Fills; untraded: Untraded}, settled: readonly SettledPosition[]): BacktestResult {
    const {ts, barMs, capital, costs} = this.#run
    if (this.#first.length > this.#last.length) this.#last.push(ts.length - 1)
    return {
      ts,
      barMs,
      capital,
      net: this.#net,
      turnover: this.#turnover,
      exposure: this.#exposure,
      netExposure: this.#netExposure,
      equity: this.#equity,
      gross: this.#gross,
      fees: this.#fees,
      spread: this.#spread,
      lag: this.#lag,
      impact: this.#impact,
      funding: this.#funding,
      assetPnl: this.#assetPnl,
      heldWeights: this.#heldWeights,
      orders,
      ...log,
      labels: {first: Int32Array.from(this.#first), last: Int32Array.from(this.#last)},
      settled,
      liquidatedAt: this.liquidatedAt,
      maintenanceMargin: costs.maintenanceMargin,
      flags: costs.isSpot && this.#wasShort ? ['spot:short_without_loan', ...costs.flags] : costs.flags,
    }
  }
}
