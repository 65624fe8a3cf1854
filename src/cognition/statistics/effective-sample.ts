import {autocorrelations} from './moments.ts'
import {requireThat, type Series} from './series.ts'

/**
 * Independent observations a dependent series is worth: T / (1 + 2 Σ_{k≤L} (1 − k/T) ρ_k), clipped to [1, T].
 *
 * @param r       shape [T], T > lag
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.no_variance`
 */
export function effectiveSampleSize(r: Series, lag: number): number {
  const T = r.length
  const rhos = autocorrelations(r, lag)
  let factor = 1
  for (let k = 1; k <= lag; k++) factor += 2 * (1 - k / T) * rhos[k - 1]!
  return factor > 0 ? Math.min(T, Math.max(1, T / factor)) : T
}

export interface Uniqueness {
  /** labels alive on each bar, shape [T] */
  readonly concurrency: Int32Array
  /** average uniqueness of each label, (0, 1], shape [n] */
  readonly uniqueness: Float64Array
  /** Σ uniqueness: how many independent trades the labels are worth */
  readonly nEff: number
}

/**
 * Average uniqueness of labels that overlap in time.
 *
 * @param first   shape [n], bar a label starts on
 * @param last    shape [n], bar it ends on, inclusive, first <= last < T
 * @param T       bars
 * @throws Fault  `gauntlet.out_of_range`
 * @see López de Prado (2018), Advances in Financial Machine Learning, ch. 4
 */
export function labelUniqueness(first: Series, last: Series, T: number): Uniqueness {
  requireThat(first.length === last.length, `${first.length} label starts and ${last.length} ends.`)
  const change = new Int32Array(T + 1)
  for (let i = 0; i < first.length; i++) {
    const [a, b] = [first[i]!, last[i]!]
    requireThat(
      Number.isInteger(a) && Number.isInteger(b) && a >= 0 && a <= b && b < T,
      `Label ${i} spans bars ${a} to ${b} of ${T}.`,
    )
    change[a]! += 1
    change[b + 1]! -= 1
  }
  const concurrency = new Int32Array(T)
  const inverse = new Float64Array(T + 1)
  let alive = 0
  for (let t = 0; t < T; t++) {
    alive += change[t]!
    concurrency[t] = alive
    inverse[t + 1] = inverse[t]! + (alive === 0 ? 0 : 1 / alive)
  }
  const uniqueness = Float64Array.from(
    {length: first.length},
    (_, i) => (inverse[last[i]! + 1]! - inverse[first[i]!]!) / (last[i]! + 1 - first[i]!),
  )
  return {concurrency, uniqueness, nEff: uniqueness.reduce((total, u) => total + u, 0)}
}
