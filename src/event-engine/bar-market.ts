import {type FillModel, restingFill} from '../cognition/backtest/fill-model.ts'
import type {Bar} from '../sim/market/bars.ts'
import type {FundingRow} from '../sim/market/funding-path.ts'
import type {Level, MakerFill, MarketSource, Print, Quotes} from '../sim/market/market-source.ts'
import type {Order} from '../sim/order.ts'

/** What one bar does to resting orders: its range and volume in the venue's units, and when it is settled. */
export interface BarFlow {
  /** epoch ms */
  readonly at: number
  readonly low: number
  readonly high: number
  /** lots */
  readonly volume: number
  /** lots displayed before an order that joined the touch */
  readonly ahead: number
}

const EMPTY: Quotes = {bids: [], asks: []}
const NEVER = Number.MAX_SAFE_INTEGER

/**
 * A market of recorded bars, one level a side, for the practice venue's matching core.
 *
 * The engine says what is quoted at each instant; a bar acts on resting orders once, by the fill model. Bars, prints and
 * funding are the engine's own affair: nobody asks this market for them.
 */
export class BarMarket implements MarketSource {
  readonly trades = true
  readonly seed: string
  readonly dailyLots = 0
  readonly #model: FillModel
  #mid = 0
  #quotes: Quotes = EMPTY
  #flow: BarFlow | null = null

  constructor(name: string, model: FillModel) {
    this.seed = `bars|${name}`
    this.#model = model
  }

  /** A mark without quotes: the asset has a price here, and nobody trades. */
  mark(mid: number): void {
    this.#mid = mid
    this.#quotes = EMPTY
    this.#flow = null
  }

  /** Quote one level a side around the mark. A side without lots is empty. */
  quote(bid: Level, ask: Level): void {
    const side = (level: Level): Level[] => (level.lots > 0 ? [level] : [])
    this.#quotes = {bids: side(bid), asks: side(ask)}
  }

  /** What the running bar will do to orders that rest by then. */
  flow(flow: BarFlow): void {
    this.#flow = flow
  }

  quotes(): Quotes {
    return this.#quotes
  }

  bookTime(now: number): number | null {
    return this.#quotes === EMPTY ? null : now
  }

  midAt(): number {
    return this.#mid
  }

  take(px: number, lots: number): void {
    const less = (levels: readonly Level[]): Level[] =>
      levels.map((level) => (level.px === px ? {px, lots: level.lots - lots} : level)).filter((level) => level.lots > 0)
    this.#quotes = {bids: less(this.#quotes.bids), asks: less(this.#quotes.asks)}
  }

  next(after: number): number {
    return this.#flow !== null && this.#flow.at > after ? this.#flow.at : NEVER
  }

  join(order: Order): void {
    order.queueAhead = this.#flow?.ahead ?? 0
  }

  leave(): void {}

  fills(orders: readonly Order[], isBid: boolean, now: number): MakerFill[] {
    const flow = this.#flow
    if (flow === null || now !== flow.at || this.#model === 'taker') return []
    const {low, high, volume} = flow
    const model = this.#model
    return orders.flatMap((order) => {
      const rested = {side: isBid ? 1 : -1, size: order.lots, limit: order.px, low, high, volume}
      const lots = Math.floor(restingFill(model, {...rested, ahead: order.queueAhead}) + 1e-9)
      return lots > 0 ? [{order, lots}] : []
    })
  }

  minutes(): readonly Bar[] {
    return []
  }

  hours(): readonly Bar[] {
    return []
  }

  days(): readonly Bar[] {
    return []
  }

  dayLots(): number {
    return 0
  }

  funding(): readonly FundingRow[] {
    return []
  }

  prints(): readonly Print[] {
    return []
  }

  record(): void {}
}
