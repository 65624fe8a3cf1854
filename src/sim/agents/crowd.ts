import {Random} from '../../kernel/random.ts'
import {halfSpreadBps} from '../liquidity.ts'
import {usdOf} from '../market/price-grid.ts'
import type {Scenario} from '../scenario.ts'
import {type FairPrice, type Regime, STEP_MS} from './fair-price.ts'
import {MarketMaker} from './market-maker.ts'
import {OrderBook} from './order-book.ts'

/** Signed lots and what was paid for them: price units × lots. */
export interface Holding {
  lots: number
  cash: bigint
}

/** A trade between agents, or of an agent with a client's resting order (then the venue prints it). */
export type Traded = (px: number, lots: number, takerIsBuy: boolean, buyer: number, seller: number) => void

const MAKERS = 6
/** Owners behind the makers: takers by what moves them. */
export const TAKERS = {noise: MAKERS, momentum: MAKERS + 1, informed: MAKERS + 2} as const
const OWNERS = MAKERS + 3

const STEPS_PER_SECOND = 1000 / STEP_MS
const DAY_S = 86_400
/** A trade of the noise is worth some 2,000 USD in a small market, more in a large one. */
const PRINT_USD = 2000
/** Each noise trade begets half another within seconds. */
const HAWKES = {branching: 0.5, decayPerSecond: 0.5}
/** The next noise trade goes the same way as the last: large orders come in pieces. */
const SAME_SIDE = 0.6
const TOUCH_SHARE = 1e-4
/** The value moves with what is traded: per share of the daily volume, in half-spreads. It fades over an hour. */
const IMPACT = 600
const IMPACT_KEPT = 0.5 ** (STEP_MS / 3_600_000)
const MEMORY = 64
/** Volatility as the makers see it: half-life of a minute. */
const HEAT_KEPT = 0.5 ** (1 / 60)
const MOMENTUM_KEPT = 0.5 ** (STEP_MS / 10_000)

interface CrowdSpec {
  readonly name: string
  readonly seed: string
  readonly szDecimals: number
  readonly dailyLots: number
  /** daily volatility */
  readonly sigma: number
  readonly scenario: Scenario
}

/**
 * Everybody who trades one contract besides the clients: makers who quote late, noise that comes in bursts, followers of
 * the last move, and the informed who know the fair price. Spread, impact, adverse selection and thin books are what
 * comes out, not what goes in.
 */
export class Crowd {
  readonly book = new OrderBook()
  readonly holdings: readonly Holding[] = Array.from({length: OWNERS}, () => ({lots: 0, cash: 0n}))
  readonly #fair: FairPrice
  readonly #spec: CrowdSpec
  readonly #random: Random
  readonly #makers: readonly MarketMaker[]
  readonly #traded: Traded
  readonly #values = new Float64Array(MEMORY)
  readonly #half: number
  readonly #usualVariance: number
  readonly #rate: number
  readonly #meanLots: number
  #step = 0
  #impact = 0
  #excitement = 0
  #lastIsBuy = true
  #variance: number
  #slowMid: number
  #mid: number

