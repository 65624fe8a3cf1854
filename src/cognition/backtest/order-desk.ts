import type {Account} from './account.ts'
import type {Fills, Untraded} from './backtest-result.ts'
import type {WeightsRun} from './weights-run.ts'

/**
 * Turns target weights into orders and orders into fills against one account.
 *
 * An order lives until it is filled or a later target replaces it; the participation cap may spread it over many bars.
 * Size-dependent costs are judged at the declared capital: a lucky path must not grow out of its own market.
 */
export class OrderDesk {
  orders = 0
  /** the book changed in this bar because of a new target */
  changed = false
  readonly #run: WeightsRun
  readonly #account: Account
  readonly #want: Float64Array
  readonly #fresh: Uint8Array
  readonly #k: number
  readonly #keep: boolean
  readonly #fills = {
    bar: [] as number[],
    asset: [] as number[],
    units: [] as number[],
    px: [] as number[],
    cost: [] as number[],
  }
  readonly #untraded = {noVolume: 0, noPrice: 0, noCostEstimate: 0, participationCap: 0, minNotional: 0, noTradeBand: 0}

  constructor(run: WeightsRun, account: Account) {
    this.#run = run
    this.#account = account
    this.#want = new Float64Array(run.close.length).fill(Number.NaN)
    this.#fresh = new Uint8Array(run.close.length)
    this.#k = run.costMultiplier ?? 1
    this.#keep = run.detail !== 'returns'
  }

  /** Read row `row` of the targets: sized at `prices` with `equity`, both known at the decision. */
  decide(row: number, prices: readonly Float64Array[], equity: number): void {
    const {weights, noTradeBand = 0} = this.#run
    const {units} = this.#account
    for (let a = 0; a < weights.length; a++) {
      const weight = weights[a]![row]!
      if (Number.isNaN(weight)) continue
      const held = units[a]!
      const px = prices[a]![row]!
      let want = Number.NaN
      if (weight === 0) want = held === 0 ? Number.NaN : 0
      else if (!(px > 0)) this.#untraded.noPrice++
      else if (noTradeBand > 0 && Math.abs(weight - (held * px) / equity) <= noTradeBand) this.#untraded.noTradeBand++
      else want = (weight * equity) / px
      this.#want[a] = want
      this.#fresh[a] = 1
    }
  }

  /** Fill what can be filled in bar t at its open, with costs known at bar `known`. */
  fill(t: number, known: number, fee: number, equity: number): void {
    this.changed = false
    const want = this.#want
    if (this.#run.cashOnly) {
      this.#fillFromCash(t, known, fee)
      return
    }
    const scale = this.#run.capital / equity
    for (let a = 0; a < want.length; a++) {
      if (!Number.isNaN(want[a])) this.#fillOne(a, t, known, fee, scale, Number.POSITIVE_INFINITY)
    }
  }

  /** A contract that ended takes its order with it. */
  forget(a: number): void {
    this.#want[a] = Number.NaN
  }

  get log(): {fills: Fills; untraded: Untraded} {
    const {bar, asset, units, px, cost} = this.#fills
    return {
      fills: {
        bar: Int32Array.from(bar),
        asset: Int32Array.from(asset),
        units: Float64Array.from(units),
        px: Float64Array.from(px),
        cost: Float64Array.from(cost),
      },
      untraded: {...this.#untraded},
    }
  }

  /** Largest sell first, so that its cash pays for the buys. */
  #fillFromCash(t: number, known: number, fee: number): void {
    const {open} = this.#run
    const {units, equity} = this.#account
    let cash = equity
    const orders: {a: number; notional: number}[] = []
    for (let a = 0; a < units.length; a++) {
      if (units[a] !== 0) cash -= units[a]! * open[a]![t]!
      if (!Number.isNaN(this.#want[a])) orders.push({a, notional: (this.#want[a]! - units[a]!) * open[a]![t]!})
    }
    orders.sort((x, y) => x.notional - y.notional)
    for (const {a} of orders) cash += this.#fillOne(a, t, known, fee, 1, cash)
  }

  /** Returns the cash the fill brought in; negative for a buy. */
  #fillOne(a: number, t: number, known: number, fee: number, scale: number, cash: number): number {
    const {open, volume, costs, sizeDecimals} = this.#run
    const held = this.#account.units[a]!
    const target = this.#want[a]!
    let q = target - held
    if (q === 0) return this.#drop(a)
    const px = open[a]![t]!
    if (!(px > 0)) return this.#wait('noPrice')
    const half = costs.halfSpread[a]![known]! * this.#k
    const lag = costs.lag[a]![known]! * this.#k
    const impactUnit = costs.impact[a]![known]! * this.#k
    if (!(half + lag + impactUnit < Number.POSITIVE_INFINITY)) return this.#wait('noCostEstimate')
    if (costs.participationCap < Number.POSITIVE_INFINITY) {
      const traded = volume ? volume[a]![t]! : Number.NaN
      if (!(traded > 0)) return this.#wait('noVolume')
      const most = (costs.participationCap * traded) / scale
      if (Math.abs(q) > most) {
        q = Math.sign(q) * most
        this.#untraded.participationCap++
      }
    }
    const closing = q === -held
    const decimals = sizeDecimals?.[a]
    if (!closing && decimals !== null && decimals !== undefined) {
      const lot = 10 ** -decimals / scale
      q = Math.sign(q) * Math.floor(Math.abs(q) / lot + 1e-9) * lot
    }
    if (!closing && Math.abs(q) * px * scale < costs.minNotional) {
      this.#untraded.minNotional++
      return this.#drop(a)
    }
    const side = Math.sign(q)
    if (side > 0 && cash < Number.POSITIVE_INFINITY)
      q = Math.min(q, cash / (px * (1 + half + lag) * (1 + fee * this.#k)))
    const notional = Math.abs(q) * px
    if (!(notional > 0)) return this.#drop(a)
    const impact = impactUnit === 0 ? 0 : impactUnit * Math.sqrt(notional * scale)
    // The fee is charged on what was paid, not on the reference price.
    const paidFee = notional * (1 + side * (half + lag + impact)) * fee * this.#k
    // held + (target − held) is not always target: a whole fill lands on it exactly, or a dust order would follow.
    const whole = q === target - held
    const after = whole ? target : held + q
    this.#account.bookFill(a, after, px, paidFee, notional * half, notional * lag, notional * impact)
    this.#record(a, t, q, px, paidFee + notional * (half + lag + impact))
    if (whole || cash < Number.POSITIVE_INFINITY) this.#drop(a)
    return -q * px - paidFee - notional * (half + lag + impact)
  }

  #record(a: number, t: number, units: number, px: number, cost: number): void {
    this.orders++
    if (this.#fresh[a] === 1) {
      this.changed = true
      this.#fresh[a] = 0
    }
    if (!this.#keep) return
    this.#fills.bar.push(t)
    this.#fills.asset.push(a)
    this.#fills.units.push(units)
    this.#fills.px.push(px)
    this.#fills.cost.push(cost)
  }

  #drop(a: number): number {
    this.#want[a] = Number.NaN
    return 0
  }

  #wait(reason: 'noPrice' | 'noVolume' | 'noCostEstimate'): number {
    this.#untraded[reason]++
    return 0
  }
}
