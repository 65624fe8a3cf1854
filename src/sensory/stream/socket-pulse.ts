import type {Now} from './receive-clock.ts'
import type {WatchLimits} from './steps.ts'

/**
 * When the socket was heard last and asked for a sign of life.
 *
 * A venue, or a proxy before it, can go on to answer pings while its feeds have stopped: only rows count as word of them.
 */
export class SocketPulse {
  readonly #limits: WatchLimits
  #heardAt = 0
  /** last frame with rows on this socket; null before the first */
  #rowsAt: number | null = null
  #pingAt = 0
  #pinged = false
  /** receive stamp of the last frame with rows, on whatever socket; of the start before the first. Epoch ms */
  wall: number

  constructor(limits: WatchLimits, wall: number) {
    this.#limits = limits
    this.wall = wall
  }

  opened(at: number): void {
    ;[this.#heardAt, this.#rowsAt, this.#pingAt, this.#pinged] = [at, null, at, false]
  }

  /** Any frame: something is alive at the other end. */
  heard(now: Now): void {
    this.#heardAt = now.mono
    this.#pinged = false
  }

  /** A frame with rows. */
  told(now: Now): void {
    this.#rowsAt = now.mono
    this.wall = now.wall
  }

  /** Time without a row, or without any frame where none has come yet. */
  silentMs(at: number): number {
    return at - (this.#rowsAt ?? this.#heardAt)
  }

  /** @param expectsMore  a steady stream was asked for: silence says enough; otherwise a ping has to be answered */
  isDead(at: number, expectsMore: boolean): boolean {
    if (expectsMore && this.silentMs(at) >= this.#limits.socketSilenceMs) return true
    return this.#pinged && at - this.#pingAt >= this.#limits.pongMs
  }

  /** true when a ping is due, which then counts as sent */
  ping(at: number): boolean {
    if (at - this.#pingAt < this.#limits.pingEveryMs) return false
    ;[this.#pingAt, this.#pinged] = [at, true]
    return true
  }

  excuse(ms: number): void {
    this.#heardAt += ms
    if (this.#rowsAt !== null) this.#rowsAt += ms
    this.#pingAt += ms
  }
}
