import type {Random} from '../../kernel/random.ts'
import {SlidingWindow} from './sliding-window.ts'

export interface BackoffLimits {
  readonly baseMs: number
  readonly capMs: number
  /** only a connection that lasted this long makes the next wait short again */
  readonly healthyMs: number
  /** connections in any minute; the venue allows 30 an address */
  readonly connectsPerMinute: number
}

export const BACKOFF: BackoffLimits = {baseMs: 250, capMs: 30_000, healthyMs: 60_000, connectsPerMinute: 20}

/**
 * When to connect next: full jitter, sleep = random(0, min(cap, base · 2^attempt)), below a connect budget.
 *
 * Full jitter spreads the clients of a venue that came back; the budget holds even if every handshake is refused.
 *
 * @see Brooker (2015), Exponential Backoff and Jitter
 */
export class Backoff {
  readonly #random: Random
  readonly #limits: BackoffLimits
  readonly #connects: SlidingWindow
  #attempt = 0
  #openedAt: number | null = null

  constructor(random: Random, limits: BackoffLimits = BACKOFF) {
    this.#random = random
    this.#limits = limits
    this.#connects = new SlidingWindow(limits.connectsPerMinute, 60_000)
  }

  /** A connection ended, or was never made: time of the next attempt. */
  next(at: number): number {
    const {baseMs, capMs, healthyMs} = this.#limits
    if (this.#openedAt !== null && at - this.#openedAt >= healthyMs) this.#attempt = 0
    this.#openedAt = null
    const wait = this.#random.unit() * Math.min(capMs, baseMs * 2 ** this.#attempt)
    // 2^attempt beyond the cap changes nothing and would overflow after a day of refusals.
    this.#attempt = Math.min(this.#attempt + 1, 32)
    return this.#connects.freeAt(at + wait)
  }

  /** Take one connect of the budget; false when there is none left at this moment. */
  connect(at: number): boolean {
    if (this.#connects.room(at) <= 0) return false
    this.#connects.take(at)
    return true
  }

  opened(at: number): void {
    this.#openedAt = at
  }
}
