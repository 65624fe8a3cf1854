import {upperBound} from '../../kernel/bounds.ts'
import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {sha256} from '../../kernel/sha256.ts'
import type {Order} from '../order.ts'
import {aggregate, type Bar, barsOf} from './bars.ts'
import type {FundingRow} from './funding-path.ts'
import type {Level, MakerFill, MarketSource, Print, Quotes} from './market-source.ts'
import {OwnTrades} from './own-trades.ts'
import {aheadAfterBook, tradeAtPrice, UNSEEN} from './replay-queue.ts'
import type {CoinRecording} from './replay-recording.ts'
import {TakenSize} from './taken-size.ts'

const MINUTE_MS = 60_000
/** A book older than this is no book: nothing matches against it. */
export const STALE_MS = 5000
const NOTHING: Quotes = {bids: [], asks: []}

/** What the book and the tape of a recording say at each instant, and what they would have done to our orders. */
export class ReplayMarket implements MarketSource {
  readonly trades = true
  readonly seed: string
  readonly #recording: CoinRecording
  readonly #prints: readonly Print[]
  readonly #printTimes: readonly number[]
  readonly #minutes: readonly Bar[]
  readonly #own = new OwnTrades()
  readonly #taken = new TakenSize()
  #read: {readonly index: number; readonly quotes: Quotes} = {index: -1, quotes: NOTHING}

