/**
 * The venue's time: every time a client can see comes from here.
 *
 * Real time from a start instant, or stepped: then it stands still until `step`. It never runs backwards.
 */
export class VenueClock {
  readonly stepped: boolean
  readonly #startedAt: number
  #base: number

  constructor(start: number, {stepped}: {readonly stepped: boolean}) {
    this.#base = start
    this.stepped = stepped
    this.#startedAt = performance.now()
  }

  /** Epoch ms, whole. */
  now(): number {
    return this.stepped ? this.#base : this.#base + Math.floor(performance.now() - this.#startedAt)
  }

  /** Move forward by `ms`; in real time this is a jump on top of the running clock. */
  step(ms: number): void {
    this.#base += Math.max(0, ms)
  }
}
