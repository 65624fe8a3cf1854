import type {StreamMark} from '../contracts/stream.ts'
import type {Desk, FeedPort, FeedSocket, OversizeFrame, SocketEnd, SocketEvents, VenuePort} from '../desk.ts'
import {Random} from '../kernel/random.ts'
import {Backoff} from '../sensory/stream/backoff.ts'
import {classifyFrame, type FrameClass, ownerInHead} from '../sensory/stream/classify-frame.ts'
import {FeedWatch} from '../sensory/stream/feed-watch.ts'
import {type Now, ReceiveClock} from '../sensory/stream/receive-clock.ts'
import type {Step} from '../sensory/stream/steps.ts'
import {StreamTally} from '../sensory/stream/stream-tally.ts'
import type {Stream} from '../sensory/stream/streams.ts'
import {StreamHealer} from './ingest-stream-heal.ts'
import type {StreamLog} from './ingest-stream-log.ts'

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
  readonly #healer: StreamHealer
  /** how far stamps lie behind the venue's time when the two clocks do not agree, ms */
  readonly #lagMs: number
  #socket: FeedSocket | null = null
  #heldAt: number | null = null
  #saidFrames = 0
  #saidMs = 0
  failure: unknown = null
  /** the venue's list should be read again: a subscription may have killed the socket */
  metaIsDue = false

  constructor(at: Recorded, streams: readonly Stream[]) {
    this.#at = at
    const {clock} = at.desk
    this.#clock = new ReceiveClock(at.wall(), clock.monotonic())
    const offMs = at.wall() - (clock.now() - at.skewMs)
    this.#lagMs = Math.abs(offMs) > SAME_CLOCK_MS ? offMs : 0
    const seed = `ingest-stream|${at.feed.url}|${at.desk.machine.pid}|${clock.now()}`
    this.watch = new FeedWatch(streams, new Backoff(new Random(seed)), this.now())
    this.#healer = new StreamHealer({
      venue: at.venue,
      time: () => clock.now() - at.skewMs,
      keep: (text) => this.#guarded((now) => at.log.reply(now.wall, text)),
      settled: (key, healed) => this.#guarded(() => this.#take(this.watch.healed(key, healed))),
    })
  }

  get requests(): number {
    return this.#healer.requests
  }

  /** One line for a person who watches. */
  line(ranMs: number): string {
    const {tally, watch} = this
    const perSecond = Math.round((tally.frames - this.#saidFrames) / Math.max(0.001, (ranMs - this.#saidMs) / 1000))
    ;[this.#saidFrames, this.#saidMs] = [tally.frames, ranMs]
    return [
      watch.isOpen ? `${perSecond} frames/s` : 'not connected',
      `lag p50 ${tally.lag.quantile(0.5) ?? '-'} ms`,
      `${watch.openGaps} gaps open`,
      `${Math.max(0, tally.opened - 1)} reconnects`,
      `${Math.ceil(this.#at.log.pendingBytes / 1024)} KiB on their way to disk`,
    ].join(' · ')
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
      if (this.#heldAt !== null && log.isLow) {
        this.#socket?.resume()
        this.watch.release(now, now.mono - this.#heldAt)
        this.#heldAt = null
      }
      log.settle(now.wall)
      this.#take(this.watch.tick(now))
    })
  }

  /** Stop reading; what came is in the log. */
  async stop(): Promise<void> {
    this.#drop()
    await this.#healer.stop()
  }

  #connect(): void {
    const mine: {socket: FeedSocket | null} = {socket: null}
    const on = (act: (now: Now) => void): void => {
      if (mine.socket === this.#socket) this.#guarded(act)
    }
    const events: SocketEvents = {
      opened: () =>
        on((now) => {
          this.tally.opened++
          this.#take(this.watch.opened(now))
        }),
      frame: (bytes, text) => on((now) => this.#frame(now, bytes, text)),
      oversize: (frame) => on((now) => this.#oversize(now, frame)),
      ended: (end) => on((now) => this.#ended(now, end)),
    }
    this.tally.connects++
    mine.socket = this.#at.feed.connect(events)
    this.#socket = mine.socket
  }

  #frame(now: Now, bytes: Uint8Array, text: string): void {
    const {log} = this.#at
    let frame: FrameClass | null = null
    const classified = (): FrameClass => {
      frame ??= classifyFrame(text)
      return frame
    }
    const key = (): string | null => {
      const said = classified()
      return said.kind === 'rows' ? said.key : null
    }
    if (!log.frame(now.wall, bytes, key)) {
      this.tally.reject('overflow')
      return
    }
    this.tally.frames++
    this.tally.bytes += bytes.length
    if (log.isHigh && this.#heldAt === null) {
      this.#heldAt = now.mono
      this.#socket?.pause()
      this.watch.hold()
    }
    const said = classified()
    if (said.kind === 'malformed') this.tally.reject(said.why)
    if (said.kind === 'unknown') this.tally.reject('unknown channel')
    if (said.kind === 'error') this.tally.reject('error from the venue')
    if (said.kind === 'rows' && (said.content.channel === 'bbo' || said.content.channel === 'l2Book')) {
      this.tally.lag.add(now.wall - said.content.time - this.#lagMs)
    }
    this.#take(this.watch.frame(now, said))
  }

  /** Too large to be market data: described in the quarantine, and whose rows it may have held is looked after. */
  #oversize(now: Now, {bytes, sha256, head}: OversizeFrame): void {
    const {log, desk} = this.#at
    this.tally.reject('larger than 1 MiB')
    log.mark(now.wall, {mark: 'rejected', reason: 'larger than 1 MiB', bytes, digest: sha256})
    const note = {artifact: 'quarantine@1', receivedAt: now.wall, bytes, sha256, head}
    desk.files
      .writeText(`data/quarantine/frame-${sha256.slice(0, 12)}.json`, `${JSON.stringify(note)}\n`)
      .catch((cause) => {
        this.failure ??= cause
      })
    this.#take(this.watch.frame(now, {kind: 'malformed', owner: ownerInHead(head), why: 'too large'}))
  }

  #ended(now: Now, {kind, code, reason}: SocketEnd): void {
    this.#socket = null
    this.#heldAt = null
    if (kind === 'refused' || kind === 'failed') this.tally.refused++
    const cause = [kind === 'closed' ? 'socket closed' : kind, code, reason].filter(
      (part) => part !== null && part !== '',
    )
    this.#take(this.watch.ended(now, cause.join(' ')))
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    this.#heldAt = null
    socket?.terminate()
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
          this.#socket?.send(step.text)
          break
        case 'terminate':
          this.#drop()
          break
        case 'lost':
          log.mark(this.now().wall, {mark: 'lost', streams: [...step.streams], from: step.from, cause: step.cause})
          log.sync().catch((cause: unknown) => this.#fail(cause))
          break
        case 'back':
          log.mark(this.now().wall, {mark: 'back', streams: [step.stream.key], at: step.at, healed: step.healed})
          break
        case 'heal':
          this.#healer.push(step)
          break
        case 'meta':
          this.metaIsDue = true
          break
        case 'acted':
          break
        default:
          step satisfies never
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
    this.failure ??= cause
    this.#drop()
  }
}
