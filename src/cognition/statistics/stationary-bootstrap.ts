import type {Random} from '../../kernel/random.ts'
import {blockLengths} from './block-length-draws.ts'
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
 * Variance of √T · mean* under the stationary bootstrap, exactly, in O(T).
 *
 * The lemma's R₀ + 2 Σ kᵢ Rᵢ equals R₀ + 2 Σⱼ (1 − j/T) qʲ Cⱼ with q = 1 − 1/b and Cⱼ the circular autocovariance.
 * Both weights are geometric, so fₜ = Σⱼ qʲ dₜ₋ⱼ and gₜ = Σⱼ j qʲ dₜ₋ⱼ (j = 1 … T − 1, indices wrapped) follow from
 * their predecessors, and no lag is ever summed on its own.
 *
 * @param x       shape [T]
 * @param b       mean block length, >= 1
 * @returns       0 for a series that does not vary
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.out_of_range`
 * @see Politis & Romano (1994), lemma 1
 */
export function stationaryVariance(x: Series, b: number): number {
  requireSeries(x, 2)
  requireThat(b >= 1 && Number.isFinite(b), `A mean block length of ${b} was asked for.`)
  const T = x.length
  const d = deviations(x)
  const r0 = autocovariance(d, 0)
  if (Math.sqrt(r0) <= 1e-14 * Math.abs(mean(x))) return 0
  const q = 1 - 1 / b
  const last = q ** T
  let [f, g] = [0, 0]
  for (let j = T - 1; j >= 1; j--) {
    const weight = q ** j
    f += weight * d[T - j]!
    g += j * weight * d[T - j]!
  }
  let total = 0
  for (let t = 0; t < T; t++) {
    total += d[t]! * (f - g / T)
    const next = d[(t + 1) % T]!
    g = q * (g + f + d[t]!) - T * last * next
    f = q * (f + d[t]!) - last * next
  }
  return Math.max(0, r0 + (2 * total) / T)
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
  // prefix[t·K + k] = Σ_{s<t} deviation of column k at s. A whole turn sums to zero, so a block that wraps is still
  // one difference.
  const prefix = new Float64Array(T * K)
  columns.forEach((column, k) => {
    const d = deviations(column)
    for (let t = 0; t + 1 < T; t++) prefix[(t + 1) * K + k] = prefix[t * K + k]! + d[t]!
  })
  const lengthOf = blockLengths(b)
  // Where each block of one draw begins and ends in `prefix`.
  const [begin, end] = [new Int32Array(T), new Int32Array(T)]
  return (out) => {
    out.fill(0)
    let blocks = 0
    for (let filled = 0; filled < T; ) {
      const start = random.below(T)
      const length = Math.min(b === 1 ? 1 : lengthOf(random.unit()), T - filled)
      const after = start + length
      begin[blocks] = start * K
      end[blocks++] = (after < T ? after : after - T) * K
      filled += length
    }
    let i = 0
    // Eight blocks at a time, then four: the sum of a column is fetched and stored once for them.
    for (; i + 8 <= blocks; i += 8) {
      const a = begin[i]!
      const b = begin[i + 1]!
      const c = begin[i + 2]!
      const d = begin[i + 3]!
      const e = begin[i + 4]!
      const f = begin[i + 5]!
      const g = begin[i + 6]!
      const h = begin[i + 7]!
      const p = end[i]!
      const q = end[i + 1]!
      const r = end[i + 2]!
      const s = end[i + 3]!
      const t = end[i + 4]!
      const u = end[i + 5]!
      const v = end[i + 6]!
      const w = end[i + 7]!
      for (let k = 0; k < K; k++) {
        const first = prefix[p + k]! - prefix[a + k]! + (prefix[q + k]! - prefix[b + k]!)
        const second = prefix[r + k]! - prefix[c + k]! + (prefix[s + k]! - prefix[d + k]!)
        const third = prefix[t + k]! - prefix[e + k]! + (prefix[u + k]! - prefix[f + k]!)
        const fourth = prefix[v + k]! - prefix[g + k]! + (prefix[w + k]! - prefix[h + k]!)
        out[k] = out[k]! + (first + second) + (third + fourth)
      }
    }
    for (; i + 4 <= blocks; i += 4) {
      const [a, b, c, d] = [begin[i]!, begin[i + 1]!, begin[i + 2]!, begin[i + 3]!]
      const [p, q, r, s] = [end[i]!, end[i + 1]!, end[i + 2]!, end[i + 3]!]
      for (let k = 0; k < K; k++) {
        const first = prefix[p + k]! - prefix[a + k]! + (prefix[q + k]! - prefix[b + k]!)
        out[k]! += first + (prefix[r + k]! - prefix[c + k]! + (prefix[s + k]! - prefix[d + k]!))
      }
    }
    for (; i < blocks; i++) {
      const [from, to] = [begin[i]!, end[i]!]
      for (let k = 0; k < K; k++) out[k]! += prefix[to + k]! - prefix[from + k]!
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
