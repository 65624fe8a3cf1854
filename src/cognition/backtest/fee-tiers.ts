import {DAY_MS} from '../../kernel/instant.ts'
import type {WeightsRun} from './weights-run.ts'

const FEE_WINDOW_MS = 14 * DAY_MS

/** Fees of one bar, fractions of what is paid for a fill. */
export interface FeeRates {
  readonly taker: number
  readonly maker: number
}

/** The tier follows the volume of the 14 days before the bar, as the venue's does. */
export class FeeTiers {
  readonly #costs: WeightsRun['costs']
  readonly #window: number
  readonly #total: Float64Array
  readonly #rates: readonly FeeRates[]

  constructor({ts, barMs, costs}: Pick<WeightsRun, 'ts' | 'barMs' | 'costs'>) {
    this.#costs = costs
    this.#window = Math.ceil(FEE_WINDOW_MS / barMs)
    this.#total = new Float64Array(ts.length + 1)
    this.#rates = costs.takerFee.map((taker, tier) => ({taker, maker: costs.makerFee[tier]!}))
  }

  /** rates at bar t */
  at(t: number): FeeRates {
    const {tierVolume} = this.#costs
    if (tierVolume.length === 1) return this.#rates[0]!
    const volume = this.#total[t]! - this.#total[Math.max(0, t - this.#window)]!
    let tier = 0
    while (tier + 1 < tierVolume.length && volume > tierVolume[tier + 1]!) tier++
    return this.#rates[tier]!
  }

  /** note what bar t traded, quote currency */
  traded(t: number, notional: number): void {
    this.#total[t + 1] = this.#total[t]! + notional
  }
}
