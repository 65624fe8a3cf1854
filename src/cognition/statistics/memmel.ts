import {normalSf} from '../../kernel/distributions.ts'
import {deviations, requireColumns, requireThat, type Series, sum} from './series.ts'
import {sharpeRatio} from './sharpe.ts'

/**
 * Are two Sharpe ratios of the same bars different? Jobson–Korkie with Memmel's correction.
 *
 * @param a       shape [T] per-period returns
 * @param b       shape [T] on the same bars
 * @returns       z of SR_a − SR_b, its standard error, and the one-sided p of SR_a > SR_b
 * @throws Fault  `gauntlet.no_variance`, `gauntlet.out_of_range` for identical series, `gauntlet.not_finite`,
 *                `gauntlet.ragged_columns`, `gauntlet.sample_too_small`
 * @see Memmel (2003), Finance Letters 1
 */
export function memmelZ(a: Series, b: Series): {z: number; se: number; p: number} {
  requireColumns([a, b], 3)
  const [srA, srB] = [sharpeRatio(a), sharpeRatio(b)]
  const [da, db] = [deviations(a), deviations(b)]
  const product = (x: Float64Array, y: Float64Array): number => sum(x.map((value, t) => value * y[t]!))
  const rho = product(da, db) / Math.sqrt(product(da, da) * product(db, db))
  const variance = (2 - 2 * rho + 0.5 * (srA * srA + srB * srB - 2 * srA * srB * rho * rho)) / a.length
  requireThat(variance > 1e-15 / a.length, 'Two series that are the same were compared.')
  const se = Math.sqrt(variance)
  const z = (srA - srB) / se
  return {z, se, p: normalSf(z)}
}
