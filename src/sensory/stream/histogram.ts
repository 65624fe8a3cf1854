/** Steps of 2 %: a quantile is exact to that, in a few hundred counters whatever the number of values. */
const STEP = Math.log(1.02)

/** Quantiles of a stream of durations, ms, in constant memory. */
export class Histogram {
  readonly #counts = new Map<number, number>()
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** A negative duration is two clocks that disagree by less than they can tell: it counts as none. */
  add(ms: number): void {
    const bin = ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / STEP)
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + 1)
    this.#count++
    if (ms > this.#max) this.#max = ms
  }

  /** Upper edge of the bin that holds the quantile, never above the largest value; null without values. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null
    let seen = 0
    for (const bin of [...this.#counts.keys()].sort((a, b) => a - b)) {
      seen += this.#counts.get(bin)!
      if (seen >= share * this.#count) return Math.round(Math.min(this.#max, Math.exp(bin * STEP)))
    }
    return Math.round(this.#max)
  }

  get max(): number | null {
    return this.#count === 0 ? null : Math.round(this.#max)
  }
}
