import type {EngineCosts} from '../cognition/backtest/engine-costs.ts'
import type {WeightsRun} from '../cognition/backtest/weights-run.ts'
import {type BarCoin, lotsOf, pxUnits, TICK_UNITS} from './bar-coin.ts'
import type {BarVenue} from './bar-venue.ts'

/** What an order of one asset meets, as fractions of notional known at the decision bar. */
export interface Frictions {
  readonly half: number
  /** half-spread that a resting order earns: costs are stressed, gains are not */
  readonly earned: number
  readonly lag: number
  /** impact = this × √(order notional, USD) */
  readonly impactUnit: number
}

/** NaN parts: the coin has no cost estimate at that bar. */
export function frictionsAt(costs: EngineCosts, a: number, known: number, k: number): Frictions {
  const earned = costs.halfSpread[a]![known]!
  const [lag, impactUnit] = [costs.lag[a]![known]! * k, costs.impact[a]![known]! * k]
  return {half: earned * k, earned, lag, impactUnit}
}

export const impactOf = ({impactUnit}: Frictions, notional: number): number =>
  impactUnit === 0 ? 0 : impactUnit * Math.sqrt(notional)

/**
 * Quote one asset for a parent of `lots` on one side: its near touch, and a far touch at which `offered` of them trade at
 * the price that the cost model gives an order of that size.
 *
 * @param px       reference price, USD
 * @param side     +1 the parent buys
 * @param shift    how far the market moved against the parent before its order came, fraction
 * @param rests    a parent that rests joins the near touch; else only the far one matters
 */
export function quoteFor(
  {coins, markets}: BarVenue,
  a: number,
  {
    px,
    side,
    shift,
    half,
    earned,
    impact,
    offered,
    rests,
  }: Omit<Frictions, 'lag' | 'impactUnit'> & {
    readonly px: number
    readonly side: number
    readonly shift: number
    readonly impact: number
    readonly offered: number
    readonly rests: boolean
  },
): void {
  const coin = coins[a]!
  let near = onGrid(pxUnits(coin, px * (1 + side * (shift - earned))), side)
  let far = pxUnits(coin, px * (1 + side * (shift + half + impact)))
  // A book is never locked. What the parent is after keeps its price.
  if ((far - near) * side < TICK_UNITS) {
    if (rests) far = near + side * TICK_UNITS
    else near = far - side * TICK_UNITS
  }
  const [close, other] = [
    {px: near, lots: DEPTH},
    {px: far, lots: offered},
  ]
  markets[a]!.mark(pxUnits(coin, px))
  if (side > 0) markets[a]!.quote(close, other)
  else markets[a]!.quote(other, close)
}

/** Size shown where nobody of ours trades. */
const DEPTH = 1e9

/** Away from the market onto the venue's grid. */
const onGrid = (units: number, side: number): number =>
  (side > 0 ? Math.floor(units / TICK_UNITS + 1e-6) : Math.ceil(units / TICK_UNITS - 1e-6)) * TICK_UNITS

/** Lots that bar t offers an order: the participation cap of what it traded; without a cap, more than anybody wants. */
export function offeredLots({volume, costs}: WeightsRun, coin: BarCoin, a: number, t: number): number {
  if (costs.participationCap === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  const traded = volume?.[a]?.[t] ?? Number.NaN
  return traded > 0 ? lotsOf(coin, costs.participationCap * traded) : Number.NaN
}

/** The range of bar t in the venue's units, for the orders that rest in it. */
export function flowOf(run: WeightsRun, coin: BarCoin, a: number, t: number, known: number) {
  const {high, low, volume, costs} = run
  return {
    low: pxUnits(coin, low?.[a]?.[t] ?? Number.NaN),
    high: pxUnits(coin, high?.[a]?.[t] ?? Number.NaN),
    volume: (volume?.[a]?.[t] ?? Number.NaN) / coin.lot,
    ahead: costs.queueAhead[a]![known]! / coin.lot,
  }
}
