import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {Liquidity} from '../liquidity.ts'
import type {Order} from '../order.ts'
import type {Scenario} from '../scenario.ts'
import type {Bar} from './bars.ts'
import type {FundingRow} from './funding-path.ts'
import type {MakerFill, MarketSource, Print, Quotes} from './market-source.ts'
import {OwnTrades} from './own-trades.ts'
import type {Tape} from './tape.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60_000

/** A price path with scripted liquidity around it. It does not react to clients; it fills them once a second. */
export class ScriptedMarket implements MarketSource {
  readonly tape: Tape
  readonly #liquidity: Liquidity
  readonly #own = new OwnTrades()

  constructor(tape: Tape, scenario: Scenario) {
    this.tape = tape
    this.#liquidity = new Liquidity(tape, scenario)
  }

  get trades(): boolean {
    return this.tape.trades
  }

  get seed(): string {
    return this.tape.start.seed
  }

  get dailyLots(): number {
    return this.tape.start.dailyLots
  }

  quotes(now: number): Quotes {
    return this.#liquidity.quotes(now)
  }

  bookTime(now: number): number | null {
    return this.trades ? now : null
  }

  midAt(now: number): number {
    return this.tape.midAt(now)
  }

  take(px: number, lots: number, now: number): void {
    this.#liquidity.take(px, lots, now)
  }

  next(after: number): number {
    return Math.floor(after / SECOND_MS) * SECOND_MS + SECOND_MS
  }

  /** The size displayed when an order joins a price trades before it. */
  join(order: Order, now: number): void {
    const {bids, asks} = this.quotes(now)
    order.queueAhead = (order.isBuy ? bids : asks).find(({px}) => px === order.px)?.lots ?? 0
  }

  leave(): void {}

  /**
   * One second of the market against resting orders.
   *
   * An order the market's other side has reached is filled whole (trade-through). At or inside the touch, the flow of
   * the second first uses up what was displayed ahead of it.
   */
  fills(orders: readonly Order[], isBid: boolean, now: number): MakerFill[] {
    if (orders.length === 0) return []
    const quotes = this.quotes(now)
    const touch = (isBid ? quotes.bids : quotes.asks)[0]?.px
    const opposite = (isBid ? quotes.asks : quotes.bids)[0]?.px
    const fills: MakerFill[] = []
    let flow = this.#liquidity.flow(now, isBid)
    for (const order of orders) {
      const through = opposite !== undefined && (isBid ? order.px >= opposite : order.px <= opposite)
      if (through) {
        fills.push({order, lots: order.lots})
        continue
      }
      const atTouch = touch === undefined || (isBid ? order.px >= touch : order.px <= touch)
      if (!atTouch) break
      const inside = touch !== undefined && order.px !== touch
      const ahead = inside ? 0 : Math.min(order.queueAhead, flow)
      order.queueAhead = inside ? 0 : order.queueAhead - ahead
      flow -= ahead
      const lots = Math.min(order.lots, flow)
      flow -= lots
      if (lots > 0) fills.push({order, lots})
    }
    return fills
  }

  minutes(now: number): readonly Bar[] {
    return this.#own.within(this.tape.minutes(now), MINUTE_MS)
  }

  hours(now: number): readonly Bar[] {
    return this.#own.within(this.tape.hours(now), HOUR_MS)
  }

  days(now: number): readonly Bar[] {
    return this.#own.within(this.tape.days(now), DAY_MS)
  }

  dayLots(now: number): number {
    const {hours, days, end} = this.tape.start
    // A past of daily bars has no hours: its last day stands for the part of the 24 h before the clock started.
    const before = hours.length > 0 ? 0 : Math.max(0, 1 - (now - end) / DAY_MS) * (days.at(-1)?.v ?? 0)
    const day = this.hours(now).filter(({t}) => t > now - DAY_MS)
    return day.reduce((sum, {v}) => sum + v, Math.round(before))
  }

  funding(now: number): readonly FundingRow[] {
    return this.tape.funding(now)
  }

  prints(after: number, upTo: number): readonly Print[] {
    return this.#own.merged(this.tape.prints(after, upTo), after, upTo)
  }

  /** Nothing of the script trades in the minute that opens at `t`, which must not have begun. */
  silence(t: number): void {
    this.tape.silence(t)
  }

  record(print: Print): void {
    this.#own.record(print)
  }
}
