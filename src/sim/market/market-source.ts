import type {Order} from '../order.ts'
import type {Bar} from './bars.ts'
import type {FundingRow} from './funding-path.ts'

export interface Level {
  /** price units */
  readonly px: number
  readonly lots: number
}

export interface Quotes {
  /** best first */
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** One public trade. */
export interface Print {
  /** epoch ms */
  readonly time: number
  /** price units */
  readonly px: number
  readonly lots: number
  readonly takerIsBuy: boolean
  /** 50-bit number, not unique across the venue */
  readonly tid: number
  readonly hash: string
  /** buyer, seller */
  readonly users: readonly [string, string]
}

/** What the public prints call the market when a client trades with it. */
export const HOUSE_ADDRESS = `0x${'51'.repeat(20)}`

/** A resting order that the market filled. */
export interface MakerFill {
  readonly order: Order
  readonly lots: number
}

/**
 * The rest of the market in one contract, as the venue sees it: what it quotes, what it trades, what it does to the
 * orders clients leave resting.
 *
 * Every answer is a function of the source and the instant (and of what clients did before it), not of how often
 * anybody asks. Instants never run backwards by more than the venue's own look at the recent past (`prints`, candles).
 */
export interface MarketSource {
  /** false: delisted, nothing is quoted any more */
  readonly trades: boolean
  /** names the market in hashes */
  readonly seed: string
  /** typical daily volume in lots */
  readonly dailyLots: number

  /** What the others quote, less what clients have taken from it. May be locked where a recording is. */
  quotes(now: number): Quotes
  /**
   * The instant the quoted book was seen at; null when no book is current (a hole in a recording, or after its end).
   *
   * Without a current book the venue matches nothing and its feeds stay silent.
   */
  bookTime(now: number): number | null
  /** Best bid and ask in the middle, price units. */
  midAt(now: number): number
  /** A client's taker order removed `lots` at `px`. */
  take(px: number, lots: number, now: number): void

  /** The first instant after `after` at which the market may act on resting orders. */
  next(after: number): number
  /** A client's order starts to rest: fixes its place in the queue. */
  join(order: Order, now: number): void
  /** A client's order rests no longer. */
  leave(order: Order): void
  /**
   * What the market does to one side of resting orders at `now`, best order first: at every instant that `next` named,
   * and at those that another market of the venue did.
   *
   * @param orders  by price and time, all of one side
   */
  fills(orders: readonly Order[], isBid: boolean, now: number): MakerFill[]

  /** Bars up to `now`, the running one last. They hold every print, those of clients too. */
  minutes(now: number): readonly Bar[]
  hours(now: number): readonly Bar[]
  days(now: number): readonly Bar[]
  /** Lots traded in the 24 hours before `now`. */
  dayLots(now: number): number
  /** Settlements up to `now`, oldest first. */
  funding(now: number): readonly FundingRow[]

  /** Public trades with after < time <= upTo, oldest first. */
  prints(after: number, upTo: number): readonly Print[]
  /** A trade that a client took part in: from now on it is one of the prints, and in the bars. */
  record(print: Print): void
}
