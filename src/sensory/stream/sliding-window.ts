/**
 * At most `limit` events in any window of `windowMs`: how a client stays below a limit that the venue counts.
 *
 * Times are of one monotonic clock; events are taken in order, questions may be about the future.
 */
export class SlidingWindow {
  readonly limit: number
  readonly windowMs: number
  #times: number[] = []

  constructor(limit: number, windowMs: number) {
    this.limit = limit
    this.windowMs = windowMs
  }

  /** events that may still happen at `at` */
  room(at: number): number {
    const oldest = at - this.windowMs
    let inside = 0
    while (inside < this.#times.length && this.#times[this.#times.length - 1 - inside]! > oldest) inside++
    return this.limit - inside
  }

  take(at: number): void {
    this.#times.push(at)
    if (this.#times.length > this.limit) this.#times.splice(0, this.#times.length - this.limit)
  }

  /** earliest time, not before `at`, at which one event may happen */
  freeAt(at: number): number {
    if (this.room(at) > 0) return at
    return Math.max(at, this.#times[this.#times.length - this.limit]! + this.windowMs)
  }
}
