import type {SettledPosition} from './backtest-result.ts'
import {ContractEnds, settlementPx} from './contract-ends.ts'
import type {WeightsRun} from './weights-run.ts'

const [EQUITY, GROSS, FUNDING] = [0, 1, 2] as const

/**
 * One margin account: positions in coins, marked at the open and at the close of every bar, with the parts of its P&L
 * kept apart. Amounts are in quote currency; the engine divides them by equity.
 */
export class Account {
  readonly units: Float64Array
  /** last price each asset was marked at; NaN before the first */
  readonly mark: Float64Array
  /** net P&L of each asset in this bar */
  readonly assetPnl: Float64Array
  readonly settled: SettledPosition[] = []
  fees = 0
  spread = 0
  lag = 0
  impact = 0
  traded = 0

  /** equity, and price P&L and funding of this bar: numbers of an array are changed in place */
  readonly #sums = new Float64Array(3)
  readonly #run: WeightsRun
  readonly #ends: ContractEnds

  constructor(run: WeightsRun) {
    const N = run.close.length
    this.#run = run
    this.#ends = new ContractEnds(run)
    this.units = new Float64Array(N)
    this.mark = new Float64Array(N).fill(Number.NaN)
    this.assetPnl = new Float64Array(N)
    this.#sums[EQUITY] = run.capital
  }

  get equity(): number {
    return this.#sums[EQUITY]!
  }

  /** P&L of prices in this bar */
  get gross(): number {
    return this.#sums[GROSS]!
  }

  get funding(): number {
    return this.#sums[FUNDING]!
  }

  /** Start bar t: book the gap from the last mark to the open, what settles at the open, and contracts that ended. */
  openBar(t: number): void {
    this.fees = this.spread = this.lag = this.impact = this.traded = 0
    this.#sums[GROSS] = this.#sums[FUNDING] = 0
    this.assetPnl.fill(0)
    const {open, costs} = this.#run
    for (let a = 0; a < this.units.length; a++) {
      const held = this.units[a]!
      const px = open[a]![t]!
      if (held !== 0) {
        if (this.#ends.has(a, t)) {
          this.#settle(a, t)
          continue
        }
        if (px > 0) this.#bookPrice(a, held * (px - this.mark[a]!))
        const {funding} = costs
        if (funding) {
          const notional = held * (px > 0 ? px : this.mark[a]!)
          const rate = held > 0 ? funding.longBefore[a]![t]! : funding.shortBefore[a]![t]!
          this.#bookFunding(a, Math.abs(notional) * rate)
        }
      }
      if (px > 0) this.mark[a] = px
    }
  }

  /** Book a fill at the reference price `px` that leaves a position of `after` coins, and what it paid beside the price. */
  bookFill(a: number, after: number, px: number, fee: number, spread: number, lag: number, impact: number): void {
    const cost = fee + spread + lag + impact
    const units = after - this.units[a]!
    this.units[a] = after
    this.fees += fee
    this.spread += spread
    this.lag += lag
    this.impact += impact
    this.traded += Math.abs(units) * px
    this.#sums[EQUITY]! -= cost
    this.assetPnl[a] = this.assetPnl[a]! - cost
  }

  /** End bar t: book the move from open to close and the funding inside the bar. */
  closeBar(t: number): void {
    const {open, close, costs} = this.#run
    for (let a = 0; a < this.units.length; a++) {
      const px = close[a]![t]!
      const held = this.units[a]!
      if (held !== 0) {
        if (px > 0) this.#bookPrice(a, held * (px - this.mark[a]!))
        const {funding} = costs
        if (funding) {
          const rate = held > 0 ? funding.longAfter[a]![t]! : funding.shortAfter[a]![t]!
          const at = px > 0 ? (open[a]![t]! + px) / 2 : this.mark[a]!
          this.#bookFunding(a, Math.abs(held) * at * rate)
        }
      }
      if (px > 0) this.mark[a] = px
    }
  }

  /** Gross notional at the last marks. */
  notional(): number {
    let total = 0
    for (let a = 0; a < this.units.length; a++) {
      if (this.units[a] !== 0) total += Math.abs(this.units[a]!) * this.mark[a]!
    }
    return total
  }

  /** Everything is gone: the venue closed the book and kept what was left. */
  liquidate(startEquity: number): void {
    this.#sums[GROSS]! -= this.equity
    this.#sums[EQUITY] = 0
    this.assetPnl.fill(-startEquity / this.assetPnl.length)
    this.units.fill(0)
  }

  #settle(a: number, t: number): void {
    const held = this.units[a]!
    const last = this.mark[a]!
    const px = settlementPx(this.#run, {a, t, last, held})
    this.#bookPrice(a, held * (px - last))
    const fee = Math.abs(held) * px * this.#run.costs.takerFee[0]!
    this.units[a] = 0
    this.fees += fee
    this.#sums[EQUITY]! -= fee
    this.assetPnl[a] = this.assetPnl[a]! - fee
    this.settled.push({asset: a, bar: t, units: held, px})
  }

  #bookPrice(a: number, pnl: number): void {
    this.#sums[GROSS]! += pnl
    this.#sums[EQUITY]! += pnl
    this.assetPnl[a] = this.assetPnl[a]! + pnl
  }

  #bookFunding(a: number, paid: number): void {
    this.#sums[FUNDING]! += paid
    this.#sums[EQUITY]! -= paid
    this.assetPnl[a] = this.assetPnl[a]! - paid
  }
}
