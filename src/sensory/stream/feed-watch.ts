import type {Backoff} from './backoff.ts'
import type {FrameClass, FrameContent, Owner} from './classify-frame.ts'
import {askProof, behindGap, lose, settle} from './gap-steps.ts'
import {ownedBy, tellNeighbours} from './neighbours.ts'
import {PrintWatch} from './print-watch.ts'
import type {Now} from './receive-clock.ts'
import {SendQueue} from './send-queue.ts'
import {SocketPulse} from './socket-pulse.ts'
import {acted, type Step, WATCH_LIMITS, type WatchLimits} from './steps.ts'
import {StreamWatch} from './stream-watch.ts'
import {PING_TEXT, type Stream, subscribeText, unsubscribeText} from './streams.ts'
import {Suspects} from './suspects.ts'

interface Message {
  readonly ask: boolean
  readonly watch: StreamWatch
}

/**
 * The watch over one socket and all its streams: what to send, when to give up, which holes to declare.
 *
 * A state machine without a clock: every call brings its time and returns the steps to take, in order. Silence is
 * judged by the stream, not by the socket: one that stopped while the others flow is asked for again, then the socket
 * is replaced. Every hole is said at once, and closed only by a good frame behind it.
 *
 * @see spec sensory.md §5, hyperliquid.md §6.5
 */
export class FeedWatch {
  readonly #limits: WatchLimits
  readonly #backoff: Backoff
  readonly #watches = new Map<string, StreamWatch>()
  readonly #byCoin = new Map<string, StreamWatch[]>()
  readonly #queue = new SendQueue<Message>()
  readonly #suspects: Suspects<StreamWatch>
  #socket: 'none' | 'opening' | 'open' = 'none'
  #connectAt: number
  readonly #pulse: SocketPulse
  readonly #prints: PrintWatch
  #calledAt: number
  #held = false

  constructor(streams: readonly Stream[], backoff: Backoff, now: Now, limits: WatchLimits = WATCH_LIMITS) {
    this.#limits = limits
    this.#backoff = backoff
    this.#suspects = new Suspects(limits.suspectMs)
    this.#connectAt = now.mono
    this.#calledAt = now.mono
    this.#pulse = new SocketPulse(limits, now.wall)
    this.#prints = new PrintWatch(limits.proofMs)
    this.add(streams)
  }

  get isOpen(): boolean {
    return this.#socket === 'open'
  }

  /** true while something waits to be sent: tick sooner */
  get isSending(): boolean {
    return this.isOpen && this.#queue.length > 0
  }

  get streams(): readonly Stream[] {
    return this.#wanted().map(({stream}) => stream)
  }

