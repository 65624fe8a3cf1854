import {recentTrades, tradeRow} from '../info/market-info.ts'
import type {VenueState} from '../venue-state.ts'
import type {Clocks} from './cadence.ts'
import * as market from './market-frames.ts'
import {mixed} from './mix.ts'
import type {Stream} from './stream.ts'
import type {Subscription} from './subscription.ts'

/** The default book is looked at up to this long before it is sent. */
const BOOK_AGE_MS = 500
/** One fast book in so many repeats the one before, if that is not older than this. */
const FAST_REPEATS = 40
const REPEATABLE_MS = 1500

/** What the streams say, and whether there is anything to say. Data of frames, not frames. */
export class StreamVoice {
  readonly #state: VenueState
  readonly #clocks: Clocks
  readonly #seed: number
  #fastBookTime = 0

  constructor(state: VenueState, clocks: Clocks, seed: number) {
    this.#state = state
    this.#clocks = clocks
    this.#seed = seed
  }

  /** Trades in (after, block]; null when nothing traded. */
  trades({subscription}: Stream, after: number, block: number): unknown {
    const state = this.#state
    const asset = subscription.asset!
    const prints = state.listing[asset]!.market.prints(after, block)
    return prints.length === 0 ? null : prints.map((print) => tradeRow(state, asset, print))
  }

  /** The best bid and offer after a block; null when it is what was last said. */
  bbo(stream: Stream, block: number): unknown {
    const {asset, coin} = stream.subscription
    const bbo = market.bboOf(this.#state, asset!, block)
    const text = JSON.stringify(bbo)
    if (bbo === null || text === stream.last) return null
    stream.last = text
    return {coin, time: block, bbo}
  }

  /** What a stream says at a tick of its clock: nothing, one thing, or two. */
  tick(stream: Stream, time: number): unknown[] {
    const {kind} = stream.subscription
    if (kind === 'candle') return this.#candle(stream, time)
    if (kind === 'fastAssetCtxs') {
      const contexts = market.fastContexts(this.#state, time)
      const changes = market.changedContexts(stream.lastData as market.FastContexts | null, contexts)
      stream.lastData = contexts
      return Object.keys(changes).length > 0 ? [market.packed(changes)] : []
    }
    const data = this.#current(stream.subscription, time)
    return data === null ? [] : [data]
  }

  /** What a new subscriber hears first: the state as it is, or the recent past of trades. */
  first(stream: Stream, time: number, block: number): unknown {
    const {subscription} = stream
    const {kind, asset, coin} = subscription
    if (kind === 'trades') return this.replay(subscription, block)
    if (kind === 'bbo') {
      const bbo = market.bboOf(this.#state, asset!, block)
      if (bbo !== null && stream.last === '') stream.last = JSON.stringify(bbo)
      return bbo && {coin, time: block, bbo}
    }
    const isBook = kind === 'l2Book' || kind === 'l2BookFast'
    return this.#current(subscription, isBook ? this.#clocks[kind].upTo(time) : time)
  }

  replay({asset}: Subscription, block: number): unknown {
    const rows = recentTrades(this.#state, asset!, block)
    return rows.length === 0 ? null : rows
  }

  /** Only while it trades; the last state of a minute is told even when the next has begun. */
  #candle(stream: Stream, time: number): unknown[] {
    const {subscription} = stream
    const candle = market.runningCandle(this.#state, subscription, time)
    if (candle === null) return []
    const said: unknown[] = []
    const before = stream.lastData as {readonly t: number} | null
    stream.lastData = candle
    if (before !== null && before.t !== candle.t) {
      const ended = market.runningCandle(this.#state, subscription, candle.t - 1)
      if (ended?.t === before.t && JSON.stringify(ended) !== stream.last) said.push(ended)
    }
    const text = JSON.stringify(candle)
    if (text === stream.last || candle.n === 0) return said
    stream.last = text
    return [...said, candle]
  }

  #current(subscription: Subscription, time: number): unknown {
    const state = this.#state
    const {block} = this.#clocks
    switch (subscription.kind) {
      case 'l2Book':
        return market.bookData(state, subscription, block.upTo(time - (mixed(this.#seed, time) % BOOK_AGE_MS)))
      case 'l2BookFast': {
        const isOld = time - this.#fastBookTime >= REPEATABLE_MS
        if (isOld || mixed(this.#seed + 1, time) % FAST_REPEATS !== 0) this.#fastBookTime = block.upTo(time)
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
}
