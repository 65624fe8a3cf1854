import type {Duplex} from 'node:stream'
import type {WebSocket} from 'ws'
import {HOUR_MS} from '../../kernel/instant.ts'
import {advanceTo} from '../advance.ts'
import type {Faults} from '../faults.ts'
import type {VenueState} from '../venue-state.ts'
import {type Clocks, isTimed, type Timed, venueClocks} from './cadence.ts'
import {Connection} from './connection.ts'
import {Delivery} from './delivery.ts'
import {type Frame, push} from './frame.ts'
import {candleAt} from './market-frames.ts'
import {type Stream, Streams} from './stream.ts'
import {StreamVoice} from './stream-voice.ts'
import type {Subscription} from './subscription.ts'
import type {WireLog} from './wire-log.ts'

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
  readonly #clocks: Clocks
  readonly #streams = new Streams()
  readonly #voice: StreamVoice
  readonly #due = new Map<Timed, number>()
  readonly seed: number
  #timers: {readonly time: number; readonly action: () => void}[] = []
  /** streams are up to here, and blocks are out up to here */
  #time: number
  #block: number
  #opened = 0
  #ticker: NodeJS.Timeout | null = null

  constructor(state: VenueState, faults: Faults, log: WireLog, options: FeedOptions) {
    const {seed} = options
    this.#state = state
    this.seed = seed
    this.#time = state.clock.now()
    this.#clocks = venueClocks(seed)
    this.#voice = new StreamVoice(state, this.#clocks, seed)
    this.#block = this.#clocks.block.upTo(this.#time - 1)
    this.delivery = new Delivery(faults, log, options, {
      at: (time, action) => this.at(time, action),
      replayOf: (frame) => this.#replayOf(frame),
    })
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
    for (const key of [...connection.streams.keys()]) this.unsubscribe(connection, key)
  }

  /** Start a stream for a client that has just been acknowledged; the current state is its first frame. */
  subscribe(connection: Connection, subscription: Subscription): void {
    const {kind, channel, coin, key} = subscription
    const stream = this.#streams.join(connection, subscription)
    if (isTimed(kind) && !this.#due.has(kind)) this.#due.set(kind, this.#clocks[kind].after(this.#time))
    const data = this.#voice.first(stream, this.#time, this.#block)
    if (data !== null) this.delivery.post(connection, push(channel, coin, key, this.#time, data))
    this.delivery.run(this.#time)
  }

  unsubscribe(connection: Connection, key: string): void {
    const kind = connection.streams.get(key)?.kind
    this.#streams.leave(connection, key)
    if (kind !== undefined && isTimed(kind) && this.#streams.of(kind).size === 0) this.#due.delete(kind)
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
    if (!this.#needsBlocks()) this.#block = this.#clocks.block.upTo(now - 1)
    if (this.connections.size === 0 && this.#timers.length === 0) this.#sleep()
  }

  /** Send a candle of one minute again to whoever listens: the venue has changed what it says of it. */
  showCandle(asset: number, minute: number, time: number): void {
    for (const stream of this.#streams.of('candle')) {
      const {subscription} = stream
      if (subscription.asset !== asset || subscription.interval !== '1m') continue
      const candle = candleAt(this.#state, subscription, minute, time)
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
    return this.#needsBlocks() ? Math.min(time, this.#nextBlock() + 1) : time
  }

  #happen(time: number): void {
    advanceTo(this.#state, time)
    this.delivery.run(time)
    while (this.#timers[0] !== undefined && this.#timers[0].time <= time) this.#timers.shift()!.action()
    if (this.#needsBlocks() && this.#nextBlock() < time) this.#produceBlock(this.#nextBlock())
    for (const [kind, due] of this.#due) {
      if (due > time) continue
      this.#due.set(kind, this.#clocks[kind].after(due))
      for (const stream of this.#streams.of(kind)) {
        for (const data of this.#voice.tick(stream, due)) this.#publish(stream, due, data)
      }
    }
    this.delivery.run(time)
  }

  #needsBlocks(): boolean {
    return this.#streams.of('bbo').size + this.#streams.of('trades').size > 0
  }

  /** A block is out once its millisecond is over: a client may still trade in it. */
  #nextBlock(): number {
    return this.#clocks.block.after(this.#block)
  }

  #produceBlock(block: number): void {
    for (const stream of this.#streams.of('trades')) {
      const rows = this.#voice.trades(stream, this.#block, block)
      if (rows !== null) this.#publish(stream, block, rows)
    }
    for (const stream of this.#streams.of('bbo')) {
      const bbo = this.#voice.bbo(stream, block)
      if (bbo !== null) this.#publish(stream, block, bbo)
    }
    this.#block = block
  }

  #replayOf({stream, at}: Frame): Frame | null {
    const subscription = stream === null ? undefined : this.#streams.get(stream)?.subscription
    if (subscription === undefined) return null
    const rows = this.#voice.replay(subscription, this.#block)
    return rows === null ? null : push(subscription.channel, subscription.coin, subscription.key, at, rows)
  }

  #publish({subscription, listeners}: Stream, time: number, data: unknown): void {
    const {channel, coin, key} = subscription
    const frame = push(channel, coin, key, time, data)
    for (const connection of listeners) this.delivery.post(connection, frame)
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
    this.#block = this.#clocks.block.upTo(now - 1)
    for (const kind of this.#due.keys()) this.#due.set(kind, this.#clocks[kind].after(now))
  }
}
