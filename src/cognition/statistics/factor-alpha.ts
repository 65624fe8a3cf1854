import {neweyWestLag, neweyWestVariance} from './newey-west.ts'
import {mean, requireColumns, requireVariance, type Series, sum} from './series.ts'

export interface FactorAlpha {
  /** mean return that the factors do not explain, per period */
  readonly alpha: number
  /** Newey-West t of alpha */
  readonly t: number
  /** exposure to each factor, in their order */
  readonly betas: readonly number[]
  readonly lag: number
}

/**
 * What is left of a return after its exposure to some factors: OLS with an intercept, Newey-West errors.
 *
 * @param r         shape [T] per-period returns
 * @param factors   shape [F][T] on the same bars, none of them constant or a copy of another
 * @param horizon   bars a label lives
 * @throws Fault    `gauntlet.no_variance` when factors are constant or collinear, or nothing is left to estimate with;
 *                  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.ragged_columns`
 * @see Newey & West (1987), Econometrica 55(3)
 */
export function factorAlpha(r: Series, factors: readonly Series[], horizon = 1): FactorAlpha {
  requireColumns([r, ...factors], 10 * (factors.length + 1))
  const T = r.length
  const lag = neweyWestLag(T, horizon)
  // Factors less their means: the intercept is then the mean of r less beta times the means, and X'X falls apart.
  const means = factors.map(mean)
  const X = factors.map((factor, f) => Float64Array.from({length: T}, (_, t) => factor[t]! - means[f]!))
  const inner = (a: Float64Array, b: Float64Array): number => sum(a.map((value, t) => value * b[t]!))
  const centre = mean(r)
  const y = Float64Array.from({length: T}, (_, t) => r[t]! - centre)
  const betas = solve(
    X.map((a) => X.map((b) => inner(a, b))),
    X.map((a) => inner(a, y)),
  )
  const residual = y.map((value, t) => value - X.reduce((fitted, x, f) => fitted + betas[f]! * x[t]!, 0))
  const alpha = centre - means.reduce((explained, m, f) => explained + betas[f]! * m, 0)
  // alpha = mean(r) − Σ β m: its influence is u_t (1 − Σ m (X'X/T)⁻¹ x_t).
  const weights = solve(
    X.map((a) => X.map((b) => inner(a, b) / T)),
    means,
  )
  const influence = residual.map((u, t) => u * (1 - X.reduce((total, x, f) => total + weights[f]! * x[t]!, 0)))
  const r0 = neweyWestVariance(influence, 0)
  requireVariance(r0 > 1e-28 * centre * centre ? r0 : 0)
  return {alpha, t: alpha / Math.sqrt(Math.max(neweyWestVariance(influence, lag), r0) / T), betas, lag}
}

/** Gauss with partial pivots for the few unknowns of a factor model. @throws Fault `gauntlet.no_variance` */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!])
  const n = rows.length
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i]!)), 0)
  for (let i = 0; i < n; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, j) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + j : best), i)
    ;[rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!]
    requireVariance(Math.abs(rows[i]![i]!) > 1e-12 * scale ? 1 : 0)
    for (let j = i + 1; j < n; j++) {
      const factor = rows[j]![i]! / rows[i]![i]!
      for (let k = i; k <= n; k++) rows[j]![k]! -= factor * rows[i]![k]!
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    const known = x.slice(i + 1).reduce((total, value, j) => total + value * rows[i]![i + 1 + j]!, 0)
    x[i] = (rows[i]![n]! - known) / rows[i]![i]!
  }
  return x
}
