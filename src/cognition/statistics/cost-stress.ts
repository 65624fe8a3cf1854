import {Fault} from '../../kernel/fault.ts'
import {autocovariance, deviations, requireColumns, requireSeries, requireThat, type Series, sum} from './series.ts'

/**
 * k*: by how much the cost of a unit of turnover may grow before the whole sample earns nothing.
 *
 * @param gross     shape [T] per-period returns before trading cost (funding already in them)
 * @param turnover  shape [T] per-period one-way turnover, >= 0
 * @param cost      c, cost per unit of turnover, > 0
 * @returns         Σ gross / (c Σ turnover); negative when the gross edge is
 * @throws Fault    `gauntlet.no_trades` (data), `gauntlet.out_of_range`, `gauntlet.not_finite`
 */
export function breakEvenMultiplier(gross: Series, turnover: Series, cost: number): number {
  requireColumns([gross, turnover], 1)
  const traded = sum(turnover)
  requireThat(cost > 0 && traded >= 0, `A cost of ${cost} on a turnover of ${traded}.`)
  if (traded === 0) {
    throw new Fault('gauntlet.no_trades', {
      family: 'data',
      what: 'The strategy never trades.',
      why: 'A break-even cost is a return per unit of turnover.',
      next: ['check that the signal produces positions on these bars'],
    })
  }
  return sum(gross) / (cost * traded)
}

/** netₜ(k) = grossₜ − k c turnₜ. */
export function netOfCosts(gross: Series, turnover: Series, cost: number, k: number): Float64Array {
  requireColumns([gross, turnover], 1)
  requireThat(cost >= 0 && k >= 0, `${k} times a cost of ${cost}.`)
  return Float64Array.from(gross, (value, t) => value - k * cost * turnover[t]!)
}

/**
 * Half-spread implied by bid-ask bounce: √(−Cov(Δpₜ, Δpₜ₋₁)); 0 when the covariance is not negative.
 *
 * @param changes  shape [T] changes of log price (then the result is a fraction) or of price
 * @throws Fault   `gauntlet.sample_too_small`, `gauntlet.not_finite`
 * @see Roll (1984), Journal of Finance 39(4)
 */
export function rollHalfSpread(changes: Series): number {
  requireSeries(changes, 3)
  return Math.sqrt(Math.max(0, -autocovariance(deviations(changes), 1)))
}
