import type {BookedBar} from '../cognition/backtest/result-builder.ts'

type Paid = 'fees' | 'spread' | 'lag' | 'impact' | 'funding'

/** What one bar earned and paid, by part and by asset, in USD; the venue's cash is the truth it is checked against. */
export class BarBooks {
  readonly assetPnl: Float64Array
  readonly values: Float64Array
  traded = 0
  #start = 0
  #gross = 0
  #paid: Record<Paid, number> = {fees: 0, spread: 0, lag: 0, impact: 0, funding: 0}
  #changed = false

  constructor(N: number) {
    this.assetPnl = new Float64Array(N)
    this.values = new Float64Array(N)
  }

  open(start: number): void {
    this.#start = start
    this.#gross = this.traded = 0
    this.#paid = {fees: 0, spread: 0, lag: 0, impact: 0, funding: 0}
    this.#changed = false
    this.assetPnl.fill(0)
  }

  /** a held position met another price */
  move(a: number, usd: number): void {
    this.#gross += usd
    this.assetPnl[a] = this.assetPnl[a]! + usd
  }

  /** positive is paid */
  pay(a: number, part: Paid, usd: number): void {
    this.#paid[part] += usd
    this.assetPnl[a] = this.assetPnl[a]! - usd
  }

  trade(notional: number, isFirst: boolean): void {
    this.traded += notional
    this.#changed ||= isFirst
  }

  /** the venue closed the book and kept what was left */
  lose(start: number): void {
    const {fees, spread, lag, impact, funding} = this.#paid
    this.#gross = fees + spread + lag + impact + funding - start
    this.assetPnl.fill(-start / this.assetPnl.length)
    this.values.fill(0)
  }

  bar(equity: number, isLost: boolean): BookedBar {
    const {assetPnl, values, traded} = this
    return {
      ...{start: this.#start, equity, gross: this.#gross, ...this.#paid, traded, assetPnl, values},
      ...{changed: this.#changed, isLost},
    }
  }
}
