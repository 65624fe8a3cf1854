import {Random} from '../kernel/random.ts'
import {depthFactor} from './market/market-event.ts'
import type {Level, Quotes} from './market/market-source.ts'
import {ceilPx, floorPx, stepPx, tickAt, usdOf} from './market/price-grid.ts'
import {TakenSize} from './market/taken-size.ts'
import type {Tape} from './market/tape.ts'
import type {Scenario} from './scenario.ts'

const LEVELS = 20
/** Half-spread in bps by daily volume in USD: the table of the cost model. */
const HALF_SPREAD_BPS: readonly (readonly [number, number])[] = [
  [500e6, 0.5],
  [50e6, 1.5],
  [5e6, 4],
  [1e6, 8],
  [0, 20],
]
/** @param dailyUsd  volume of a typical day */
export const halfSpreadBps = (dailyUsd: number): number => HALF_SPREAD_BPS.find(([from]) => dailyUsd >= from)![1]

/** Size at the touch as a share of daily volume, and how it grows with each level. */
const TOUCH_SHARE = 1e-4
const GROWTH = 0.35
/** How long a ladder stands, and how often the size at its touch changes meanwhile, by daily volume in USD. */
const PACE: readonly (readonly [number, {readonly standsMs: number; readonly touchMs: number}])[] = [
  [500e6, {standsMs: 1000, touchMs: 90}],
  [50e6, {standsMs: 1000, touchMs: 400}],
  [5e6, {standsMs: 2000, touchMs: 2000}],
  [1e6, {standsMs: 6000, touchMs: 6000}],
  [0, {standsMs: 30_000, touchMs: 30_000}],
]

/**
 * Scripted liquidity around the price path: twenty levels a side, redrawn from the seed each second (less often where
 * little trades); in busy markets the size at the touch changes in between.
 *
 * What a taker removes is remembered by price and grows back, so walking the book costs and asking twice does not help.
 */
export class Liquidity {
  readonly #tape: Tape
  readonly #szDecimals: number
  readonly #scenario: Scenario
  readonly #words: readonly [number, number, number, number]
  readonly #taken = new TakenSize()
  readonly #pace: {readonly standsMs: number; readonly touchMs: number}
  #drawn: {readonly slot: number; readonly quotes: Quotes} | undefined
  #quoted: {readonly slot: number; readonly quotes: Quotes} | undefined

  constructor(tape: Tape, scenario: Scenario) {
    this.#tape = tape
    this.#szDecimals = tape.start.szDecimals
    this.#scenario = scenario
    const random = new Random(`qo-sim|book|${tape.start.name}|${tape.start.seed}`)
    this.#words = [random.word(), random.word(), random.word(), random.word()]
    const daily = (tape.start.dailyLots / 10 ** this.#szDecimals) * usdOf(tape.start.lastPx ?? 0)
    this.#pace = PACE.find(([from]) => daily >= from)![1]
  }

  quotes(now: number): Quotes {
    const {touchMs} = this.#pace
    const slot = Math.floor(now / touchMs)
    if (this.#quoted?.slot !== slot) this.#quoted = {slot, quotes: this.#touched(now, slot)}
    if (this.#taken.isEmpty) return this.#quoted.quotes
    const left = (level: Level): Level => ({
      px: level.px,
      lots: Math.max(0, level.lots - this.#taken.at(level.px, now)),
    })
    const {bids, asks} = this.#quoted.quotes
    return {bids: bids.map(left).filter(isShown), asks: asks.map(left).filter(isShown)}
  }

  /** A taker removed `lots` at `px`. */
  take(px: number, lots: number, now: number): void {
    this.#taken.add(px, lots, now)
  }

  /** Lots that the rest of the market sells into the bid (or buys from the ask) during the second of `now`. */
  flow(now: number, intoBid: boolean): number {
    const random = this.#stream(Math.floor(now / 1000), intoBid ? 2 : 3)
    const perSecond = this.#tape.start.dailyLots / 86_400 / 2
    return Math.floor(perSecond * -Math.log(1 - random.unit()))
  }

  /** The ladder that stands, with the size at one side's touch as it is in this slot. */
  #touched(now: number, slot: number): Quotes {
    const {standsMs, touchMs} = this.#pace
    const standing = Math.floor(now / standsMs)
    if (this.#drawn?.slot !== standing) {
      this.#drawn = {slot: standing, quotes: this.#draw(standing * standsMs, Math.floor((standing * standsMs) / 1000))}
    }
    const {bids, asks} = this.#drawn.quotes
    if (touchMs === standsMs) return this.#drawn.quotes
    const random = this.#stream(slot, 4)
    const isBid = random.unit() < 0.5
    const factor = 0.5 + random.unit()
    const changed = (levels: readonly Level[]): readonly Level[] =>
      levels.map((level, k) => (k === 0 ? {px: level.px, lots: Math.max(1, Math.round(level.lots * factor))} : level))
    return isBid ? {bids: changed(bids), asks} : {bids, asks: changed(asks)}
  }

  #draw(now: number, second: number): Quotes {
    const mid = this.#tape.midAt(now)
    const depth = this.#scenario.depth * depthFactor(this.#scenario.events, now - this.#tape.start.end)
    const daily = (this.#tape.start.dailyLots / 10 ** this.#szDecimals) * usdOf(mid)
    const bps = halfSpreadBps(daily) * this.#scenario.spread
    const half = (mid * bps) / 10_000
    const bid = floorPx(mid - half, this.#szDecimals)
    const ask = Math.max(ceilPx(mid + half, this.#szDecimals), stepPx(bid, 1, this.#szDecimals))
    return {bids: this.#ladder(bid, -1, half, second, depth), asks: this.#ladder(ask, 1, half, second, depth)}
  }

  #ladder(touch: number, direction: 1 | -1, half: number, second: number, depth: number): Level[] {
    const random = this.#stream(second, direction === 1 ? 0 : 1)
    const levels: Level[] = []
    let px = touch
    for (let k = 0; k < LEVELS && px > 0; k++) {
      const shown = this.#tape.start.dailyLots * TOUCH_SHARE * depth * (1 + GROWTH * k)
      levels.push({px, lots: Math.max(1, Math.round(shown * (0.6 + 0.8 * random.unit())))})
      const ticks = Math.max(1, Math.round((half * (0.3 + 0.6 * random.unit())) / tickAt(px, this.#szDecimals)))
      const next = stepPx(px, direction * ticks, this.#szDecimals)
      if (next === px) break
      px = next
    }
    return levels
  }

  /** A short stream for one second and purpose: seeding by text each second would cost more than the draws. */
  #stream(second: number, purpose: number): Random {
    const [a, b, c, d] = this.#words
    const random = new Random([(a ^ second) >>> 0, (b + purpose) >>> 0, c, d])
    for (let i = 0; i < 8; i++) random.word()
    return random
  }
}

const isShown = ({lots}: Level): boolean => lots > 0
