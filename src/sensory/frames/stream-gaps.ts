import {partsOfStream, type StreamMark} from '../../contracts/stream.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {DeliveryLag, type DeliveryLagState} from './delivery-lag.ts'

/** Tables that streams fill. */
export type StreamTable = 'trades' | 'bbo' | 'book' | 'asset_ctx' | 'candles'

/** A hole of one stream, as the ledger of its table records it. */
export interface StreamGap {
  readonly table: StreamTable
  readonly interval: string | null
  readonly coin: string
  readonly from: number
  readonly to: number
  readonly state: 'OPEN' | 'BACKFILLED' | 'UNRECOVERABLE'
  readonly cause: string
}

/** A hole whose end is not known yet; plain data, carried from one reading to the next. */
export interface OpenHole {
  readonly from: number
  readonly cause: string
}

export interface StreamGapState {
  /** streams of the session that runs, or that ran last */
  readonly streams: readonly string[]
  /** id of that session; null before the first */
  readonly session: string | null
  /** a session that has neither ended nor been followed by another */
  readonly running: boolean
  /** receive time of its first frame */
  readonly since: number
  /** receive time of the newest frame of any kind */
  readonly lastAt: number
  /** receive time of the newest good row of any stream */
  readonly lastRowAt?: number
  /** venue time of each stream's newest row */
  readonly lastTs: Readonly<Record<string, number>>
  readonly holes: Readonly<Record<string, OpenHole>>
  readonly lag: DeliveryLagState | null
}

const NOTHING_SAID: StreamGapState = {
  streams: [],
  session: null,
  running: false,
  since: 0,
  lastAt: 0,
  lastRowAt: 0,
  lastTs: {},
  holes: {},
  lag: null,
}

/** A row that happened before the last good frame may still have been on its way: this much longer than rows took, ms. */
const LATEST_MS = 5000

/**
 * Holes of a recorder's streams, from what it said of itself.
 *
 * A session without an end was killed: all its streams are lost from its last frame on. Time between two sessions is a
 * hole as well: nobody recorded. Only the first row behind a hole closes it. What REST cannot bring again is
 * UNRECOVERABLE at once; candles stay OPEN until their bars are there.
 */
export class StreamGaps {
  #streams: readonly string[]
  #session: string | null
  #running: boolean
  #since: number
  #lastAt: number
  #lastRowAt: number
  readonly #lastTs: Map<string, number>
  readonly #holes: Map<string, OpenHole>
  readonly #lag: DeliveryLag
  #found: StreamGap[] = []

  constructor(state: StreamGapState = NOTHING_SAID) {
    this.#streams = state.streams
    this.#session = state.session
    this.#running = state.running
    this.#since = state.since
    this.#lastAt = state.lastAt
    // Readers before this figure was kept carried none: then any frame counts.
    this.#lastRowAt = state.lastRowAt ?? state.lastAt
    this.#lastTs = new Map(Object.entries(state.lastTs))
    this.#holes = new Map(Object.entries(state.holes))
    this.#lag = new DeliveryLag(state.lag)
  }

