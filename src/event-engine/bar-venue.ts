import type {FeeRates} from '../cognition/backtest/fee-tiers.ts'
import type {WeightsRun} from '../cognition/backtest/weights-run.ts'
import type {Intent} from '../contracts/orders.ts'
import {type Account, bookTrade, newAccount} from '../sim/account.ts'
import {advance} from '../sim/advance.ts'
import {audit} from '../sim/audit.ts'
import {cancelByOid} from '../sim/cancel-order.ts'
import {VenueClock} from '../sim/clock.ts'
import type {Order} from '../sim/order.ts'
import {type PlaceStatus, placeOrder} from '../sim/place-order.ts'
import {scenarioNamed} from '../sim/scenario.ts'
import {newVenueState, type VenueState} from '../sim/venue-state.ts'
import {type BarCoin, barCoin, ENGINE_DECIMALS, pxUnits} from './bar-coin.ts'
import {BarMarket} from './bar-market.ts'

const ADDRESS = `0x${'ba'.repeat(20)}`
/** Cash is counted in 10^-12 USD. */
const CASH = 1e12
/** The venue's own default is 20; more would let margin decide what the hypothesis should. */
const MAX_LEVERAGE = 50

/** One fill of our account, as the venue reported it. Prices in USD per coin. */
export interface VenueFill {
  readonly asset: number
  /** signed coins */
  readonly units: number
  readonly px: number
  readonly fee: number
  /** true: we took */
  readonly crossed: boolean
}

/**
 * The practice venue's matching core with one account in it and recorded bars for a market, in this process.
 *
 * Orders, fills, fees, positions and cash are the venue's own, in its integers; only funding and settlement, which the
 * cost model decides, are booked from outside, against the house.
 */
export class BarVenue {
  readonly coins: readonly BarCoin[]
  readonly markets: readonly BarMarket[]
  readonly state: VenueState
  readonly account: Account
  readonly #asset: ReadonlyMap<string, number>

  constructor(run: WeightsRun) {
    this.coins = run.close.map((close, a) =>
      barCoin(`A${a}`, run.sizeDecimals?.[a] ?? null, close.find((px) => px > 0) ?? Number.NaN),
    )
    this.markets = this.coins.map(({name}) => new BarMarket(name, run.fillModel ?? 'taker'))
    const listing = this.coins.map(({name}, a) => ({
      ...{name, szDecimals: ENGINE_DECIMALS, maxLeverage: MAX_LEVERAGE},
      market: this.markets[a]!,
    }))
    const clock = new VenueClock(run.ts[0] ?? 0, {stepped: true})
    this.state = newVenueState(scenarioNamed('calm'), listing, clock)
    this.account = newAccount(ADDRESS)
    this.account.cash = this.account.deposited = cashOf(run.capital)
    this.state.accounts.set(ADDRESS, this.account)
    this.#asset = new Map(this.coins.map(({name}, a) => [name, a]))
  }

  get now(): number {
    return this.state.clock.now()
  }

  /** Let the venue's time pass; its market acts on resting orders on the way. */
  moveTo(time: number): void {
    this.state.clock.step(time - this.now)
    advance(this.state)
  }

  /** @param rates  fractions of fill notional @param minNotional  USD */
  charge({taker, maker}: FeeRates, minNotional: number): void {
    this.state.terms = {fees: {taker: cashOf(taker), maker: cashOf(maker)}, minNotional: cashOf(minNotional)}
  }

  lotsHeld(a: number): number {
    return this.account.positions.get(a)?.lots ?? 0
  }

  unitsHeld(a: number): number {
    return this.lotsHeld(a) * this.coins[a]!.lot
  }

  /** Account value with every position at `marks`, USD. */
  equity(marks: Float64Array): number {
    let value = Number(this.account.cash) / CASH
    for (const a of this.account.positions.keys()) value += this.unitsHeld(a) * marks[a]!
    return value
  }

  place(intent: Intent): PlaceStatus {
    const {coin, side, px, sz, tif, reduceOnly, cloid} = intent
    const asset = this.#asset.get(coin)!
    const request = {asset, isBuy: side === 'buy', px, sz, tif, reduceOnly, cloid}
    return placeOrder(this.state, this.account, request, this.now)
  }

  cancel(oid: number): void {
    const order = this.order(oid)
    cancelByOid(this.state, ADDRESS, order.asset, oid, this.now)
  }

  order(oid: number): Order {
    return this.state.orders.get(oid)!
  }

  /** Fills since the last call, oldest first. */
  takeFills(): VenueFill[] {
    const fills = this.account.fills.map(({coin, px, sz, side, fee, crossed}): VenueFill => {
      const asset = this.#asset.get(coin)!
      const {factor} = this.coins[asset]!
      const units = Number(sz) * factor * (side === 'B' ? 1 : -1)
      return {asset, units, px: Number(px) / factor, fee: Number(fee), crossed}
    })
    this.account.fills.length = 0
    return fills
  }

  /** Pay funding to the house; negative is received. USD. */
  payFunding(a: number, usd: number): void {
    const cash = cashOf(usd)
    this.account.cash -= cash
    this.state.house.cash += cash
    this.account.fundingPaid.set(a, (this.account.fundingPaid.get(a) ?? 0n) + cash)
  }

  /** The venue closes a position at `px`; returns the fee paid, USD. */
  settle(a: number, px: number, feeRate: number): number {
    const lots = this.lotsHeld(a)
    const trade = {asset: a, szDecimals: ENGINE_DECIMALS, px: pxUnits(this.coins[a]!, px), lots: Math.abs(lots)}
    const fee = Math.abs(lots) * this.coins[a]!.lot * px * feeRate
    bookTrade(this.account, {...trade, isBuy: lots < 0, fee: cashOf(fee)})
    bookTrade(this.state.house, {...trade, isBuy: lots > 0, fee: 0n})
    return fee
  }

  /** Every position and what is left of the cash go to the venue. */
  liquidate(): void {
    for (const [a, {lots}] of [...this.account.positions])
      bookTrade(this.state.house, {
        ...{asset: a, szDecimals: ENGINE_DECIMALS, isBuy: lots > 0, px: 0, lots: Math.abs(lots), fee: 0n},
      })
    this.account.positions.clear()
    this.state.house.cash += this.account.cash
    this.account.cash = 0n
  }

  /** Broken invariants in words: positions and cash must add up to zero over all participants. */
  breaches(): readonly string[] {
    return audit(this.state).breaches
  }
}

/** USD to the venue's cash, to the nearest 10^-12. */
const cashOf = (usd: number): bigint => BigInt(Math.round(usd * CASH))
