import type {VenueState} from '../venue-state.ts'
import type {Connection} from './connection.ts'
import * as market from './market-frames.ts'
import {mixed} from './mix.ts'
import type {Subscription} from './subscription.ts'
import type {TickClock} from './tick-clock.ts'

/** One stream that somebody listens to. */
export interface Stream {
  readonly subscription: Subscription
  readonly listeners: Set<Connection>
  /** what was last sent, to see whether anything changed */
  last: string
  lastData: unknown
}

const REPLAYED_TRADES = 30
/** The default book is looked at up to this long before it is sent. */
const BOOK_AGE_MS = 500
/** One fast book in so many repeats the one before. */
const FAST_REPEATS = 40

/** What each stream has to say at a venue time, and whether it is anything new. */
export class StreamVoice {
  readonly #state: VenueState
  readonly #blocks: TickClock
  readonly #seed: number
  #fastBookTime = 0

  constructor(state: VenueState, blocks: TickClock, seed: number) {
    this.#state = state
    this.#blocks = blocks
    this.#seed = seed
  }

  /** Data of the frames that a stream by the clock sends at one tick, oldest first. */
  says(stream: Stream, time: number): readonly unknown[] {
    const {kind} = stream.subscription
    if (kind === 'candle') return this.#candles(stream, time)
    if (kind === 'fastAssetCtxs') {
      const contexts = market.fastContexts(this.#state, time)
      const changes = market.changedContexts(stream.lastData as market.FastContexts | null, contexts)
      stream.lastData = contexts
      return Object.keys(changes).length > 0 ? [market.packed(changes)] : []
    }
    const data = this.current(stream.subscription, time)
    return data === null ? [] : [data]
  }

  /** What a stream by the clock says at `time`; null where there is nothing. */
  current(subscription: Subscription, time: number): unknown {
    const state = this.#state
    switch (subscription.kind) {
      case 'l2Book':
        return market.bookData(state, subscription, this.#blocks.upTo(time - (mixed(this.#seed, time) % BOOK_AGE_MS)))
      case 'l2BookFast': {
        const isRepeat = mixed(this.#seed + 1, time) % FAST_REPEATS === 0 && time - this.#fastBookTime < 1500
        if (!isRepeat) this.#fastBookTime = this.#blocks.upTo(time)
        return market.bookData(state, subscription, this.#fastBookTime)
      }
      case 'activeAssetCtx':
        return market.contextData(state, subscription.asset!, time)
      case 'allMids':
        return market.midsData(state, time)
      case 'allDexsAssetCtxs':
        return market.allContextsData(state, time)
      case 'candle':
        return market.runningCandle(state, subscription, time)
      case 'fastAssetCtxs':
        return market.packed(market.fastContexts(state, time))
      case 'bbo':
      case 'trades':
        return null
      default:
        return subscription.kind satisfies never
    }
  }

  /** Trades of a block; null when there were none. */
  prints({subscription}: Stream, after: number, block: number): unknown {
    const asset = subscription.asset!
    const prints = this.#state.listing[asset]!.market.prints(after, block)
    return prints.length === 0 ? null : prints.map((print) => market.tradeRow(this.#state, asset, print))
  }

  /** Best bid and offer of a block; null when it is what was said before. */
  quote(stream: Stream, block: number): unknown {
    const {asset, coin} = stream.subscription
    const bbo = market.bboOf(this.#state, asset!, block)
    const text = JSON.stringify(bbo)
    if (bbo === null || text === stream.last) return null
    stream.last = text
    return {coin, time: block, bbo}
  }

  /** What a new subscriber to quotes hears first: the last block, said before or not. */
  firstQuote(stream: Stream, block: number): unknown {
    const {asset, coin} = stream.subscription
    const bbo = market.bboOf(this.#state, asset!, block)
    if (bbo !== null && stream.last === '') stream.last = JSON.stringify(bbo)
    return bbo && {coin, time: block, bbo}
  }

  /** The newest trades up to a block, as a new subscriber hears them; null when there are none. */
  recentTrades({asset}: Subscription, block: number): unknown {
    const rows = market.recentTrades(this.#state, asset!, block, REPLAYED_TRADES)
    return rows.length === 0 ? null : rows
  }

  /** Only while it trades; the last state of a minute is sent even when the next has begun. */
  #candles(stream: Stream, time: number): readonly unknown[] {
    const {subscription} = stream
    const candle = market.runningCandle(this.#state, subscription, time)
    if (candle === null) return []
    const before = stream.lastData as {readonly t: number} | null
    stream.lastData = candle
    const told: unknown[] = []
    if (before !== null && before.t !== candle.t) {
      const ended = market.runningCandle(this.#state, subscription, candle.t - 1)
      if (ended !== null && ended.t === before.t && JSON.stringify(ended) !== stream.last) told.push(ended)
    }
    const text = JSON.stringify(candle)
    if (text === stream.last || candle.n === 0) return told
    stream.last = text
    return [...told, candle]
  }
}
