import type {Bar} from './bars.ts'
import type {FundingRow} from './funding-path.ts'
import type {MakerFill, MarketSource, Print, Quotes} from './market-source.ts'

/** A market that ended: its past stays to be read, its last price stands, nothing is quoted or traded. */
export class DelistedMarket implements MarketSource {
  readonly trades = false
  readonly #market: MarketSource
  readonly #end: number

  constructor(market: MarketSource, end: number) {
    this.#market = market
    this.#end = end
  }

  get seed(): string {
    return this.#market.seed
  }

  get dailyLots(): number {
    return this.#market.dailyLots
  }

  quotes(): Quotes {
    return {bids: [], asks: []}
  }

  bookTime(): null {
    return null
  }

  midAt(now: number): number {
    return this.#market.midAt(this.#upTo(now))
  }

  take(): void {}

  next(after: number): number {
    return this.#market.next(after)
  }

  join(): void {}

  leave(): void {}

  fills(): MakerFill[] {
    return []
  }

  minutes(now: number): readonly Bar[] {
    return this.#market.minutes(this.#upTo(now))
  }

  hours(now: number): readonly Bar[] {
    return this.#market.hours(this.#upTo(now))
  }

  days(now: number): readonly Bar[] {
    return this.#market.days(this.#upTo(now))
  }

  dayLots(now: number): number {
    return this.#market.dayLots(this.#upTo(now))
  }

  funding(now: number): readonly FundingRow[] {
    return this.#market.funding(this.#upTo(now))
  }

  prints(after: number, upTo: number): readonly Print[] {
    return after >= this.#end ? [] : this.#market.prints(after, this.#upTo(upTo))
  }

  record(): void {}

  #upTo(now: number): number {
    return Math.min(now, this.#end)
  }
}
