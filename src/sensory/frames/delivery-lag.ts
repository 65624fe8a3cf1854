export interface DeliveryLagState {
  readonly second: number
  readonly least: number
  readonly half: number
  readonly worst: number
  readonly before: number
}

const HALF_MS = 30_000

/**
 * How long rows were on their way lately: by second the least of all streams, and of those the worst of the last half to
 * whole minute.
 *
 * A quiet stream repeats what is old, and so does the replay of a new subscription; the freshest row of a second says how
 * far behind the venue, or the way from it, was. Rows of the last so many milliseconds before a silence may all be missing.
 */
export class DeliveryLag {
  #second: number
  #least: number
  #half: number
  #worst: number
  #before: number

  constructor(state: DeliveryLagState | null = null) {
    const {second, least, half, worst, before} = state ?? {second: 0, least: 0, half: 0, worst: 0, before: 0}
    this.#second = second
    this.#least = least
    this.#half = half
    this.#worst = worst
    this.#before = before
  }

  /** A row of the venue's time `ts` was here at `receivedAt`, epoch ms. */
  saw(ts: number, receivedAt: number): void {
    const lag = receivedAt - ts
    const second = Math.floor(receivedAt / 1000)
    if (second === this.#second) {
      if (lag < this.#least) this.#least = lag
      return
    }
    this.#worst = Math.max(this.#worst, this.#least)
    const half = Math.floor(receivedAt / HALF_MS)
    if (half !== this.#half) {
      this.#before = half === this.#half + 1 ? this.#worst : 0
      this.#worst = 0
      this.#half = half
    }
    this.#second = second
    this.#least = lag
  }

  /** ms, 0 at least */
  get worstMs(): number {
    return Math.max(0, this.#least, this.#worst, this.#before)
  }

  state(): DeliveryLagState {
    const [second, least, half, worst, before] = [this.#second, this.#least, this.#half, this.#worst, this.#before]
    return {second, least, half, worst, before}
  }
}
