import type {Duplex} from 'node:stream'
import type {WebSocket} from 'ws'
import {HOUR_MS} from '../../kernel/instant.ts'
import {advanceTo} from '../advance.ts'
import type {Faults} from '../faults.ts'
import type {VenueState} from '../venue-state.ts'
import {Connection} from './connection.ts'
import {Delivery} from './delivery.ts'
import {type Frame, push} from './frame.ts'
import * as market from './market-frames.ts'
import {mixed} from './mix.ts'
import type {Kind, Subscription} from './subscription.ts'
import {type Cadence, TickClock} from './tick-clock.ts'
import type {WireLog} from './wire-log.ts'

/** A block of the chain, and how often each channel speaks. @see spec hyperliquid.md §2, measured */
const CADENCE = {
  block: {min: 45, mean: 70, max: 156},
  l2Book: {min: 5000, mean: 5380, max: 5600},
  l2BookFast: {min: 470, mean: 540, max: 660},
  candle: {min: 560, mean: 780, max: 1110},
  activeAssetCtx: {min: 1000, mean: 1000, max: 1000},
  allMids: {min: 5000, mean: 5000, max: 5000},
  allDexsAssetCtxs: {min: 13_500, mean: 13_636, max: 13_800},
  fastAssetCtxs: {min: 1000, mean: 1000, max: 1000},
} as const satisfies Record<string, Cadence>

type Timed = Exclude<Kind, 'bbo' | 'trades'>
const TIMED = [
  'l2Book',
  'l2BookFast',
  'candle',
  'activeAssetCtx',
  'allMids',
  'allDexsAssetCtxs',
  'fastAssetCtxs',
] as const

const TICK_MS = 20
const IDLE_MS = 60_000
const REPLAYED_TRADES = 30
/** The default book is looked at up to this long before it is sent. */
const BOOK_AGE_MS = 500
/** One fast book in so many repeats the one before. */
const FAST_REPEATS = 40
/** A jump of the clock longer than this is an interruption: nobody's feed survives it. */
const LONGEST_STEP_MS = HOUR_MS

/** One stream that somebody listens to. */
interface Stream {
  readonly subscription: Subscription
  readonly listeners: Set<Connection>
  /** what was last sent, to see whether anything changed */
  last: string
  lastData: unknown
}

export interface FeedOptions {
  readonly seed: number
  /** frames arrive at once instead of after 100–300 ms */
  readonly isFast: boolean
}

/**
 * The venue's market data as streams over sockets.
 *
 * Everything that happens has a venue time, and what a client sees depends on the seed, the scenario and that time. `run`
 * brings the streams up to the clock: a timer calls it in real time, `/_sim/step` in stepped time.
 */
export class Feeds {
  readonly connections = new Set<Connection>()
  readonly delivery: Delivery
  readonly #state: VenueState
  readonly #blocks: TickClock
  readonly #clocks: Readonly<Record<Timed, TickClock>>
  readonly #streams = new Map<string, Stream>()
  readonly #byKind = new Map<Kind, Set<Stream>>()
  readonly #due = new Map<Timed, number>()
  readonly #seed: number
  #timers: {readonly time: number; readonly action: () => void}[] = []
  /** streams are up to here, and blocks are out up to here */
  #time: number
  #block: number
  #opened = 0
  #fastBookTime = 0
  #ticker: NodeJS.Timeout | null = null

  constructor(state: VenueState, faults: Faults, log: WireLog, options: FeedOptions) {
    const {seed} = options
    this.#state = state
    this.#seed = seed
    this.#time = state.clock.now()
    const clock = (name: keyof typeof CADENCE): TickClock => new TickClock(`${name}|${seed}`, CADENCE[name])
    this.#blocks = clock('block')
    this.#block = this.#blocks.upTo(this.#time)
    this.#clocks = Object.fromEntries(TIMED.map((kind) => [kind, clock(kind)])) as Record<Timed, TickClock>
    this.delivery = new Delivery(faults, log, options, {
      at: (time, action) => this.at(time, action),
      replayOf: (_, frame) => this.#tradesReplay(this.#streams.get(frame.stream!)?.subscription),
    })
  }

  get seed(): number {
    return this.#seed
  }

  /** of all clients together */
  get subscriptions(): number {
    return [...this.connections].reduce((sum, {streams}) => sum + streams.size, 0)
  }

