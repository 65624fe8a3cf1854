import type {StreamMark} from '../contracts/stream.ts'
import type {Desk, FeedPort, OversizeFrame, SocketEnd, SocketEvents, VenuePort} from '../desk.ts'
import {Random} from '../kernel/random.ts'
import {Backoff} from '../sensory/stream/backoff.ts'
import {classifyFrame, ownerInHead} from '../sensory/stream/classify-frame.ts'
import {FeedWatch} from '../sensory/stream/feed-watch.ts'
import {type Now, ReceiveClock} from '../sensory/stream/receive-clock.ts'
import type {Step} from '../sensory/stream/steps.ts'
import {StreamTally} from '../sensory/stream/stream-tally.ts'
import type {Stream} from '../sensory/stream/streams.ts'
import {StreamHealer} from './ingest-stream-heal.ts'
import type {StreamLog} from './ingest-stream-log.ts'
import {endText, StreamSocket} from './ingest-stream-socket.ts'
import {leaveFrameQuarantine} from './quarantine.ts'

interface Recorded {
  readonly desk: Desk
  readonly venue: VenuePort
  readonly feed: FeedPort
  readonly log: StreamLog
  /** our wall clock less the venue's, ms */
  readonly skewMs: number
  /** the clock that stamps, epoch ms */
  readonly wall: () => number
}

/** Two clocks that agree this well are one: then lag is what the stamps say. */
const SAME_CLOCK_MS = 2000
const LARGE = 'larger than 1 MiB'

/**
 * One recording: frames into the log before anything else, then to the watch, whose steps it takes.
 *
 * What the disk refuses ends it: `failure` is set, and whoever runs it stops. Nothing here throws into the socket.
 */
export class Recording {
  readonly tally = new StreamTally()
  readonly watch: FeedWatch
  readonly #at: Recorded
  readonly #clock: ReceiveClock
  readonly healer: StreamHealer
  /** what brings a stamp to the venue's time when the two clocks do not agree, ms */
  readonly #lagMs: number
  readonly #socket: StreamSocket
  failure: Error | null = null
  /** the venue's list should be read again: a subscription may have killed the socket */
  metaIsDue = false

  constructor(at: Recorded, streams: readonly Stream[]) {
    this.#at = at
    const {clock} = at.desk
    this.#socket = new StreamSocket(at.feed)
    this.#clock = new ReceiveClock(at.wall(), clock.monotonic())
    const offMs = at.wall() - (clock.now() - at.skewMs)
    this.#lagMs = Math.abs(offMs) > SAME_CLOCK_MS ? -offMs : 0
    const seed = `ingest-stream|${at.feed.url}|${at.desk.machine.pid}|${clock.now()}`
    this.watch = new FeedWatch(streams, new Backoff(new Random(seed)), this.now())
    this.healer = new StreamHealer({
      venue: at.venue,
      time: () => clock.now() - at.skewMs,
      keep: (text) => this.#guarded((now) => at.log.reply(now.wall, text)),
      settled: (key, healed) => this.#guarded(() => this.#take(this.watch.healed(key, healed))),
    })
  }

  /** Both clocks now; a wall clock that jumped is told to the log. */
  now(): Now {
    const {clock} = this.#at.desk
    const {now, jump} = this.#clock.read(this.#at.wall(), clock.monotonic())
    if (jump !== null) {
      this.tally.jump(jump)
      this.#at.log.mark(now.wall, {mark: 'clock', ...jump})
    }
    return now
  }

  mark(mark: StreamMark): void {
    this.#guarded((now) => this.#at.log.mark(now.wall, mark))
  }

  tick(): void {
    this.#guarded((now) => {
      const {log} = this.#at
      const {heldAt} = this.#socket
      if (heldAt !== null && log.isLow) {
        this.#socket.release()
        this.watch.release(now, now.mono - heldAt)
      }
      log.settle(now.wall)
      this.#take(this.watch.tick(now))
    })
  }

  /** Stop reading; what came is in the log. */
  async stop(): Promise<void> {
    this.#guarded((now) => this.#take(this.watch.finish(now)))
    this.#socket.drop()
    await this.healer.stop()
  }

  #connect(): void {
    const events: SocketEvents = {
      opened: () =>
        this.#guarded((now) => {
          this.tally.opened++
          this.#take(this.watch.opened(now))
        }),
      frame: (bytes, text) => this.#guarded((now) => this.#frame(now, bytes, text)),
      oversize: (frame) => this.#guarded((now) => this.#oversize(now, frame)),
      ended: (end) => this.#guarded((now) => this.#ended(now, end)),
    }
    this.tally.connects++
    this.#socket.connect(events)
  }

  #frame(now: Now, bytes: Uint8Array, text: string): void {
    const {log} = this.#at
    const isKept = log.frame(now.wall, bytes)
    const said = classifyFrame(text)
    if (!isKept) {
      log.dropped(now.wall, bytes.length, said.kind === 'rows' ? said.key : null)
      this.tally.reject('overflow')
      return
    }
    if (log.isHigh) {
      this.#socket.hold(now.mono)
      this.watch.hold()
    }
    this.tally.frame(said, bytes.length, now.wall + this.#lagMs)
    this.#take(this.watch.frame(now, said))
  }

  /** Too large to be market data: described in the quarantine, and whose rows it may have held is looked after. */
  #oversize(now: Now, {bytes, sha256, head}: OversizeFrame): void {
    this.tally.reject(LARGE)
    this.#at.log.mark(now.wall, {mark: 'rejected', reason: LARGE, bytes, digest: sha256})
    // One that comes again and again is described once, and a flood of different ones a hundred times.
    if ((this.tally.rejected.get(LARGE) ?? 0) <= 100) {
      leaveFrameQuarantine(this.#at.desk, now.wall, {bytes, sha256, head}).catch((cause) => this.#fail(cause))
    }
    this.#take(this.watch.frame(now, {kind: 'malformed', owner: ownerInHead(head), why: 'too large'}))
  }

  #ended(now: Now, end: SocketEnd): void {
    if (end.kind === 'refused' || end.kind === 'failed') this.tally.refused++
    this.#take(this.watch.ended(now, endText(end)))
  }

  #take(steps: readonly Step[]): void {
    const {log} = this.#at
    for (const step of steps) {
      this.tally.take(step)
      switch (step.do) {
        case 'connect':
          this.#connect()
          break
        case 'send':
          this.#socket.send(step.text)
          break
        case 'terminate':
          this.#socket.drop()
          break
        case 'lost':
          log.mark(this.now().wall, {mark: 'lost', streams: [...step.streams], from: step.from, cause: step.cause})
          log.sync().catch((cause: unknown) => this.#fail(cause))
          break
        case 'back':
          log.mark(this.now().wall, {mark: 'back', streams: [step.stream.key], at: step.at, healed: step.healed})
          break
        case 'heal':
          this.healer.push(step)
          break
        case 'meta':
          this.metaIsDue = true
          break
        case 'acted':
      }
    }
  }

  #guarded(act: (now: Now) => void): void {
    if (this.failure !== null) return
    try {
      act(this.now())
    } catch (cause) {
      this.#fail(cause)
    }
  }

  #fail(cause: unknown): void {
    this.failure ??= cause instanceof Error ? cause : new Error(String(cause))
    this.#socket.drop()
  }
}