  get openGaps(): number {
    return [...this.#watches.values()].filter(({gap}) => gap !== null).length
  }

  /** More streams, such as those of a coin that was listed. */
  add(streams: readonly Stream[]): void {
    for (const stream of streams) {
      if (this.#watches.has(stream.key)) continue
      const watch = new StreamWatch(stream, this.#limits)
      this.#watches.set(stream.key, watch)
      this.#byCoin.set(stream.coin, [...(this.#byCoin.get(stream.coin) ?? []), watch])
      if (this.#socket === 'open') this.#queue.push({ask: true, watch})
    }
    for (const coin of new Set(streams.map((stream) => stream.coin))) this.#prints.add(coin, this.#byCoin.get(coin)!)
  }

  /** The coin is no longer there: its streams are let go, and their holes stay open. */
  drop(coin: string): void {
    for (const watch of (this.#byCoin.get(coin) ?? []).filter(({phase}) => phase !== 'out')) {
      watch.phase = 'out'
      this.#queue.keep((message) => message.watch !== watch)
      if (this.isOpen) this.#queue.push({ask: false, watch})
    }
  }

  tick(now: Now): Step[] {
    const steps = this.#arrive(now)
    if (this.#socket === 'none' && now.mono >= this.#connectAt && this.#backoff.connect(now.mono)) {
      this.#socket = 'opening'
      steps.push({do: 'connect'})
    }
    if (!this.isOpen || this.#held) return steps
    if (this.#pulse.isDead(now.mono, this.#expectsMore())) {
      return [...steps, ...this.#replace(now, 'socket', 'socket silent', this.#pulse.silentMs(now.mono))]
    }
    const cause = 'stale: prints are missing against the bar'
    for (const {watch, agreed} of this.#prints.missing(now.mono)) {
      steps.push(...lose([watch], {from: agreed.wall, cause, anchor: agreed.last}))
      steps.push(...this.#resubscribe(watch, now, {cause, silentMs: now.wall - agreed.wall}))
    }
    for (const watch of this.#watches.values()) if (this.isOpen) steps.push(...this.#look(watch, now))
    return this.isOpen ? [...steps, ...this.#send(now)] : steps
  }

  opened(now: Now): Step[] {
    const steps = this.#arrive(now)
    this.#socket = 'open'
    this.#backoff.opened(now.mono)
    this.#pulse.opened(now.mono)
    this.#prints.opened()
    for (const watch of this.#suspects.order(this.#wanted())) this.#queue.push({ask: true, watch})
    return [...steps, ...this.#send(now)]
  }

  /** The socket ended by itself, or the handshake was refused. */
  ended(now: Now, cause: string): Step[] {
    return this.#socket === 'none' ? [] : this.#down(now, cause)
  }

  frame(now: Now, frame: FrameClass): Step[] {
    const steps = this.#arrive(now)
    if (!this.isOpen) return steps
    this.#pulse.heard(now)
    if (frame.kind === 'malformed' || frame.kind === 'unknown') return [...steps, ...this.#garbled(now, frame.owner)]
    if (frame.kind === 'already' || (frame.kind === 'ack' && frame.method === 'subscribe')) {
      const watch = this.#watches.get(frame.key)
      if (watch !== undefined) this.#answered(watch)
    }
    if (frame.kind !== 'rows') return steps
    this.#pulse.told(now)
    const watch = this.#watches.get(frame.key)
    if (watch === undefined || watch.phase === 'out') return steps
    return [...steps, ...this.#rows(watch, now, frame.content)]
  }

  /** What REST said of a hole: whether it is closed without a row missing. */
  healed(key: string, healed: boolean): Step[] {
    const watch = this.#watches.get(key)
    return watch === undefined ? [] : settle(watch, healed)
  }

  /**
   * Reading ends: what a bar promises and nobody saw is a hole, though it may only have been on its way; so is a silence
   * too young to be called stale.
   */
  finish(now: Now): Step[] {
    const steps = this.#prints
      .missing(now.mono, this.#limits.lateMs)
      .flatMap(({watch, agreed}) => this.#lose([watch], agreed.wall, 'stopped with prints missing'))
    const isSilent = this.isOpen && this.#expectsMore() && this.#pulse.silentMs(now.mono) >= this.#limits.stallMs
    return isSilent ? [...steps, ...this.#lose(this.#wanted(), this.#pulse.wall, 'stopped in a silence')] : steps
  }

  /** We stopped reading because the log is behind: silence counts again from `release`. */
  hold(): void {
    this.#held = true
  }

  release(now: Now, heldMs: number): void {
    this.#held = false
    this.#excuse(heldMs)
    this.#calledAt = now.mono
  }

  #expectsMore(): boolean {
    return this.#wanted().some(({isSteady, phase}) => isSteady && phase !== 'waiting')
  }

  #wanted(): StreamWatch[] {
    return [...this.#watches.values()].filter(({phase}) => phase !== 'out')
  }

  #answered(watch: StreamWatch): void {
    watch.acked = true
    this.#suspects.cleared(watch)
  }

  #rows(watch: StreamWatch, now: Now, content: FrameContent): Step[] {
    const proven = watch.proves(content)
    const moves = watch.hear(now, content)
    this.#answered(watch)
    if (moves) tellNeighbours(this.#byCoin.get(watch.stream.coin)!, content.channel, now.mono)
    // A book that repeats itself is not back, nor is what still comes of a subscription that is being renewed.
    const isGood = watch.phase === 'live' && (moves || content.channel !== 'l2Book' || !watch.isFrozen)
    const steps = isGood ? behindGap(watch, now, proven) : []
    this.#prints.take(watch, content, now)
    return steps
  }

  /** One stream at one instant: waited for its proof, unanswered, or stale. */
  #look(watch: StreamWatch, now: Now): Step[] {
    const steps: Step[] = []
    if (watch.owesProof(now)) steps.push(...askProof(watch))
    const stale = watch.staleness(now.mono)
    // Silent as long as the whole socket: that is a matter of the socket, decided in a moment.
    if (stale !== null && stale.silentMs - this.#pulse.silentMs(now.mono) < this.#limits.sameSilenceMs) return steps
    if (stale === null) {
      if (watch.isUnanswered(now.mono)) {
        watch.waits()
        this.#queue.push({ask: true, watch})
      }
      return steps
    }
    steps.push(...this.#lose([watch], watch.lastWall ?? this.#pulse.wall, stale.cause))
    const tried = now.mono - watch.actedAt < this.#limits.resubscribeEveryMs
    if (!tried) return [...steps, ...this.#resubscribe(watch, now, stale)]
    if (now.mono - watch.reconnectedAt < this.#limits.reconnectForStreamMs) return steps
    watch.reconnectedAt = now.mono
    return [...steps, ...this.#replace(now, watch.stream.key, stale.cause, stale.silentMs)]
  }

  #resubscribe(watch: StreamWatch, now: Now, {cause, silentMs}: {cause: string; silentMs: number}): Step[] {
    watch.actedAt = now.mono
    watch.waits()
    this.#queue.push({ask: false, watch}, {ask: true, watch})
    return [acted(now, {what: watch.stream.key, action: 'resubscribe', cause, silentMs})]
  }

  /** A frame that cannot be read may have held trades or the end of a bar: a replay, or REST, brings them. */
  #garbled(now: Now, owner: Owner): Step[] {
    const steps: Step[] = []
    for (const watch of ownedBy(owner, this.#watches, this.#byCoin)) {
      if (watch.phase !== 'live') continue
      steps.push(...this.#lose([watch], now.wall, 'unreadable frame'))
      // Under a hail of them the messages would run out: then REST brings the proof.
      const isHail = now.mono - watch.garbledAt < this.#limits.resubscribeEveryMs
      if (watch.stream.channel !== 'trades' || isHail) continue
      watch.garbledAt = now.mono
      steps.push(...this.#resubscribe(watch, now, {cause: 'unreadable frame', silentMs: 0}))
    }
    return steps
  }

  #replace(now: Now, what: string, cause: string, silentMs: number): Step[] {
    const action = acted(now, {what, action: 'reconnect', cause, silentMs})
    return [action, {do: 'terminate'}, ...this.#down(now, cause)]
  }

  /** TCP keeps order: what a stream sent before the last rows of the socket has come, whichever stream those were of. */
  #down(now: Now, cause: string): Step[] {
    const {suspicious, guilty} = this.#suspects.died(now.mono)
    const steps = this.#socket === 'open' ? this.#lose(this.#wanted(), this.#pulse.wall, cause) : []
    this.#socket = 'none'
    this.#held = false
    this.#connectAt = this.#backoff.next(now.mono)
    this.#queue.keep(() => false)
    for (const watch of this.#wanted()) watch.waits()
    if (suspicious) steps.push({do: 'meta'})
    if (guilty !== null) {
      guilty.phase = 'out'
      steps.push(acted(now, {what: guilty.stream.key, action: 'quarantine', cause, silentMs: 0}))
    }
    return steps
  }

  #lose(watches: readonly StreamWatch[], from: number, cause: string): Step[] {
    return lose(watches, {from, cause})
  }

  #send(now: Now): Step[] {
    const at = now.mono
    const steps: Step[] = []
    if (this.#pulse.ping(at)) {
      this.#queue.count(at)
      steps.push({do: 'send', text: PING_TEXT})
    }
    const mustWait = ({ask, watch}: Message): boolean => ask && this.#suspects.mustWait(watch)
    for (let next = this.#queue.next(at, mustWait); next !== null; next = this.#queue.next(at, mustWait)) {
      const {ask, watch} = next
      steps.push({do: 'send', text: ask ? subscribeText(watch.stream) : unsubscribeText(watch.stream)})
      if (!ask) continue
      watch.asked(now)
      this.#suspects.sent(watch, at)
    }
    return steps
  }

  /** Notice that nobody called for a while: then this process stood still and heard nothing. */
  #arrive(now: Now): Step[] {
    const stoodMs = now.mono - this.#calledAt
    this.#calledAt = now.mono
    if (stoodMs < this.#limits.stallMs || this.#held) return []
    if (stoodMs < this.#limits.socketSilenceMs || this.#socket !== 'open') {
      this.#excuse(stoodMs)
      return []
    }
    return this.#replace(now, 'socket', 'this process stood still', stoodMs)
  }

  #excuse(ms: number): void {
    this.#pulse.excuse(ms)
    for (const watch of this.#watches.values()) watch.excuse(ms)
  }
}
