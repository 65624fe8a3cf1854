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
import {type Stream, StreamVoice} from './stream-voice.ts'
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
/** A jump of the clock longer than this is an interruption: nobody's feed survives it. */
const LONGEST_STEP_MS = HOUR_MS

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
  readonly #voice: StreamVoice
  #timers: {readonly time: number; readonly action: () => void}[] = []
  /** streams are up to here, and blocks are out up to here */
  #time: number
  #block: number
  #opened = 0
  #ticker: NodeJS.Timeout | null = null

  constructor(state: VenueState, faults: Faults, log: WireLog, options: FeedOptions) {
    const {seed} = options
    this.#state = state
    this.#seed = seed
    this.#time = state.clock.now()
    const clock = (name: keyof typeof CADENCE): TickClock => new TickClock(`${name}|${seed}`, CADENCE[name])
    this.#blocks = clock('block')
    this.#voice = new StreamVoice(state, this.#blocks, seed)
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
      for (const stream of this.#byKind.get(kind) ?? []) {
        for (const data of this.#voice.says(stream, due)) this.#publish(stream, due, data)
      }
    }
    this.delivery.run(time)
  }

  #needsBlocks(): boolean {
    return (this.#byKind.get('bbo')?.size ?? 0) + (this.#byKind.get('trades')?.size ?? 0) > 0
  }

  #produceBlock(block: number): void {
    const say = (stream: Stream, data: unknown): void => {
      if (data !== null) this.#publish(stream, block, data)
    }
    for (const stream of this.#byKind.get('trades') ?? []) say(stream, this.#voice.prints(stream, this.#block, block))
    for (const stream of this.#byKind.get('bbo') ?? []) say(stream, this.#voice.quote(stream, block))
    this.#block = block
  }

  /** The first frame of a new subscriber. */
  #first(stream: Stream): Frame | null {
    const {subscription} = stream
    const {kind, channel, coin, key} = subscription
    const frame = (data: unknown): Frame | null => (data === null ? null : push(channel, coin, key, this.#time, data))
    if (kind === 'trades') return this.#tradesReplay(subscription)
    if (kind === 'bbo') return frame(this.#voice.firstQuote(stream, this.#block))
    const isBook = kind === 'l2Book' || kind === 'l2BookFast'
    return frame(this.#voice.current(subscription, isBook ? this.#clocks[kind].upTo(this.#time) : this.#time))
  }

  #tradesReplay(subscription: Subscription | undefined): Frame | null {
    if (subscription === undefined) return null
    const {channel, coin, key} = subscription
    const rows = this.#voice.recentTrades(subscription, this.#block)
    return rows === null ? null : push(channel, coin, key, this.#time, rows)
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
