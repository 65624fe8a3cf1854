import type {Random} from '../../kernel/random.ts'
import {autocovariance, deviations, mean, requireColumns, requireSeries, requireThat, type Series} from './series.ts'

/**
 * The index rule of the stationary bootstrap: i₀ = s₀; iₜ = sₜ if uₜ < 1/b, else iₜ₋₁ + 1, wrapped.
 *
 * @param starts  shape [T], whole numbers 0 … T − 1
 * @param u       shape [T], uniform on [0, 1)
 * @param b       mean block length, >= 1
 * @see Politis & Romano (1994), JASA 89
 */
export function stationaryIndices(starts: Series, u: Series, b: number): Int32Array {
  const T = starts.length
  requireThat(b >= 1 && u.length === T, `Blocks of mean length ${b} over ${T} starts were asked for.`)
  const indices = new Int32Array(T)
  for (let t = 0; t < T; t++) indices[t] = t === 0 || u[t]! < 1 / b ? starts[t]! : (indices[t - 1]! + 1) % T
  return indices
}

/**
 * Variance of √T · mean* under the stationary bootstrap, exactly: R₀ + 2 Σ kᵢ Rᵢ.
 *
 * Lags whose kernel weight is below 1e-18/T are skipped: together they stay under one rounding error.
 *
 * @param x       shape [T]
 * @param b       mean block length, >= 1
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.out_of_range`
 */
export function stationaryVariance(x: Series, b: number): number {
  requireSeries(x, 2)
  requireThat(b >= 1 && Number.isFinite(b), `A mean block length of ${b} was asked for.`)
  const T = x.length
  const d = deviations(x)
  const stay = 1 - 1 / b
  let variance = autocovariance(d, 0)
  if (Math.sqrt(variance) <= 1e-14 * Math.abs(mean(x))) return 0
  for (let i = 1; i < T; i++) {
    const weight = (1 - i / T) * stay ** i + (i / T) * stay ** (T - i)
    if (weight > 1e-18 / T) variance += 2 * weight * autocovariance(d, i)
  }
  return variance
}

/** Centred bootstrap means mean*ₖ − meanₖ: row b at [b·K, b·K + K). One path of bars serves every column of a row. */
export interface BootstrapMeans {
  readonly B: number
  readonly K: number
  readonly values: Float64Array
}

/** Fill `out` (shape [K]) with the centred means of one more bootstrap sample. */
export type DrawMeans = (out: Float64Array) => void

/**
 * A source of bootstrap samples of K columns that never builds one: block sums come from prefix sums, so a sample
 * costs K · T/b additions instead of K · T.
 *
 * Block lengths are geometric with mean b, starts uniform, which is the law of `stationaryIndices`.
 *
 * @param columns  shape [K][T]
 * @param b        mean block length, 1 <= b <= T/3
 * @throws Fault   `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.ragged_columns`, `gauntlet.out_of_range`
 */
export function meanDrawer(columns: readonly Series[], b: number, random: Random): DrawMeans {
  requireColumns(columns, 3)
  const K = columns.length
  const T = columns[0]?.length ?? 0
  requireThat(K >= 1 && b >= 1 && b <= T / 3, `Blocks of mean length ${b} over ${T} observations were asked for.`)
  // prefix[t·K + k] = Σ_{s<t} deviation of column k at s mod T, over two turns so that a block may wrap.
  const prefix = new Float64Array((2 * T + 1) * K)
  columns.forEach((column, k) => {
    const d = deviations(column)
    for (let t = 0; t < 2 * T; t++) prefix[(t + 1) * K + k] = prefix[t * K + k]! + d[t % T]!
  })
  const logStay = Math.log(1 - 1 / b)
  return (out) => {
    out.fill(0)
    for (let filled = 0; filled < T; ) {
      const start = random.below(T)
      const wanted = b === 1 ? 1 : 1 + Math.floor(Math.log(1 - random.unit()) / logStay)
      const length = Math.min(wanted, T - filled)
      const from = start * K
      const to = (start + length) * K
      for (let k = 0; k < K; k++) out[k]! += prefix[to + k]! - prefix[from + k]!
      filled += length
    }
    for (let k = 0; k < K; k++) out[k]! /= T
  }
}

/** B samples at once. @throws the Faults of `meanDrawer` */
export function bootstrapMeans(columns: readonly Series[], b: number, B: number, random: Random): BootstrapMeans {
  requireThat(Number.isInteger(B) && B >= 1, `${B} bootstrap samples were asked for.`)
  const draw = meanDrawer(columns, b, random)
  const K = columns.length
  const values = new Float64Array(B * K)
  for (let row = 0; row < B; row++) draw(values.subarray(row * K, (row + 1) * K))
  return {B, K, values}
}

/**
 * The same from given index paths, for replaying another implementation's draws.
 *
 * @param columns  shape [K][T]
 * @param paths    shape [B][T], whole numbers 0 … T − 1
 */
export function meansOfPaths(columns: readonly Series[], paths: readonly Series[]): BootstrapMeans {
  requireColumns(columns, 3)
  const K = columns.length
  const T = columns[0]?.length ?? 0
  const values = new Float64Array(paths.length * K)
  columns.forEach((column, k) => {
    const d = deviations(column)
    paths.forEach((path, row) => {
      requireThat(path.length === T, `Path ${row} has ${path.length} bars.`)
      let total = 0
      for (let t = 0; t < T; t++) total += d[path[t]!]!
      values[row * K + k] = total / T
    })
  })
  return {B: paths.length, K, values}
}
