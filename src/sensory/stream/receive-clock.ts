/** One reading of both clocks: `mono` decides about silence, `wall` only stamps. Milliseconds. */
export interface Now {
  readonly mono: number
  readonly wall: number
}

export interface ClockJump {
  /** stamp at which it was seen, epoch ms */
  readonly at: number
  /** wall clock against the monotonic clock; negative: it was set back */
  readonly byMs: number
}

/** A step back is a jump from here on; below it is the rounding of two clocks. */
const BACK_MS = 100
const FORWARD_MS = 2000

/**
 * Receive stamps that never decrease, whatever happens to the wall clock.
 *
 * A clock that was set forward is believed at once. One that was set back is not: the stamps go on from where they were
 * at half speed until the wall clock has caught up, so that order and `available_at` stay true: no row is stamped
 * before one that came earlier, nor before it came itself.
 */
export class ReceiveClock {
  #wall: number
  #mono: number
  #stamp: number

  constructor(wall: number, mono: number) {
    this.#wall = wall
    this.#mono = mono
    this.#stamp = wall
  }

  read(wall: number, mono: number): {readonly now: Now; readonly jump: ClockJump | null} {
    const passed = Math.max(0, mono - this.#mono)
    const byMs = wall - (this.#wall + passed)
    this.#stamp = Math.max(wall, this.#stamp + passed / 2)
    this.#wall = wall
    this.#mono += passed
    const at = Math.floor(this.#stamp)
    const jumped = byMs < -BACK_MS || byMs > FORWARD_MS
    return {now: {mono: this.#mono, wall: at}, jump: jumped ? {at, byMs: Math.round(byMs)} : null}
  }
}