  /** A client has connected. */
  open(ws: WebSocket, socket: Duplex): Connection {
    this.run()
    const connection = new Connection(++this.#opened, ws, socket, this.#time)
    this.connections.add(connection)
    this.#watchIdle(connection)
    this.#wake()
    return connection
  }

  /** A client is gone, however it went. */
  close(connection: Connection): void {
    connection.isGone = true
    this.connections.delete(connection)
    for (const key of connection.streams.keys()) this.#leave(connection, key)
    connection.streams.clear()
  }

  /** Start a stream for a client that has just been acknowledged; the current state is its first frame. */
  subscribe(connection: Connection, subscription: Subscription): void {
    const {key, kind} = subscription
    connection.streams.set(key, subscription)
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = {subscription, listeners: new Set(), last: '', lastData: null}
      this.#streams.set(key, stream)
      const peers = this.#byKind.get(kind) ?? new Set()
      this.#byKind.set(kind, peers.add(stream))
      if (kind !== 'bbo' && kind !== 'trades' && peers.size === 1)
        this.#due.set(kind, this.#clocks[kind].after(this.#time))
    }
    stream.listeners.add(connection)
    const frame = this.#first(stream)
    if (frame) this.delivery.post(connection, frame)
    this.delivery.run(this.#time)
  }

  unsubscribe(connection: Connection, key: string): void {
    connection.streams.delete(key)
    this.#leave(connection, key)
  }

  /** Do something at a venue time. */
  at(time: number, action: () => void): void {
    const index = this.#timers.findIndex((timer) => timer.time > time)
    this.#timers.splice(index < 0 ? this.#timers.length : index, 0, {time, action})
    this.#wake()
  }

  /** Let everything happen that is due by the clock. */
  run(): void {
    const now = this.#state.clock.now()
    if (now - this.#time > LONGEST_STEP_MS) this.#interrupt(now)
    for (;;) {
      const time = this.#next()
      if (time > now) break
      this.#time = Math.max(this.#time, time)
      this.#happen(time)
    }
    this.#time = now
    // A block nobody waits for is not looked at; whoever comes starts from the last one.
    if (!this.#needsBlocks()) this.#block = this.#blocks.upTo(now)
    if (this.connections.size === 0 && this.#timers.length === 0) this.#sleep()
  }

  /** Send a candle of one minute again to whoever listens: the venue has changed what it says of it. */
  showCandle(asset: number, minute: number, time: number): void {
    for (const stream of this.#byKind.get('candle') ?? []) {
      const {subscription} = stream
      if (subscription.asset !== asset || subscription.interval !== '1m') continue
      const candle = market.candleAt(this.#state, subscription, minute, time)
      if (candle !== null) this.#publish(stream, time, candle)
    }
  }

  stop(): void {
    this.#sleep()
    for (const connection of this.connections) connection.destroy()
  }

  /** In real time somebody must look at the clock as long as anything can happen. */
  #wake(): void {
    if (!this.#state.clock.stepped) this.#ticker ??= setInterval(() => this.run(), TICK_MS).unref()
  }

  #sleep(): void {
    if (this.#ticker) clearInterval(this.#ticker)
    this.#ticker = null
  }

  #next(): number {
    let time = Math.min(this.delivery.next, this.#timers[0]?.time ?? Number.POSITIVE_INFINITY)
    for (const due of this.#due.values()) time = Math.min(time, due)
    return this.#needsBlocks() ? Math.min(time, this.#blocks.after(this.#block)) : time
  }

  #happen(time: number): void {
    advanceTo(this.#state, time)
    this.delivery.run(time)
    while (this.#timers[0] !== undefined && this.#timers[0].time <= time) this.#timers.shift()!.action()
    if (this.#needsBlocks() && this.#blocks.after(this.#block) <= time)
      this.#produceBlock(this.#blocks.after(this.#block))
    for (const [kind, due] of this.#due) {
      if (due > time) continue
      this.#due.set(kind, this.#clocks[kind].after(due))
      for (const stream of this.#byKind.get(kind) ?? []) this.#speak(stream, due)
    }
    this.delivery.run(time)
  }

  #needsBlocks(): boolean {
    return (this.#byKind.get('bbo')?.size ?? 0) + (this.#byKind.get('trades')?.size ?? 0) > 0
  }

  #produceBlock(block: number): void {
    const state = this.#state
    for (const stream of this.#byKind.get('trades') ?? []) {
      const asset = stream.subscription.asset!
      const prints = state.listing[asset]!.market.prints(this.#block, block)
      if (prints.length > 0)
        this.#publish(
          stream,
          block,
          prints.map((print) => market.tradeRow(state, asset, print)),
        )
    }
    for (const stream of this.#byKind.get('bbo') ?? []) {
      const bbo = market.bboOf(state, stream.subscription.asset!, block)
      const text = JSON.stringify(bbo)
      if (bbo === null || text === stream.last) continue
      stream.last = text
      this.#publish(stream, block, {coin: stream.subscription.coin, time: block, bbo})
    }
    this.#block = block
  }

  /** One tick of a channel that speaks by the clock. */
  #speak(stream: Stream, time: number): void {
    const {kind} = stream.subscription
    if (kind === 'candle') {
      this.#speakCandle(stream, time)
      return
    }
    if (kind === 'fastAssetCtxs') {
      const contexts = market.fastContexts(this.#state, time)
      const changes = market.changedContexts(stream.lastData as market.FastContexts | null, contexts)
      stream.lastData = contexts
      if (Object.keys(changes).length > 0) this.#publish(stream, time, market.packed(changes))
      return
    }
    const data = this.#current(stream.subscription, time)
    if (data !== null) this.#publish(stream, time, data)
  }

  /** Only while it trades; the last state of a minute is sent even when the next has begun. */
  #speakCandle(stream: Stream, time: number): void {
    const {subscription} = stream
    const candle = market.runningCandle(this.#state, subscription, time)
    if (candle === null) return
    const before = stream.lastData as {readonly t: number} | null
    stream.lastData = candle
    if (before !== null && before.t !== candle.t) {
      const ended = market.runningCandle(this.#state, subscription, candle.t - 1)
      if (ended !== null && ended.t === before.t && JSON.stringify(ended) !== stream.last)
        this.#publish(stream, time, ended)
    }
    const text = JSON.stringify(candle)
    if (text === stream.last || candle.n === 0) return
    stream.last = text
    this.#publish(stream, time, candle)
  }

  /** What a clocked channel says at `time`. */
  #current(subscription: Subscription, time: number): unknown {
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

  /** The first frame of a new subscriber. */
  #first(stream: Stream): Frame | null {
    const {subscription} = stream
    const {kind, channel, coin, key, asset} = subscription
    const frame = (data: unknown): Frame | null => (data === null ? null : push(channel, coin, key, this.#time, data))
    if (kind === 'trades') return this.#tradesReplay(subscription)
    if (kind === 'bbo') {
      const bbo = market.bboOf(this.#state, asset!, this.#block)
      if (bbo !== null && stream.last === '') stream.last = JSON.stringify(bbo)
      return frame(bbo && {coin, time: this.#block, bbo})
    }
    if (kind === 'l2Book' || kind === 'l2BookFast')
      return frame(this.#current(subscription, this.#clocks[kind].upTo(this.#time)))
    return frame(this.#current(subscription, this.#time))
  }

  #tradesReplay(subscription: Subscription | undefined): Frame | null {
    if (subscription === undefined) return null
    const {asset, channel, coin, key} = subscription
    const rows = market.recentTrades(this.#state, asset!, this.#block, REPLAYED_TRADES)
    return rows.length === 0 ? null : push(channel, coin, key, this.#time, rows)
  }

  #publish({subscription, listeners}: Stream, time: number, data: unknown): void {
    const {channel, coin, key} = subscription
    const frame = push(channel, coin, key, time, data)
    for (const connection of listeners) this.delivery.post(connection, frame)
  }

  #leave(connection: Connection, key: string): void {
    const stream = this.#streams.get(key)
    if (stream === undefined) return
    stream.listeners.delete(connection)
    if (stream.listeners.size > 0) return
    const {kind} = stream.subscription
    this.#streams.delete(key)
    this.#byKind.get(kind)!.delete(stream)
    if (this.#byKind.get(kind)!.size === 0 && kind !== 'bbo' && kind !== 'trades') this.#due.delete(kind)
  }

  /** A socket to which nothing was sent for a minute is dropped; a pong counts as something. */
  #watchIdle(connection: Connection): void {
    if (connection.isGone) return
    const deadline = connection.lastSentAt + IDLE_MS
    this.at(deadline, () => {
      if (connection.lastSentAt + IDLE_MS <= deadline && !connection.isFrozen) connection.destroy()
      else if (!connection.isGone) this.#watchIdle(connection)
    })
  }

  #interrupt(now: number): void {
    for (const connection of this.connections) connection.destroy()
    this.#time = now
    this.#block = this.#blocks.upTo(now)
    for (const kind of this.#due.keys()) this.#due.set(kind, this.#clocks[kind].after(now))
  }
}
