import type {FrameContent, Print} from './classify-frame.ts'
import type {Now} from './receive-clock.ts'
import type {WatchLimits} from './steps.ts'
import type {Stream} from './streams.ts'

/** `waiting` for a socket or its turn in the queue, `asked` for, `live` once served, `out` when no longer wanted. */
type Phase = 'waiting' | 'asked' | 'live' | 'out'

/** A hole as it is declared. `from` is a receive stamp; `anchor`, if given, is the last print that is certain. */
export interface Hole {
  readonly from: number
  readonly cause: string
  readonly anchor?: Print | null
}

/** A hole while it is open. Times named `Wall` are receive stamps, epoch ms. */
export interface OpenGap {
  /** receive stamp of the last good frame */
  readonly from: number
  readonly cause: string
  /** last print and open bar that are certain before the hole; null when there was none */
  readonly anchor: Print | null
  readonly bar: number | null
  /** first good frame behind the hole, once it came */
  back: Now | null
  /** REST was asked for the proof */
  healing: boolean
}

const FROZEN = 'stale: the book repeats itself'

/** Silence of one stream: what it said last, what its neighbours say meanwhile, and the hole it is in. */
export class StreamWatch {
  readonly stream: Stream
  readonly #limits: WatchLimits
  phase: Phase = 'waiting'
  acked = false
  askedAt = 0
  /** last frame that said something new; a book that repeats its levels says nothing new */
  #newAt = Number.NEGATIVE_INFINITY
  #newWall: number | null = null
  #heardAt = Number.NEGATIVE_INFINITY
  #signs = 0
  #signAt = Number.NEGATIVE_INFINITY
  gap: OpenGap | null = null
  actedAt = Number.NEGATIVE_INFINITY
  reconnectedAt = Number.NEGATIVE_INFINITY
  garbledAt = Number.NEGATIVE_INFINITY
  /** levels of a book, mid price of a context: what the last frame showed */
  #shown = ''
  #open: number | null = null
  #trades = 0
  #last: Print | null = null

  constructor(stream: Stream, limits: WatchLimits) {
    this.stream = stream
    this.#limits = limits
  }

  /** book and context come all the time; the others may be silent because nothing happens */
  get isSteady(): boolean {
    return this.stream.channel === 'l2Book' || this.stream.channel === 'activeAssetCtx'
  }

  /** receive stamp of the last frame with something new, or of the first request; null before that */
  get lastWall(): number | null {
    return this.#newWall
  }

  /** its hole is that the book repeats itself: only another book ends it */
  get isFrozen(): boolean {
    return this.gap?.cause === FROZEN
  }

  /** Not on any socket, or not any more: it waits for its turn to be asked for. */
  waits(): void {
    this.phase = 'waiting'
  }

  asked(now: Now): void {
    this.phase = 'asked'
    this.acked = false
    this.askedAt = now.mono
    this.#newWall ??= now.wall
    this.#signs = 0
  }

  /** Our own loop stood still: nobody could be heard. */
  excuse(ms: number): void {
    this.#heardAt += ms
    this.#newAt += ms
    this.askedAt += ms
  }

  /** A good frame. Returns true when it is a sign of life that the coin's other streams should show as well. */
  hear(now: Now, content: FrameContent): boolean {
    this.phase = this.phase === 'asked' ? 'live' : this.phase
    this.acked = true
    this.#heardAt = now.mono
    const moves = this.#isNew(content)
    if (content.channel !== 'l2Book' || moves) {
      this.#newAt = now.mono
      this.#newWall = now.wall
      this.#signs = 0
    }
    return moves
  }

  #isNew(content: FrameContent): boolean {
    switch (content.channel) {
      case 'bbo':
        return true
      case 'l2Book': {
        const moves = content.levels !== this.#shown
        this.#shown = content.levels
        return moves
      }
      case 'activeAssetCtx': {
        const moves = this.#shown !== '' && content.mid !== null && content.mid !== this.#shown
        this.#shown = content.mid ?? ''
        return moves
      }
      case 'candle': {
        const moves =
          this.#open !== null && (content.open > this.#open ? content.trades > 0 : content.trades > this.#trades)
        if (this.#open !== null && content.open < this.#open) return false
        ;[this.#open, this.#trades] = [content.open, content.trades]
        return moves
      }
      case 'trades': {
        const before = this.#last
        const newest = content.prints.reduce((a, b) => (b.time >= a.time ? b : a))
        if (before === null || newest.time >= before.time) this.#last = newest
        return before !== null && newest.time > before.time
      }
    }
  }

  /** Declare a hole; false when the stream is in one already, which then goes on. */
  lose({from, cause, anchor = this.#last}: Hole): boolean {
    if (this.gap !== null) {
      this.gap.back = null
      return false
    }
    this.gap = {from, cause, anchor, bar: this.#open, back: null, healing: false}
    return true
  }

  /** The hole is closed: the next silence is a new one. */
  found(): void {
    this.gap = null
    this.actedAt = Number.NEGATIVE_INFINITY
  }

  /**
   * Whether this frame proves that the hole holds nothing: a replay that reaches back to the last print before it, or
   * the same bar, which sums up all that happened since it opened. Books and quotes are gone for good.
   */
  proves(content: FrameContent): boolean {
    if (this.gap === null) return false
    const {anchor, bar} = this.gap
    if (content.channel === 'candle') return bar !== null && content.open === bar
    return content.channel === 'trades' && reachesBack(content.prints, anchor)
  }

  /**
   * The replay did not come, or did not reach back. A stream that is acknowledged and silent is back as well: nothing
   * has happened on it, or REST knows what.
   */
  owesProof(now: Now): boolean {
    const {gap, acked, isSteady, askedAt} = this
    if (gap === null || isSteady || this.stream.channel === 'bbo') return false
    if (gap.back === null && acked && this.phase !== 'waiting' && now.mono - askedAt >= this.#limits.ackMs)
      gap.back = now
    return gap.back !== null && now.mono - gap.back.mono >= this.#limits.proofMs
  }

  /** A neighbour shows that something happened which this stream should have told. */
  sign(at: number): void {
    if (this.phase === 'out' || at - this.#newAt < this.#limits.signGraceMs) return
    if (at - this.#signAt < this.#limits.signEveryMs) return
    this.#signAt = at
    this.#signs++
  }

  /** Why this stream is stale, or null. Silence counts from its last word and from when it was asked for. */
  staleness(at: number): {readonly cause: string; readonly silentMs: number} | null {
    if (this.phase !== 'asked' && this.phase !== 'live') return null
    const silentMs = at - Math.max(this.#heardAt, this.askedAt)
    if (this.isSteady && silentMs >= this.#limits.streamSilenceMs) return {cause: 'stale: silent', silentMs}
    const nothingNewMs = at - Math.max(this.#newAt, this.askedAt)
    if (this.#signs >= this.#limits.neighbourSigns && nothingNewMs >= this.#limits.streamSilenceMs) {
      const cause = this.stream.channel === 'l2Book' ? FROZEN : 'stale: its neighbours move'
      return {cause, silentMs: nothingNewMs}
    }
    return null
  }

  /** Neither acknowledged nor served: the subscription, or its answer, was lost. */
  isUnanswered(at: number): boolean {
    return this.phase === 'asked' && !this.acked && at - this.askedAt >= this.#limits.ackMs
  }
}

/** Whether a list of the newest prints leaves no room for one between `anchor` and its oldest. Without one, nothing does. */
export const reachesBack = (prints: readonly Print[], anchor: Print | null): boolean =>
  anchor !== null && prints.some(({tid, time}) => tid === anchor.tid && time === anchor.time)
