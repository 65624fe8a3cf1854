import {mean, requireColumns, requireThat, requireVariance, type Series} from './series.ts'
import {type BootstrapMeans, stationaryVariance} from './stationary-bootstrap.ts'

export interface StepM {
  /** √T d̄ / ω, shape [K]; NaN for a column without variance */
  readonly t: readonly number[]
  /** critical value of each step */
  readonly critical: readonly number[]
  /** columns whose mean is above their benchmark, family-wise error alpha; ascending */
  readonly rejected: readonly number[]
  /** step-down adjusted p, (0, 1], shape [K]; 1 for a column without variance */
  readonly adjustedP: readonly number[]
}

/**
 * Romano–Wolf stepwise multiple testing, studentised: which columns beat their benchmark, not only whether one does.
 *
 * @param columns  shape [K][T], strategy minus benchmark per period
 * @param b        mean block length, for the exact bootstrap variances ω²
 * @param draws    centred bootstrap means of the same columns
 * @param alpha    family-wise error rate
 * @throws Fault   `gauntlet.sample_too_small` below 50, `gauntlet.no_variance` when no column varies,
 *                 `gauntlet.not_finite`, `gauntlet.ragged_columns`, `gauntlet.out_of_range`
 * @see Romano & Wolf (2005), Econometrica 73(4); (2016), Statistics & Probability Letters, for the adjusted p
 */
export function stepM(columns: readonly Series[], b: number, draws: BootstrapMeans, alpha: number): StepM {
  requireColumns(columns, 50)
  const {B, K, values} = draws
  requireThat(columns.length === K && B >= 1, `${B} draws of ${K} columns were given for ${columns.length} columns.`)
  requireThat(alpha > 0 && alpha < 1, `A family-wise error of ${alpha} was asked for.`)
  const root = Math.sqrt(columns[0]!.length)
  const scale = columns.map((column) => root / Math.sqrt(stationaryVariance(column, b)))
  const kept = columns.map((_, k) => k).filter((k) => Number.isFinite(scale[k]!))
  requireVariance(kept.length, 'every column')
  const t = columns.map((column, k) => (Number.isFinite(scale[k]!) ? mean(column) * scale[k]! : Number.NaN))

  const critical: number[] = []
  const rejected: number[] = []
  let active = kept
  while (active.length > 0) {
    const best = Float64Array.from({length: B}, (_, row) =>
      active.reduce((top, k) => Math.max(top, values[row * K + k]! * scale[k]!), Number.NEGATIVE_INFINITY),
    ).sort()
    const bound = best[Math.ceil((1 - alpha) * B) - 1]!
    critical.push(bound)
    const beaten = active.filter((k) => t[k]! > bound)
    if (beaten.length === 0) break
    rejected.push(...beaten)
    active = active.filter((k) => !beaten.includes(k))
  }
  return {t, critical, rejected: rejected.sort((a, c) => a - c), adjustedP: adjust(t, kept, scale, draws)}
}

/** From the worst column up, the maximum over the rest grows by one column a step; then p is made to rise downward. */
function adjust(
  t: readonly number[],
  kept: readonly number[],
  scale: readonly number[],
  draws: BootstrapMeans,
): number[] {
  const {B, K, values} = draws
  const order = [...kept].sort((a, c) => t[c]! - t[a]! || a - c)
  const top = new Float64Array(B).fill(Number.NEGATIVE_INFINITY)
  const p: number[] = t.map(() => 1)
  for (const k of [...order].reverse()) {
    let reached = 0
    for (let row = 0; row < B; row++) {
      top[row] = Math.max(top[row]!, values[row * K + k]! * scale[k]!)
      if (top[row]! >= t[k]!) reached += 1
    }
    p[k] = (1 + reached) / (B + 1)
  }
  let floor = 0
  for (const k of order) {
    floor = Math.max(floor, p[k]!)
    p[k] = floor
  }
  return p
}