  /** Returns the streams of which frames may be missing now. */
  mark(mark: StreamMark, receivedAt: number): readonly string[] {
    switch (mark.mark) {
      case 'session': {
        // The same session says again which streams it records: nothing was lost between the two.
        const killed = this.#running && mark.id !== this.#session ? this.#streams : []
        this.#lose(killed, this.#lastWord(this.#lastAt), KILLED)
        // What an earlier session recorded and this one does not is no longer expected.
        for (const stream of [...this.#holes.keys()]) if (!mark.streams.includes(stream)) this.#giveUp(stream)
        if (mark.id !== this.#session || !this.#running) this.#since = receivedAt
        this.#streams = mark.streams
        this.#session = mark.id
        this.#running = true
        return killed
      }
      case 'end':
        this.#running = false
        // A hole that is still open was not over when recording ended.
        this.heard(receivedAt)
        return this.#lose(this.#streams, this.#lastWord(receivedAt), PAUSED)
      case 'lost':
        return this.#lose(this.#named(mark.streams), mark.from, mark.cause)
      case 'back':
        for (const stream of this.#named(mark.streams)) this.#close(stream, mark.at, mark.healed)
        return []
      case 'overflow':
        return this.#say(this.#named(mark.streams), mark, 'overflow: the disk was too slow')
      case 'damaged':
        return this.#say(this.#streams, mark, `${mark.frames} raw frames are damaged`)
      case 'rejected':
        return this.#streams
      case 'clock':
        return []
    }
  }

  /** A frame came, at this receive time. */
  heard(receivedAt: number): void {
    if (receivedAt > this.#lastAt) this.#lastAt = receivedAt
  }

  /**
   * A good row of a stream: closes the hole a kill or a pause left, and says how far its rows reach.
   *
   * Nothing is missing when the newest prints reach back before the last one seen, or when the bar is still the same:
   * every frame carries the whole bar.
   *
   * @param oldest  venue time of the oldest row in the frame
   */
  row(stream: string, ts: number, receivedAt: number, oldest: number = ts): void {
    if (isStamped(stream)) this.#lag.saw(ts, receivedAt)
    if (receivedAt > this.#lastRowAt) this.#lastRowAt = receivedAt
    const last = this.#lastTs.get(stream)
    const hole = this.#holes.size === 0 ? undefined : this.#holes.get(stream)
    // A hole that the recorder declared is closed by the recorder: it knows whether the frame was new.
    if (hole !== undefined && (hole.cause === KILLED || hole.cause === PAUSED)) {
      const reachesBack = stream.startsWith('trades:') && last !== undefined && oldest < last
      this.#close(stream, Math.max(ts, receivedAt), reachesBack || (stream.startsWith('candles:') && ts === last))
    }
    if (last === undefined || ts > last) this.#lastTs.set(stream, ts)
  }

  /**
   * Holes found since the last time; those still open are told as OPEN up to now. One behind the end of the newest
   * session is not told yet: time that nobody has begun to record again is no hole in anything.
   */
  drain(): StreamGap[] {
    const open = [...this.#holes].flatMap(([stream, {from, cause}]) =>
      from < this.#lastAt && (this.#running || cause !== PAUSED)
        ? [gapOf(stream, from, this.#lastAt, 'OPEN', cause)]
        : [],
    )
    const found = [...this.#found, ...open]
    this.#found = []
    return found
  }

  state(): StreamGapState {
    return {
      streams: this.#streams,
      session: this.#session,
      running: this.#running,
      since: this.#since,
      lastAt: this.#lastAt,
      lastRowAt: this.#lastRowAt,
      lastTs: Object.fromEntries(this.#lastTs),
      holes: Object.fromEntries(this.#holes),
      lag: this.#lag.state(),
    }
  }

  /** Pings that are answered while no feed says anything prove nothing: a silence that nobody declared began at the last row. */
  #lastWord(at: number): number {
    return Math.min(at, Math.max(this.#lastRowAt, this.#since))
  }

  #named(streams: 'all' | readonly string[]): readonly string[] {
    return streams === 'all' ? this.#streams : streams
  }

  #lose(streams: readonly string[], from: number, cause: string): readonly string[] {
    const earliest = from - LATEST_MS - this.#lag.worstMs
    for (const stream of streams) {
      if (this.#holes.has(stream)) continue
      const last = this.#lastTs.get(stream) ?? this.#since
      this.#holes.set(stream, {from: Math.min(from, Math.max(last, earliest)), cause})
    }
    return streams
  }

  #close(stream: string, at: number, healed: boolean): void {
    const hole = this.#holes.get(stream)
    if (hole === undefined) return
    this.#holes.delete(stream)
    if (at > hole.from)
      this.#found.push(gapOf(stream, hole.from, at, healed ? 'BACKFILLED' : stateOf(stream), hole.cause))
  }

  #giveUp(stream: string): void {
    this.#close(stream, this.#lastAt, false)
  }

  #say(streams: readonly string[], {from, to}: {from: number; to: number}, cause: string): readonly string[] {
    if (to > from) this.#found.push(...streams.map((stream) => gapOf(stream, from, to, stateOf(stream), cause)))
    return streams
  }
}

/** Contexts carry no time of the venue, and a bar carries its open. */
const isStamped = (stream: string): boolean => /^(?:trades|bbo|book):/.test(stream)

/** Causes that nobody declared while they lasted. */
const KILLED = 'the recorder was killed'
const PAUSED = 'not recording'

const stateOf = (stream: string): 'OPEN' | 'UNRECOVERABLE' => (stream.startsWith('candles:') ? 'OPEN' : 'UNRECOVERABLE')

/** Holes in bars are whole bars. */
function gapOf(stream: string, from: number, to: number, state: StreamGap['state'], cause: string): StreamGap {
  const parts = partsOfStream(stream)
  const step = parts.interval === null ? 1 : INTERVAL_MS[parts.interval as Interval]
  const table = parts.table as StreamTable
  return {...parts, table, from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step, state, cause}
}