  constructor(spec: CrowdSpec, fair: FairPrice, traded: Traded) {
    this.#spec = spec
    this.#fair = fair
    this.#traded = traded
    this.#random = new Random(`qo-sim|crowd|${spec.name}|${spec.seed}`)
    this.#makers = Array.from({length: MAKERS}, (_, owner) => new MarketMaker(owner, this.#random))
    const dailyUsd = (spec.dailyLots / 10 ** spec.szDecimals) * Math.exp(fair.log)
    const perSecond = spec.sigma / Math.sqrt(DAY_S)
    this.#half = (halfSpreadBps(dailyUsd) * spec.scenario.spread) / 20_000 + perSecond
    this.#usualVariance = perSecond ** 2
    this.#variance = this.#usualVariance
    this.#rate = Math.sqrt(dailyUsd / PRINT_USD / DAY_S)
    this.#meanLots = Math.max(1, (0.7 * spec.dailyLots) / DAY_S / this.#rate)
    this.#values.fill(fair.log)
    this.#mid = fair.log
    this.#slowMid = fair.log
    for (const maker of this.#makers) this.#look(maker)
  }

  get regime(): Regime {
    return this.#fair.regime
  }

  /** Middle of the book, price units; the last one known while a side is empty. */
  get mid(): number {
    const [bid, ask] = [this.book.best(true), this.book.best(false)]
    return bid !== undefined && ask !== undefined ? Math.round((bid + ask) / 2) : Math.round(Math.exp(this.#mid) * 1e6)
  }

  /** 100 ms: the value moves, makers who are due look, then takers come. */
  step(): void {
    this.#step++
    this.#impact *= IMPACT_KEPT
    this.#values[this.#step % MEMORY] = this.#fair.next() + this.#impact
    if (this.#step % STEPS_PER_SECOND === 0) {
      const move = this.#value(0) - this.#value(STEPS_PER_SECOND)
      this.#variance = HEAT_KEPT * this.#variance + (1 - HEAT_KEPT) * move ** 2
    }
    for (const maker of this.#makers) if (maker.dueAt <= this.#step) this.#look(maker)
    this.#informed()
    this.#noise()
    this.#momentum()
    const [bid, ask] = [this.book.best(true), this.book.best(false)]
    if (bid !== undefined && ask !== undefined) this.#mid = Math.log(usdOf((bid + ask) / 2))
    this.#slowMid = MOMENTUM_KEPT * this.#slowMid + (1 - MOMENTUM_KEPT) * this.#mid
  }

  /** A client takes what agents offer at `px`. */
  takenByClient(isBuy: boolean, px: number, lots: number): void {
    this.book.take(isBuy, px, lots, (at, size, owner) => this.#book(owner!, !isBuy, at, size), false)
    this.#move(isBuy, lots)
  }

  /** The venue has booked what a taker of the crowd did to a client's resting order. */
  tookFromClient(isBuy: boolean, px: number, lots: number): void {
    this.#book(TAKERS.noise, isBuy, px, lots)
  }

  #look(maker: MarketMaker): void {
    const {szDecimals, dailyLots, scenario} = this.#spec
    maker.look(this.#step, this.holdings[maker.owner]!.lots, {
      book: this.book,
      szDecimals,
      valueBefore: (lag) => this.#value(lag),
      half: this.#half,
      heat: this.#heat,
      touchLots: Math.max(1, (dailyLots * TOUCH_SHARE * scenario.depth) / 3),
      maxLots: Math.max(1, dailyLots * 1e-3),
    })
  }

  get #heat(): number {
    return Math.max(0.5, Math.min(8, Math.sqrt(this.#variance / this.#usualVariance)))
  }

  #value(lag: number): number {
    return this.#values[(this.#step - lag + MEMORY * Math.ceil(lag / MEMORY)) % MEMORY]!
  }

  /** Buys what is offered below the value, sells into what is bid above it. */
  #informed(): void {
    if (this.#random.unit() > 0.15) return
    const edge = 0.3 * this.#half
    const units = Math.exp(this.#value(0)) * 1e6
    const [bid, ask] = [this.book.best(true), this.book.best(false)]
    if (ask !== undefined && units > ask * (1 + edge)) this.#take(TAKERS.informed, true, units * (1 - edge), 4)
    else if (bid !== undefined && units < bid * (1 - edge)) this.#take(TAKERS.informed, false, units * (1 + edge), 4)
  }

  #noise(): void {
    const {branching, decayPerSecond} = HAWKES
    const busy = this.regime === 'stress' ? 1.6 : 1
    const intensity = this.#rate * busy * (1 - branching) + this.#excitement
    this.#excitement *= Math.exp(-decayPerSecond / STEPS_PER_SECOND)
    if (this.#random.unit() > 1 - Math.exp(-intensity / STEPS_PER_SECOND)) return
    this.#excitement += branching * decayPerSecond
    if (this.#random.unit() > SAME_SIDE) this.#lastIsBuy = !this.#lastIsBuy
    this.#takeAtMarket(TAKERS.noise, this.#lastIsBuy)
  }

  #momentum(): void {
    if (this.#random.unit() > 0.01 * this.#rate) return
    const move = this.#mid - this.#slowMid
    if (Math.abs(move) > 4 * Math.sqrt(this.#variance)) this.#takeAtMarket(TAKERS.momentum, move > 0)
  }

  /** Nobody chases further than ten half-spreads. */
  #takeAtMarket(owner: number, isBuy: boolean): void {
    const best = this.book.best(!isBuy)
    if (best === undefined) return
    this.#take(owner, isBuy, best * (1 + (isBuy ? 10 : -10) * this.#half), 1)
  }

  /** Sizes have a heavy tail: Pareto with exponent 2.2, at most two hundred times the mean. */
  #take(owner: number, isBuy: boolean, limitPx: number, factor: number): void {
    const tail = (1.2 / 2.2) * (1 - this.#random.unit()) ** (-1 / 2.2)
    const lots = Math.max(1, Math.round(factor * this.#meanLots * Math.min(200, tail)))
    const done = this.book.take(isBuy, limitPx, lots, (px, size, maker) => {
      if (maker === null) return
      this.#book(maker, !isBuy, px, size)
      this.#book(owner, isBuy, px, size)
      this.#traded(px, size, isBuy, isBuy ? owner : maker, isBuy ? maker : owner)
    })
    this.#move(isBuy, done)
  }

  #move(isBuy: boolean, lots: number): void {
    this.#impact += ((isBuy ? 1 : -1) * IMPACT * this.#half * lots) / this.#spec.dailyLots
  }

  #book(owner: number, isBuy: boolean, px: number, lots: number): void {
    const holding = this.holdings[owner]!
    holding.lots += isBuy ? lots : -lots
    holding.cash += BigInt(px) * BigInt(isBuy ? -lots : lots)
  }
}
