import {CATALOGUE} from '../fault-catalogue.ts'
import type {ArmedFault, Faults} from '../faults.ts'
import type {Connection} from './connection.ts'
import {corrupted, withBookFault} from './corrupt-frame.ts'
import type {Frame} from './frame.ts'
import {mixed} from './mix.ts'
import type {WireLog} from './wire-log.ts'

interface Parcel {
  readonly due: number
  readonly connection: Connection
  readonly frame: Frame
}

/** How long frames travel, ms. */
const LAG = {min: 100, max: 300, windowMs: 250}
const HUGE_BYTES = 20 * 1024 * 1024

/** What a fault at delivery needs of the rest of the venue. */
interface Surroundings {
  /** run `action` at a venue time */
  at(time: number, action: () => void): void
  /** the frame that a new subscriber of this stream would get first */
  replayOf(frame: Frame): Frame | null
}

/** The way from the venue to its clients: frames travel a while, in order, and meet faults when they arrive. */
export class Delivery {
  readonly #faults: Faults
  readonly #log: WireLog
  /** frames arrive the moment they are made */
  readonly isFast: boolean
  readonly #seed: number
  readonly #around: Surroundings
  #queue: Parcel[] = []
  #head = 0
  #lastDue = Number.NEGATIVE_INFINITY

  constructor(faults: Faults, log: WireLog, options: {isFast: boolean; seed: number}, around: Surroundings) {
    this.#faults = faults
    this.#log = log
    this.isFast = options.isFast
    this.#seed = options.seed
    this.#around = around
  }

  /** Venue time at which the next frame arrives; infinity when none is on its way. */
  get next(): number {
    return this.#queue[this.#head]?.due ?? Number.POSITIVE_INFINITY
  }

  /** Ms that something sent at `time` travels. */
  lag(time: number): number {
    if (this.isFast) return 0
    return LAG.min + (mixed(this.#seed, Math.floor(time / LAG.windowMs)) % (LAG.max - LAG.min))
  }

  /** Send a push on its way: it arrives after its lag, never before an earlier one. */
  post(connection: Connection, frame: Frame): void {
    this.#lastDue = Math.max(this.#lastDue, frame.at + this.lag(frame.at))
    this.#queue.push({due: this.#lastDue, connection, frame})
  }

  /** Let everything arrive that is due. */
  run(time: number): void {
    while (this.next <= time) {
      const {due, connection, frame} = this.#queue[this.#head++]!
      this.#arrive(connection, frame, due)
    }
    if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  /** An answer to a client's own request: at once, and untouched by the faults of streams. */
  answer(connection: Connection, frame: Frame, time: number, fault: string | null = null): void {
    this.#write(connection, frame, frame.text, time, fault)
  }

  /** An answer that a fault keeps back. */
  suppress(connection: Connection, frame: Frame, time: number, fault: string): void {
    this.#note(connection, frame, frame.text, time, false, fault)
  }

  #arrive(connection: Connection, frame: Frame, time: number): void {
    const kept = connection.isGone
      ? 'gone'
      : connection.isFrozen
        ? 'ws.halfopen'
        : time < connection.mutedUntil
          ? 'ws.idle60'
          : null
    if (kept !== null) {
      this.#note(connection, frame, frame.text, time, false, kept)
      return
    }
    const {channel, coin} = frame
    const names = [channel, `#${connection.id}`, ...(coin === null ? [] : [coin, `${channel}:${coin}`])]
    const fault = this.#faults.first(time, (armed) => strikes(armed, frame, connection), names)
    if (fault === null) this.#write(connection, frame, frame.text, time, null)
    else this.#strike(fault, connection, frame, time)
  }

  #strike(fault: ArmedFault, connection: Connection, frame: Frame, time: number): void {
    const {id} = fault
    const send = (text: string): void => this.#write(connection, frame, text, time, id)
    const lose = (): void => this.#note(connection, frame, frame.text, time, false, id)
    switch (id) {
      case 'ws.drop.1006':
        lose()
        connection.tear(frame.text)
        break
      case 'ws.close.1000':
        lose()
        connection.isGone = true
        connection.ws.close(1000, '')
        break
      case 'ws.halfopen':
        lose()
        connection.freeze()
        this.#around.at(time + fault.durMs, () => connection.destroy())
        break
      case 'ws.idle60':
        lose()
        connection.mutedUntil = time + fault.durMs
        break
      case 'ws.gap':
        lose()
        break
      case 'ws.dup':
        send(frame.text)
        send(frame.text)
        break
      case 'ws.reorder':
        connection.held = frame
        break
      case 'ws.snapshot.replay': {
        send(frame.text)
        const replay = this.#around.replayOf(frame)
        if (replay !== null) this.#write(connection, replay, replay.text, time, id)
        break
      }
      case 'json.huge':
        send(frame.text)
        send(`{"channel":"padding","data":"${'x'.repeat(HUGE_BYTES)}"}`)
        break
      case 'book.stale':
      case 'book.crossed':
      case 'book.empty':
      case 'book.oneside': {
        const text = withBookFault(id, frame, fault.memory)
        if (text === null) lose()
        else send(text)
        break
      }
      case 'json.malformed':
      case 'json.truncated':
      case 'json.type':
      case 'json.channel':
      case 'json.enum':
        send(corrupted(id, frame.text))
        break
      default:
        send(frame.text)
    }
  }

  #write(connection: Connection, frame: Frame, text: string, time: number, fault: string | null): void {
    if (connection.isGone || connection.isFrozen) {
      this.#note(connection, frame, text, time, false, connection.isFrozen ? 'ws.halfopen' : 'gone')
      return
    }
    connection.write(text, frame.channel, time)
    this.#note(connection, frame, text, time, true, fault)
    const {held} = connection
    if (held === null || held.stream !== frame.stream || held === frame) return
    connection.held = null
    this.#write(connection, held, held.text, time, 'ws.reorder')
  }

  #note(connection: Connection, frame: Frame, text: string, time: number, sent: boolean, fault: string | null): void {
    const {channel, coin} = frame
    this.#log.add({time, conn: connection.id, dir: 'out', channel, coin, sent, fault, text})
  }
}

/** Faults of books strike books only; a wrong enum needs a frame that has one; a replay needs trades. */
function strikes({id}: ArmedFault, {channel}: Frame, {held}: Connection): boolean {
  if (CATALOGUE[id].meets !== 'frame') return false
  // A frame that waits to be swapped must not be forgotten for another: reordering loses nothing.
  if (id === 'ws.reorder') return held === null
  if (id.startsWith('book.')) return channel === 'l2Book' || channel === 'bbo'
  if (id === 'json.enum') return channel === 'trades' || channel === 'candle'
  return id !== 'ws.snapshot.replay' || channel === 'trades'
}
