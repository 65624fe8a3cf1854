import type {Untraded} from '../cognition/backtest/backtest-result.ts'
import type {WeightsRun} from '../cognition/backtest/weights-run.ts'
import type {ExecutionConfig} from '../contracts/execution.ts'
import {decimalTextOfNumber} from '../kernel/decimal.ts'
import {type ParentIntent, targetToIntents} from '../reflex/target-to-intent.ts'
import {szText} from '../sim/wire.ts'
import {ENGINE_DECIMALS, enginePx} from './bar-coin.ts'
import type {BarVenue} from './bar-venue.ts'

/** A target that is not reached yet, as it was decided. */
interface Want {
  readonly weight: number
  /** account value and price at the deciding close */
  readonly equity: number
  readonly px: number
  /** no fill of this target yet */
  isFresh: boolean
}

/** Above any volume: the participation cap of a bar is in what its market offers. */
const NO_CAP = '1000000000000000'

/**
 * The targets that the account still has to reach, and the parent intents they become.
 *
 * A target lives until it is reached or a later one replaces it, as in the weights engine; each bar turns what is left of
 * it into a parent by the rules of `qo trade`: the nearest lot, reduce-only, smallest order.
 */
export class BarWants {
  readonly untraded: {-readonly [K in keyof Untraded]: number} = {
    ...{noVolume: 0, noPrice: 0, noCostEstimate: 0, participationCap: 0, minNotional: 0, noTradeBand: 0},
  }
  readonly #run: WeightsRun
  readonly #venue: BarVenue
  readonly #rules: ExecutionConfig
  readonly #wants = new Map<number, Want>()

  constructor(run: WeightsRun, venue: BarVenue, rules: ExecutionConfig) {
    this.#run = run
    this.#venue = venue
    this.#rules = rules
  }

  get assets(): number[] {
    return [...this.#wants.keys()].sort((a, b) => a - b)
  }

  /** Read row `row` of the targets: sized at its closes with `equity`. */
  decide(row: number, equity: number): void {
    const {weights, close, noTradeBand = 0} = this.#run
    for (let a = 0; a < weights.length; a++) {
      const weight = weights[a]![row]!
      if (Number.isNaN(weight)) continue
      const held = this.#venue.unitsHeld(a)
      const px = close[a]![row]!
      this.#wants.delete(a)
      if (weight === 0 && held === 0) continue
      if (weight !== 0 && !(px > 0)) {
        this.untraded.noPrice++
        continue
      }
      if (weight !== 0 && noTradeBand > 0 && Math.abs(weight - (held * px) / equity) <= noTradeBand) {
        this.untraded.noTradeBand++
        continue
      }
      this.#wants.set(a, {weight, equity, px, isFresh: true})
    }
  }

  /** The parent of what asset `a` still wants at a reference price, or null when nothing is left to want. */
  intentOf(a: number, px: number): ParentIntent | null {
    const want = this.#wants.get(a)!
    const coin = this.#venue.coins[a]!
    const [intent] = targetToIntents(
      [
        {
          asset: coin.name,
          weight: want.weight,
          position: szText(this.#venue.lotsHeld(a), ENGINE_DECIMALS),
          decisionPx: want.px > 0 ? decimalTextOfNumber(enginePx(coin, want.px)) : null,
          bandWeight: 0,
          px: decimalTextOfNumber(enginePx(coin, px)),
          noPrice: null,
          sizeDecimals: ENGINE_DECIMALS,
          dayVolumeUsd: NO_CAP,
        },
      ],
      {
        equityUsd: decimalTextOfNumber(want.equity),
        noTradeBand: 0,
        participationCap: 1,
        minNotionalUsd: this.#rules.min_notional_usd,
      },
    )
    if (intent!.side !== null) return intent!
    if (intent!.rule?.id === 'min_notional') this.untraded.minNotional++
    this.#wants.delete(a)
    return null
  }

  wait(reason: keyof Untraded): void {
    this.untraded[reason]++
  }

  forget(a: number): void {
    this.#wants.delete(a)
  }

  /** Note a fill; true when it is the first of its target. */
  isFirstFill(a: number): boolean {
    const want = this.#wants.get(a)
    if (!want?.isFresh) return false
    want.isFresh = false
    return true
  }
}
