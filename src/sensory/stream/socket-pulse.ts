import type {Now} from './receive-clock.ts'
import type {WatchLimits} from './steps.ts'

/** When the socket was heard last and asked for a sign of life. */
export class SocketPulse {
  readonly #limits: WatchLimits
  #heardAt = 0
  #pingAt = 0
  #pinged = false
  /** receive stamp of the last frame of any kind, epoch ms */
  wall: number

  constructor(limits: WatchLimits, wall: number) {
    this.#limits = limits
    this.wall = wall
  }

  opened(at: number): void {
    ;[this.#heardAt, this.#pingAt, this.#pinged] = [at, at, false]
  }

  heard(now: Now): void {
    this.#heardAt = now.mono
    this.wall = now.wall
    this.#pinged = false
  }

  silentMs(at: number): number {
    return at - this.#heardAt
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
    this.#pingAt += ms
  }
}
