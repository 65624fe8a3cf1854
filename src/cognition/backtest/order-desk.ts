import type {Account} from './account.ts'
import type {Fills, Untraded} from './backtest-result.ts'
import type {FeeRates} from './fee-tiers.ts'
import {FillLog} from './fill-log.ts'
import {type FillModel, restingFill} from './fill-model.ts'
import type {WeightsRun} from './weights-run.ts'

/** An order of one bar, and what it would pay as fractions of its notional, known at the decision. */
interface BarOrder {
  readonly a: number
  readonly target: number
  /** signed coins of this bar */
  readonly q: number
  /** declared over actual account size */
  readonly scale: number
  readonly half: number
  readonly lag: number
  /** impact = this × √(order notional) */
  readonly impactUnit: number
}

/**
 * Turns target weights into orders and orders into fills against one account.
 *
 * An order lives until it is filled or a later target replaces it; the participation cap may spread it over many bars.
 * Size-dependent costs are judged at the declared capital: a lucky path must not grow out of its own market.
 */
export class OrderDesk {
  /** the book changed in this bar because of a new target */
  changed = false
  readonly #run: WeightsRun
  readonly #account: Account
  readonly #want: Float64Array
  readonly #fresh: Uint8Array
  readonly #k: number
  readonly #model: FillModel
  readonly #fills: FillLog
  /** of the decided bars, those that are past */
  #seen = 0
  #late: BarOrder[] = []
  readonly #untraded = {noVolume: 0, noPrice: 0, noCostEstimate: 0, participationCap: 0, minNotional: 0, noTradeBand: 0}

  constructor(run: WeightsRun, account: Account) {
    this.#run = run
    this.#account = account
    this.#want = new Float64Array(run.close.length).fill(Number.NaN)
    this.#fresh = new Uint8Array(run.close.length)
    this.#k = run.costMultiplier ?? 1
    this.#model = run.fillModel ?? 'taker'
    this.#fills = new FillLog(run.detail !== 'returns')
  }

  get orders(): number {
    return this.#fills.count
  }

