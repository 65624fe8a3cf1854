import type {Random} from '../../kernel/random.ts'
import {type SequentialP, sequentialP} from './sequential-p.ts'
import {mean, requireColumns, requireThat, requireVariance, type Series} from './series.ts'
import {type BootstrapMeans, meanDrawer, stationaryVariance} from './stationary-bootstrap.ts'

/** A Monte-Carlo p in (0, 1]: `p` = (1 + #{≥}) / (B + 1) is the one gates read, `strict` the share of T* > T. */
export interface MonteCarloP {
  readonly p: number
  readonly strict: number
  readonly mcSe: number
}

/** White's Reality Check: is the best of K configurations better than its benchmark, dispersion ignored. */
export interface RealityCheck extends MonteCarloP {
  readonly statistic: number
}

/**
 * White's Reality Check. H0: no column has a positive mean. Junk columns make it conservative: report, do not gate.
 *
 * @param columns  shape [K][T], strategy minus benchmark per period; + is good
 * @param draws    centred bootstrap means of the same columns
 * @throws Fault   `gauntlet.sample_too_small` below 50, `gauntlet.not_finite`, `gauntlet.ragged_columns`,
 *                 `gauntlet.out_of_range` when the draws belong to other columns
 * @see White (2000), Econometrica 68(5)
 */
export function realityCheck(columns: readonly Series[], draws: BootstrapMeans): RealityCheck {
  requireFamily(columns, draws)
  const root = Math.sqrt(columns[0]!.length)
  const statistic = root * Math.max(...columns.map(mean))
  const best = Float64Array.from({length: draws.B}, (_, b) => {
    let top = Number.NEGATIVE_INFINITY
    for (let k = 0; k < draws.K; k++) top = Math.max(top, draws.values[b * draws.K + k]!)
    return root * top
  })
  return {statistic, ...shareAbove(best, statistic)}
}

export interface Spa {
  /** T_SPA = max(0, max √T d̄ / ω) */
  readonly statistic: number
  /** columns without variance, left out of the test */
  readonly dropped: readonly number[]
  /** shape [K]: is the column's mean near enough to 0 to be recentred in the consistent form */
  readonly recentred: readonly boolean[]
  readonly lower: MonteCarloP
  /** the one that gates */
  readonly consistent: MonteCarloP
  readonly upper: MonteCarloP
}

/**
 * Hansen's studentised test for superior predictive ability, all three recentrings on one set of draws.
 *
 * Lower <= consistent <= upper; a wide gap means that the family is padded with junk. One column is a valid test.
 *
 * @param columns  shape [K][T], strategy minus benchmark per period; + is good (other code takes losses)
 * @param b        mean block length, for the exact bootstrap variances ω²
 * @param draws    centred bootstrap means of the same columns
 * @throws Fault   `gauntlet.sample_too_small` below 50, `gauntlet.no_variance` when no column varies, and as above
 * @see Hansen (2005), JBES 23(4)
 */
export function spa(columns: readonly Series[], b: number, draws: BootstrapMeans): Spa {
  requireFamily(columns, draws)
  const family = studentise(columns, b)
  const best = {
    lower: new Float64Array(draws.B),
    consistent: new Float64Array(draws.B),
    upper: new Float64Array(draws.B),
  }
  const {kept, scale, shift} = family
  for (let row = 0; row < draws.B; row++) {
    let [lower, consistent, upper] = [0, 0, 0]
    for (let j = 0; j < kept.length; j++) {
      const z = draws.values[row * draws.K + kept[j]!]! * scale[j]!
      lower = Math.max(lower, z + shift.lower[j]!)
      consistent = Math.max(consistent, z + shift.consistent[j]!)
      upper = Math.max(upper, z)
    }
    best.lower[row] = lower
    best.consistent[row] = consistent
    best.upper[row] = upper
  }
  return {
    statistic: family.statistic,
    dropped: family.dropped,
    recentred: family.recentred,
    lower: shareAbove(best.lower, family.statistic),
    consistent: shareAbove(best.consistent, family.statistic),
    upper: shareAbove(best.upper, family.statistic),
  }
}

/**
 * The consistent p alone, drawn only as far as the verdict at `alpha` needs. The draws are those that
 * `bootstrapMeans` makes from the same stream.
 *
 * @throws Fault as `spa` and `sequentialP`
 */
export function spaSequential(
  columns: readonly Series[],
  b: number,
  random: Random,
  plan: {readonly alpha: number; readonly maximum: number; readonly risk?: number; readonly exceedances?: number},
): SequentialP & {readonly statistic: number; readonly dropped: readonly number[]} {
  requireColumns(columns, 50)
  const {statistic, dropped, kept, scale, shift} = studentise(columns, b)
  const draw = meanDrawer(columns, b, random)
  const means = new Float64Array(columns.length)
  const exceeds = (): boolean => {
    draw(means)
    let best = 0
    for (let j = 0; j < kept.length; j++) best = Math.max(best, means[kept[j]!]! * scale[j]! + shift.consistent[j]!)
    return best >= statistic
  }
  return {...sequentialP({...plan, exceeds}), statistic, dropped}
}

/** Columns in units of their bootstrap deviation, and how far each recentring moves them. */
function studentise(columns: readonly Series[], b: number) {
  const T = columns[0]!.length
  const root = Math.sqrt(T)
  const deviation = columns.map((column) => Math.sqrt(stationaryVariance(column, b)))
  const kept = columns.map((_, k) => k).filter((k) => deviation[k]! > 0)
  requireVariance(kept.length, 'every column')
  const means = kept.map((k) => mean(columns[k]!))
  const scale = kept.map((k) => root / deviation[k]!)
  const t = means.map((m, j) => m * scale[j]!)
  const threshold = -Math.sqrt(2 * Math.log(Math.log(T)))
  const near = t.map((value) => value >= threshold)
  return {
    statistic: Math.max(0, ...t),
    dropped: columns.map((_, k) => k).filter((k) => !(deviation[k]! > 0)),
    kept,
    scale,
    recentred: columns.map((_, k) => near[kept.indexOf(k)] ?? false),
    // (mean* − g) · scale = (mean* − mean) · scale + (mean − g) · scale
    shift: {lower: t.map((value) => Math.min(0, value)), consistent: t.map((value, j) => (near[j] ? 0 : value))},
  }
}

function requireFamily(columns: readonly Series[], draws: BootstrapMeans): void {
  requireColumns(columns, 50)
  requireThat(
    columns.length >= 1 && columns.length === draws.K && draws.B >= 1,
    `${draws.B} draws of ${draws.K} columns were given for ${columns.length} columns.`,
  )
}

/** Ties count against the strategy, up to the rounding of the sums behind them. */
function shareAbove(draws: Float64Array, observed: number): MonteCarloP {
  let [reached, above] = [0, 0]
  for (const value of draws) {
    if (value >= observed) reached += 1
    if (value > observed) above += 1
  }
  const p = (1 + reached) / (draws.length + 1)
  return {p, strict: above / draws.length, mcSe: Math.sqrt((p * (1 - p)) / draws.length)}
}
