/** Taken liquidity comes back with this half-life. */
const REGROWTH_MS = 2000

/** What takers removed from quotes that do not know it, by price: it is missing at first and grows back. */
export class TakenSize {
  readonly #taken = new Map<number, {lots: number; at: number}>()

  get isEmpty(): boolean {
    return this.#taken.size === 0
  }

  add(px: number, lots: number, now: number): void {
    this.#taken.set(px, {lots: this.at(px, now) + lots, at: now})
  }

  /** Lots still missing at `px`. */
  at(px: number, now: number): number {
    const taken = this.#taken.get(px)
    if (!taken) return 0
    const left = Math.floor(taken.lots * 0.5 ** (Math.max(0, now - taken.at) / REGROWTH_MS))
    if (left === 0) this.#taken.delete(px)
    return left
  }
}
