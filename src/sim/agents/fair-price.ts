import {DAY_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'

const MINUTE_MS = 60_000
/** Virtual time moves in steps of this length. */
export const STEP_MS = 100
export const STEPS_PER_MINUTE = MINUTE_MS / STEP_MS

/** Variance of minutes clusters: GARCH(1,1). */
const GARCH = {arch: 0.08, garch: 0.9}
/** Two regimes, by their volatility and by the chance to leave them in a minute. */
const REGIMES = {calm: {vol: 0.8, leave: 1 / 600, jump: 1 / 600}, stress: {vol: 2.5, leave: 1 / 40, jump: 1 / 60}}
/** A jump against the volatility of its minute. */
const JUMP_SIZE = 5

export type Regime = keyof typeof REGIMES

/**
 * What a contract is worth, known only to the informed: a log price in steps of 100 ms.
 *
 * Every minute is drawn from a seed of its own, so the path depends on the seed and the instant, not on the trading.
 */
export class FairPrice {
  readonly #stream: string
  readonly #base: number
  #variance: number
  #regime: Regime = 'calm'
  #minute: {readonly time: number; readonly random: Random; readonly sd: number; readonly jumpAt: number}
  #step = 0
  #open: number
  #log: number

  /**
   * @param from   epoch ms, a whole minute
   * @param usd    price at `from`
   * @param sigma  daily volatility
   */
  constructor(name: string, seed: string, {from, usd, sigma}: {from: number; usd: number; sigma: number}) {
    this.#stream = `qo-sim|fair|${name}|${seed}`
    this.#base = sigma ** 2 / (DAY_MS / MINUTE_MS)
    this.#variance = this.#base
    this.#log = Math.log(usd)
    this.#open = this.#log
    this.#minute = this.#begin(from)
  }

  get log(): number {
    return this.#log
  }

  get regime(): Regime {
    return this.#regime
  }

  /** Move one step; the new log price. */
  next(): number {
    if (this.#step === STEPS_PER_MINUTE) {
      const move = (this.#log - this.#open) / REGIMES[this.#regime].vol
      const {arch, garch} = GARCH
      // A jump is not news about the variance of the coming minutes beyond a point.
      const square = Math.min(move ** 2, 25 * this.#variance)
      this.#variance = this.#base * (1 - arch - garch) + arch * square + garch * this.#variance
      this.#open = this.#log
      this.#step = 0
      this.#minute = this.#begin(this.#minute.time + MINUTE_MS)
    }
    const {random, sd, jumpAt} = this.#minute
    this.#log += sd * random.normal()
    if (this.#step === jumpAt) this.#log += JUMP_SIZE * sd * Math.sqrt(STEPS_PER_MINUTE) * random.normal()
    this.#step++
    return this.#log
  }

  #begin(time: number) {
    const random = new Random(`${this.#stream}|${time}`)
    if (random.unit() < REGIMES[this.#regime].leave) this.#regime = this.#regime === 'calm' ? 'stress' : 'calm'
    const {vol, jump} = REGIMES[this.#regime]
    const sd = vol * Math.sqrt(this.#variance / STEPS_PER_MINUTE)
    const jumpAt = random.unit() < jump ? random.below(STEPS_PER_MINUTE) : -1
    return {time, random, sd, jumpAt}
  }
}
