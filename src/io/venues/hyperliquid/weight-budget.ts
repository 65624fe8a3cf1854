import {LIGHT_REQUESTS, ROWS_PER_WEIGHT_UNIT} from '../../../contracts/venue.ts'
import type {Clock} from '../../../desk.ts'

/** Weight of a request before its reply is known. @see spec hyperliquid.md §1 and §4, rate limits */
export const baseWeight = (type: string): number => (LIGHT_REQUESTS.has(type) ? 2 : type === 'userRole' ? 60 : 20)

/** Weight that the rows of a reply add. */
export const rowWeight = (type: string, rows: number): number => {
  const perUnit = ROWS_PER_WEIGHT_UNIT[type]
  return perUnit === undefined ? 0 : Math.floor(rows / perUnit)
}

const MINUTE_MS = 60_000
/** A budget that was halved doubles again after this long without a refusal. */
const HEALTHY_MS = 60_000
/** What must always stay affordable, so that a halved budget still moves. */
const FLOOR_PER_MINUTE = 60

/**
 * The client's own count of the venue's weight limit: it waits instead of being refused.
 *
 * A token bucket of one minute. A refusal (429) halves the rate and empties the bucket; each healthy minute doubles it
 * again up to the limit. Row weights are charged after the reply, so the level may go below zero.
 */
export class WeightBudget {
  readonly #limit: number
  readonly #clock: Clock
  #rate: number
  #level: number
  #filledAt: number
  #refusedAt: number

  constructor(perMinute: number, clock: Clock) {
    this.#limit = perMinute
    this.#clock = clock
    this.#rate = perMinute
    this.#level = perMinute
    this.#filledAt = clock.monotonic()
    this.#refusedAt = Number.NEGATIVE_INFINITY
  }

  get perMinute(): number {
    return this.#rate
  }

  /** Wait until `weight` is affordable, then take it. */
  async take(weight: number): Promise<void> {
    this.#refill()
    const need = Math.min(weight, this.#rate)
    // Taken before waiting: requests queue behind one another instead of all waking at once.
    const short = need - this.#level
    this.#level -= weight
    if (short > 0) await this.#clock.sleep(Math.ceil((short / this.#rate) * MINUTE_MS))
  }

  /** Weight known only after the reply. */
  charge(weight: number): void {
    this.#level -= weight
  }

  /** The venue said 429. */
  refused(): void {
    this.#refill()
    this.#rate = Math.max(FLOOR_PER_MINUTE, this.#rate / 2)
    this.#level = Math.min(this.#level, 0)
    this.#refusedAt = this.#clock.monotonic()
  }

  #refill(): void {
    const now = this.#clock.monotonic()
    if (this.#rate < this.#limit && now - this.#refusedAt >= HEALTHY_MS) {
      this.#rate = Math.min(this.#limit, this.#rate * 2)
      this.#refusedAt = now
    }
    this.#level = Math.min(this.#rate, this.#level + ((now - this.#filledAt) / MINUTE_MS) * this.#rate)
    this.#filledAt = now
  }
}