  get log(): {fills: Fills; untraded: Untraded} {
    return {fills: this.#fills.columns(), untraded: {...this.#untraded}}
  }

  /** Read row `row` of the targets, each later than the one before: sized at `prices` with `equity`, both known then. */
  decide(row: number, prices: readonly Float64Array[], equity: number): void {
    const {weights, decided, noTradeBand = 0} = this.#run
    if (decided) {
      while (this.#seen < decided.length && decided[this.#seen]! < row) this.#seen++
      if (decided[this.#seen] !== row) return
    }
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
  fill(t: number, known: number, fee: FeeRates, equity: number): void {
    this.changed = false
    this.#late = []
    const want = this.#want
    if (this.#run.cashOnly) {
      this.#fillFromCash(t, known, fee)
      return
    }
    const scale = this.#run.atAccountSize ? 1 : this.#run.capital / equity
    for (let a = 0; a < want.length; a++) {
      if (Number.isNaN(want[a])) continue
      const order = this.#orderFor(a, t, known, scale)
      if (order === null) continue
      if (this.#model === 'taker') this.#take(order, t, this.#run.open[a]![t]!, fee.taker, Number.POSITIVE_INFINITY)
      else this.#rest(order, this.#model, t, known, fee)
    }
  }

  /** Cross the spread at the close of bar t with what rested and was not filled; the account is marked there already. */
  fillLate(t: number, fee: FeeRates): void {
    const {close, costs} = this.#run
    for (const order of this.#late) {
      const px = close[order.a]![t]!
      if (!(px > 0)) this.#wait('noPrice')
      else if (order.target !== 0 && Math.abs(order.q) * px * order.scale < costs.minNotional) {
        this.#untraded.minNotional++
        this.#drop(order.a)
      } else this.#take({...order, lag: 0}, t, px, fee.taker, Number.POSITIVE_INFINITY)
    }
  }

  /** A contract that ended takes its order with it. */
  forget(a: number): void {
    this.#want[a] = Number.NaN
  }

  /** Largest sell first, so that its cash pays for the buys. */
  #fillFromCash(t: number, known: number, fee: FeeRates): void {
    const {open} = this.#run
    const {units, equity} = this.#account
    let cash = equity
    const orders: {a: number; notional: number}[] = []
    for (let a = 0; a < units.length; a++) {
      if (units[a] !== 0) cash -= units[a]! * open[a]![t]!
      if (!Number.isNaN(this.#want[a])) orders.push({a, notional: (this.#want[a]! - units[a]!) * open[a]![t]!})
    }
    orders.sort((x, y) => x.notional - y.notional)
    for (const {a} of orders) {
      const order = this.#orderFor(a, t, known, 1)
      if (order !== null) cash += this.#take(order, t, open[a]![t]!, fee.taker, cash)
    }
  }

  /** The order that bar t can take, or null and the reason counted. */
  #orderFor(a: number, t: number, known: number, scale: number): BarOrder | null {
    const {open, volume, costs, sizeDecimals} = this.#run
    const held = this.#account.units[a]!
    const px = open[a]![t]!
    const decimals = sizeDecimals?.[a] ?? null
    const lot = decimals === null ? 0 : 10 ** -decimals / scale
    const target = lot === 0 ? this.#want[a]! : nearestLot(this.#want[a]!, lot)
    let q = target - held
    if (q === 0 || Math.abs(q) < lot / 2) return this.#drop(a)
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
        q = Math.sign(q) * wholeLots(most, lot)
        this.#untraded.participationCap++
        if (q === 0) return null
      }
    }
    if (q !== -held && Math.abs(q) * px * scale < costs.minNotional) {
      this.#untraded.minNotional++
      return this.#drop(a)
    }
    return {a, target, q, scale, half, lag, impactUnit}
  }

  /** Returns the cash the fill brought in; negative for a buy. */
  #take(
    {a, target, q: wanted, scale, half, lag, impactUnit}: BarOrder,
    t: number,
    px: number,
    fee: number,
    cash: number,
  ) {
    const held = this.#account.units[a]!
    const side = Math.sign(wanted)
    const rate = fee * this.#k
    let q = wanted
    if (side > 0 && cash < Number.POSITIVE_INFINITY) q = Math.min(q, cash / (px * (1 + half + lag) * (1 + rate)))
    const notional = Math.abs(q) * px
    if (!(notional > 0)) {
      this.#drop(a)
      return 0
    }
    const impact = impactUnit === 0 ? 0 : impactUnit * Math.sqrt(notional * scale)
    // The fee is charged on what was paid, not on the reference price.
    const paidFee = notional * (1 + side * (half + lag + impact)) * rate
    // held + (target − held) is not always target: a whole fill lands on it exactly, or a dust order would follow.
    const whole = q === target - held
    this.#account.bookFill(
      a,
      whole ? target : held + q,
      px,
      paidFee,
      notional * half,
      notional * lag,
      notional * impact,
    )
    this.#record(a, t, q, px, paidFee + notional * (half + lag + impact))
    if (whole || cash < Number.POSITIVE_INFINITY) this.#drop(a)
    return -q * px - paidFee - notional * (half + lag + impact)
  }

  /** Join the touch of a market that moved by the lag; what is left at the close of the bar crosses the spread there. */
  #rest(order: BarOrder, model: Exclude<FillModel, 'taker'>, t: number, known: number, fee: FeeRates): void {
    const {open, high, low, volume, costs, sizeDecimals} = this.#run
    const {a, target, q, scale, lag} = order
    const side = Math.sign(q)
    const px = open[a]![t]!
    // What is earned is not stressed: dearer trading must never pay better.
    const half = costs.halfSpread[a]![known]!
    const limit = onGrid(px * (1 + side * (lag - half)), side, sizeDecimals?.[a] ?? null)
    const size = Math.abs(q)
    const filled =
      restingFill(model, {
        ...{side, size: size * scale, limit},
        low: low?.[a]?.[t] ?? Number.NaN,
        high: high?.[a]?.[t] ?? Number.NaN,
        volume: volume?.[a]?.[t] ?? Number.NaN,
        ahead: costs.queueAhead[a]![known]!,
      }) / scale
    const decimals = sizeDecimals?.[a] ?? null
    const isWhole = filled >= size * (1 - 1e-12)
    const rested = isWhole ? size : wholeLots(filled, decimals === null ? 0 : 10 ** -decimals / scale)
    const held = this.#account.units[a]!
    if (rested > 0) {
      const paidLag = rested * px * lag
      const paidSpread = side * rested * (limit - px) - paidLag
      const paidFee = rested * limit * (fee.maker > 0 ? fee.maker * this.#k : fee.maker)
      const whole = isWhole && q === target - held
      this.#account.bookFill(a, whole ? target : held + side * rested, px, paidFee, paidSpread, paidLag, 0)
      this.#record(a, t, side * rested, px, paidFee + paidSpread + paidLag)
      if (whole) this.#drop(a)
    }
    if (isWhole) return
    const rest = rested > 0 && q === target - held ? target - this.#account.units[a]! : q - side * rested
    this.#late.push({...order, q: rest})
  }

  #record(a: number, t: number, units: number, px: number, cost: number): void {
    this.#fills.add(t, a, units, px, cost)
    if (this.#fresh[a] !== 1) return
    this.changed = true
    this.#fresh[a] = 0
  }

  #drop(a: number): null {
    this.#want[a] = Number.NaN
    return null
  }

  #wait(reason: 'noPrice' | 'noVolume' | 'noCostEstimate'): null {
    this.#untraded[reason]++
    return null
  }
}

/** The nearest multiple of a lot, half away from zero. */
const nearestLot = (coins: number, lot: number): number =>
  Math.sign(coins) * Math.floor(Math.abs(coins) / lot + 0.5) * lot

/** A perpetual's price has at most this many decimals, less those of its size. */
const MAX_PRICE_DECIMALS = 6

/** A limit moved to the venue's finest grid, away from the market; without known decimals it stays. */
function onGrid(px: number, side: number, sizeDecimals: number | null): number {
  if (sizeDecimals === null) return px
  const steps = 10 ** (MAX_PRICE_DECIMALS - sizeDecimals)
  return side > 0 ? Math.floor(px * steps + 1e-6) / steps : Math.ceil(px * steps - 1e-6) / steps
}

/** Whole lots in an unsigned size; lot 0: any size. */
const wholeLots = (coins: number, lot: number): number => (lot === 0 ? coins : Math.floor(coins / lot + 1e-9) * lot)
