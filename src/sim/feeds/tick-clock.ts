import {upperBound} from '../../kernel/bounds.ts'
import {Random} from '../../kernel/random.ts'

/** Ticks are drawn for this much time at once; the first and the last of them lie on its edges. */
const ERA_MS = 600_000

export interface Cadence {
  /** shortest and longest gap, ms */
  readonly min: number
  readonly max: number
  /** average gap, ms */
  readonly mean: number
}

/**
 * When something recurring happens: irregular gaps inside a measured band, a function of seed and time only.
 *
 * Nobody has to have asked before: the ticks around an instant are the same whether or not a client was connected.
 */
export class TickClock {
  readonly #name: string
  readonly #cadence: Cadence
  #era = {start: Number.NaN, ticks: [] as readonly number[]}

  constructor(name: string, cadence: Cadence) {
    this.#name = name
    this.#cadence = cadence
  }

  /** The first tick after `time`, epoch ms. */
  after(time: number): number {
    const ticks = this.#eraOf(time)
    return ticks[upperBound(ticks, time)]!
  }

  /** The last tick at or before `time`. */
  upTo(time: number): number {
    const ticks = this.#eraOf(time)
    return ticks[upperBound(ticks, time) - 1]!
  }

  #eraOf(time: number): readonly number[] {
    const start = Math.floor(time / ERA_MS) * ERA_MS
    if (this.#era.start !== start) this.#era = {start, ticks: this.#draw(start)}
    return this.#era.ticks
  }

  /** Draw the gaps, then spread what is missing to the whole era over all of them without leaving the band. */
  #draw(start: number): number[] {
    const {min, max, mean} = this.#cadence
    const random = new Random(`qo-sim|ticks|${this.#name}|${start}`)
    const count = Math.round(ERA_MS / mean)
    const skew = max === min ? 1 : (max - mean) / (mean - min)
    const gaps = Array.from({length: count}, () => min + (max - min) * random.unit() ** skew)
    for (let pass = 0; pass < 8; pass++) {
      const missing = (ERA_MS - gaps.reduce((sum, gap) => sum + gap, 0)) / count
      for (let i = 0; i < count; i++) gaps[i] = Math.min(max, Math.max(min, gaps[i]! + missing))
    }
    const ticks = [start]
    let at = start
    for (const gap of gaps.slice(0, -1)) {
      at += gap
      ticks.push(Math.round(at))
    }
    ticks.push(start + ERA_MS)
    return ticks
  }
}