  constructor(recording: CoinRecording, seed: string) {
    this.seed = seed
    this.#recording = recording
    this.#prints = recording.trades.map((trade, i) => {
      const hash = `0x${sha256(`qo-sim|replay|${recording.name}|${i}`)}`
      const users = [`0x${hash.slice(2, 42)}`, `0x${hash.slice(26, 66)}`] as const
      return {...trade, tid: trade.tid ?? Number.parseInt(hash.slice(2, 14), 16), hash, users}
    })
    this.#printTimes = this.#prints.map(({time}) => time)
    this.#minutes = barsOf(this.#prints, MINUTE_MS)
  }

  get dailyLots(): number {
    const {times} = this.#recording.books
    const span = times.at(-1)! - times[0]!
    return Math.round((this.#prints.reduce((sum, {lots}) => sum + lots, 0) * DAY_MS) / Math.max(MINUTE_MS, span))
  }

  quotes(now: number): Quotes {
    if (this.bookTime(now) === null) return NOTHING
    const {bids, asks} = this.#recorded(this.#bookAt(now))
    if (this.#taken.isEmpty) return {bids, asks}
    const left = ({px, lots}: Level): Level => ({px, lots: Math.max(0, lots - this.#taken.at(px, now))})
    const isLeft = ({lots}: Level): boolean => lots > 0
    return {bids: bids.map(left).filter(isLeft), asks: asks.map(left).filter(isLeft)}
  }

  bookTime(now: number): number | null {
    const time = this.#recording.books.times[this.#bookAt(now)]
    return time === undefined || now - time > STALE_MS ? null : time
  }

  /** Of the last book that had both sides: a mark outlives a hole. */
  midAt(now: number): number {
    for (let index = Math.max(0, this.#bookAt(now)); index >= 0; index--) {
      const {bids, asks} = this.#recorded(index)
      if (bids[0] && asks[0]) return Math.round((bids[0].px + asks[0].px) / 2)
    }
    return this.#prints[0]?.px ?? this.#recording.books.px[0]!
  }

  take(px: number, lots: number, now: number): void {
    this.#taken.add(px, lots, now)
  }

  next(after: number): number {
    const {times} = this.#recording.books
    const book = times[upperBound(times, after)] ?? Number.POSITIVE_INFINITY
    const print = this.#printTimes[upperBound(this.#printTimes, after)] ?? Number.POSITIVE_INFINITY
    return Math.min(book, print)
  }

  join(order: Order, now: number): void {
    order.queueAhead = this.bookTime(now) === null ? UNSEEN : shownAt(this.quotes(now), order)
  }

  leave(): void {}

  fills(orders: readonly Order[], isBid: boolean, now: number): MakerFill[] {
    if (orders.length === 0) return []
    const left = new Map(orders.map((order) => [order, order.lots]))
    const fills: MakerFill[] = []
    const fill = (order: Order, lots: number): void => {
      if (lots === 0) return
      left.set(order, left.get(order)! - lots)
      fills.push({order, lots})
    }
    for (let i = upperBound(this.#printTimes, now - 1); this.#printTimes[i] === now; i++) {
      this.#meetPrint(this.#prints[i]!, isBid, left, fill)
    }
    const {times} = this.#recording.books
    for (let i = upperBound(times, now - 1); times[i] === now; i++) this.#meetBook(i, isBid, left)
    if (times[this.#bookAt(now)] === now) this.#meetOpposite(isBid, left, fill, now)
    return fills
  }

  /** A print beyond our price would have met us first, whole; at our price it goes through the queue. */
  #meetPrint(print: Print, isBid: boolean, left: Map<Order, number>, fill: (order: Order, lots: number) => void): void {
    for (const [order, lots] of left) {
      if (isBid ? print.px < order.px : print.px > order.px) fill(order, lots)
    }
    if (print.takerIsBuy === isBid) return
    const queue = [...left].filter(([order]) => order.px === print.px)
    const steps = tradeAtPrice(
      queue.map(([order, lots]) => ({lots, ahead: order.queueAhead})),
      print.lots,
    )
    for (const [i, [order]] of queue.entries()) {
      order.queueAhead = steps[i]!.ahead
      fill(order, steps[i]!.filled)
    }
  }

  /** Cancels of others show as a level that shrank by more than traded there. */
  #meetBook(index: number, isBid: boolean, left: ReadonlyMap<Order, number>): void {
    if (index === 0) return
    const {times} = this.#recording.books
    const [before, after] = [this.#recorded(index - 1), this.#recorded(index)]
    for (const order of left.keys()) {
      const shown = shownAt(after, order)
      if (shown === UNSEEN) continue
      const earlier = shownAt(before, order)
      const traded = this.#tradedAt(order.px, isBid, times[index - 1]!, times[index]!)
      order.queueAhead = aheadAfterBook(order.queueAhead, earlier === UNSEEN ? shown : earlier, traded, shown)
    }
  }

  /**
   * The other side of a new book that lies beyond our price trades with us, as far as its size goes.
   *
   * At our price it does so only when the recorded book is not locked: a locked book is a fault of the feed, and a
   * touch in it means nothing.
   */
  #meetOpposite(isBid: boolean, left: ReadonlyMap<Order, number>, fill: (o: Order, lots: number) => void, now: number) {
    const {bids, asks} = this.quotes(now)
    const isLocked = bids[0]?.px === asks[0]?.px
    const offers = [...(isBid ? asks : bids)]
    for (const [order, lots] of left) {
      let wanted = lots
      while (wanted > 0 && offers[0] && reaches(offers[0].px, order.px, isBid, isLocked)) {
        const size = Math.min(wanted, offers[0].lots)
        this.take(offers[0].px, size, now)
        fill(order, size)
        wanted -= size
        if (size === offers[0].lots) offers.shift()
        else offers[0] = {px: offers[0].px, lots: offers[0].lots - size}
      }
    }
  }

  minutes(now: number): readonly Bar[] {
    // A client's trade may open or close a minute.
    if (!this.#own.isEmpty) return barsOf(this.prints(Number.NEGATIVE_INFINITY, now), MINUTE_MS)
    const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS
    const done = this.#minutes.filter(({t}) => t < minute)
    const running = barsOf(this.#between(minute - 1, now), MINUTE_MS)
    return [...done, ...running]
  }

  hours(now: number): readonly Bar[] {
    return aggregate(this.minutes(now), HOUR_MS)
  }

  days(now: number): readonly Bar[] {
    return aggregate(this.minutes(now), DAY_MS)
  }

  dayLots(now: number): number {
    const day = this.minutes(now).filter(({t}) => t > now - DAY_MS)
    return day.reduce((sum, {v}) => sum + v, 0)
  }

  /** A recording of books and trades has no settlements: none are invented. */
  funding(): readonly FundingRow[] {
    return []
  }

  prints(after: number, upTo: number): readonly Print[] {
    return this.#own.merged(this.#between(after, upTo), after, upTo)
  }

  record(print: Print): void {
    this.#own.record(print)
  }

  #between(after: number, upTo: number): readonly Print[] {
    return this.#prints.slice(upperBound(this.#printTimes, after), upperBound(this.#printTimes, upTo))
  }

  #tradedAt(px: number, intoBid: boolean, after: number, upTo: number): number {
    const here = this.#between(after, upTo).filter((print) => print.px === px && print.takerIsBuy !== intoBid)
    return here.reduce((sum, {lots}) => sum + lots, 0)
  }

  /** Index of the last book at or before `now`; -1 before the first. */
  #bookAt(now: number): number {
    return upperBound(this.#recording.books.times, now) - 1
  }

  #recorded(index: number): Quotes {
    if (this.#read.index === index) return this.#read.quotes
    const {offsets, bids, px, lots} = this.#recording.books
    const [from, to] = [offsets[index]!, offsets[index + 1]!]
    const levels = (first: number, end: number): Level[] =>
      Array.from({length: end - first}, (_, k) => ({px: px[first + k]!, lots: lots[first + k]!}))
    const quotes = {bids: levels(from, from + bids[index]!), asks: levels(from + bids[index]!, to)}
    this.#read = {index, quotes}
    return quotes
  }
}

/** Displayed size at an order's price; UNSEEN where the recorded levels do not reach so deep. */
function shownAt({bids, asks}: Quotes, {px, isBuy}: Order): number {
  const side = isBuy ? bids : asks
  const deepest = side.at(-1)?.px
  if (deepest === undefined || (isBuy ? px < deepest : px > deepest)) return UNSEEN
  return side.find((level) => level.px === px)?.lots ?? 0
}

function reaches(offerPx: number, px: number, isBid: boolean, isLocked: boolean): boolean {
  if (offerPx === px) return !isLocked
  return isBid ? offerPx < px : offerPx > px
}
