import {requireThat} from './series.ts'

export interface Capacity {
  /** capital at which impact eats the edge, quote currency; Infinity without impact */
  readonly zero: number
  /** capital that earns most in absolute terms: 4/9 of it */
  readonly mostProfit: number
}

/**
 * How much capital an edge carries when impact grows with the square root of size.
 *
 * Per bar the net return is m − i √(A / A₁): m is what is left before impact, i the impact paid at capital A₁. It is zero
 * at A₀ = A₁ (m / i)², and A · net(A) is largest at 4/9 A₀.
 *
 * @param beforeImpact  m, mean per bar after every other cost
 * @param impact        i, mean per bar at `capital`, >= 0
 * @param capital       A₁ > 0, quote currency
 * @throws Fault        `gauntlet.out_of_range`
 * @see Almgren et al. (2005); Tóth et al. (2011), square-root law
 */
export function capacity(beforeImpact: number, impact: number, capital: number): Capacity {
  requireThat(capital > 0 && impact >= 0 && Number.isFinite(beforeImpact), `Impact of ${impact} at ${capital}.`)
  if (beforeImpact <= 0) return {zero: 0, mostProfit: 0}
  const zero = impact === 0 ? Number.POSITIVE_INFINITY : capital * (beforeImpact / impact) ** 2
  return {zero, mostProfit: (4 / 9) * zero}
}
