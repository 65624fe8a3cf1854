import type {SettledPosition} from './backtest-result.ts'
import {ContractEnds, settlementPx} from './contract-ends.ts'
import type {WeightsRun} from './weights-run.ts'

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
  equity: number
  gross = 0
  fees = 0
  spread = 0
  lag = 0
  impact = 0
  funding = 0
  traded = 0

  readonly #run: WeightsRun
  readonly #ends: ContractEnds

  constructor(run: WeightsRun) {
    const N = run.close.length
    this.#run = run
    this.#ends = new ContractEnds(run)
    this.units = new Float64Array(N)
    this.mark = new Float64Array(N).fill(Number.NaN)
    this.assetPnl = new Float64Array(N)
    this.equity = run.capital
  }

  /** Start bar t: book the gap from the last mark to the open, what settles at the open, and contracts that ended. */
  openBar(t: number): void {
    this.gross = this.fees = this.spread = this.lag = this.impact = this.funding = this.traded = 0
    const {units, mark, assetPnl} = this
    const {open, costs} = this.#run
    const {funding} = costs
    assetPnl.fill(0)
    // Sums of the loop are written down when it is done: a grid of a hundred points comes by here for every bar and asset.
    let {gross, equity} = this
    let fundingPaid = 0
    for (let a = 0; a < units.length; a++) {
      const held = units[a]!
      const px = open[a]![t]!
      if (held !== 0) {
        if (this.#ends.has(a, t)) {
          this.gross = gross
          this.equity = equity
          this.#settle(a, t)
          gross = this.gross
          equity = this.equity
          continue
        }
        if (px > 0) {
          const pnl = held * (px - mark[a]!)
          gross += pnl
          equity += pnl
          assetPnl[a] = assetPnl[a]! + pnl
        }
        if (funding) {
          const notional = held * (px > 0 ? px : mark[a]!)
          const rate = held > 0 ? funding.longBefore[a]![t]! : funding.shortBefore[a]![t]!
          const paid = Math.abs(notional) * rate
          fundingPaid += paid
          equity -= paid
          assetPnl[a] = assetPnl[a]! - paid
        }
      }
      if (px > 0) mark[a] = px
    }
    this.gross = gross
    this.equity = equity
    this.funding = fundingPaid
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
    this.equity -= cost
    this.assetPnl[a] = this.assetPnl[a]! - cost
  }

  /** End bar t: book the move from open to close and the funding inside the bar. */
  closeBar(t: number): void {
    const {units, mark, assetPnl} = this
    const {open, close, costs} = this.#run
    const {funding} = costs
    let {gross, equity, funding: fundingPaid} = this
    for (let a = 0; a < units.length; a++) {
      const px = close[a]![t]!
      const held = units[a]!
      if (held !== 0) {
        if (px > 0) {
          const pnl = held * (px - mark[a]!)
          gross += pnl
          equity += pnl
          assetPnl[a] = assetPnl[a]! + pnl
        }
        if (funding) {
          const rate = held > 0 ? funding.longAfter[a]![t]! : funding.shortAfter[a]![t]!
          const at = px > 0 ? (open[a]![t]! + px) / 2 : mark[a]!
          const paid = Math.abs(held) * at * rate
          fundingPaid += paid
          equity -= paid
          assetPnl[a] = assetPnl[a]! - paid
        }
      }
      if (px > 0) mark[a] = px
    }
    this.gross = gross
    this.equity = equity
    this.funding = fundingPaid
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
    this.gross -= this.equity
    this.equity = 0
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
    this.equity -= fee
    this.assetPnl[a] = this.assetPnl[a]! - fee
    this.settled.push({asset: a, bar: t, units: held, px})
  }

  #bookPrice(a: number, pnl: number): void {
    this.gross += pnl
    this.equity += pnl
    this.assetPnl[a] = this.assetPnl[a]! + pnl
  }
}
