import {Fault} from '../../kernel/fault.ts'

/** Numbers in time order, oldest first. */
export type Series = ArrayLike<number>

/**
 * Σ x, compensated (Neumaier), in index order: the same sum on every machine and for every grouping of the work.
 */
export function sum(x: Series): number {
  let total = 0
  let lost = 0
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!
    const next = total + value
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total
    total = next
  }
  return total + lost
}

export const mean = (x: Series): number => sum(x) / x.length

/** x − mean(x). */
export function deviations(x: Series): Float64Array {
  const centre = mean(x)
  // A plain loop: `Float64Array.from` with a function takes ten times as long, and every statistic begins here.
  const d = new Float64Array(x.length)
  for (let t = 0; t < d.length; t++) d[t] = x[t]! - centre
  return d
}

/** Σ aₜ bₜ₋ₖ / T over deviations: the autocovariance of lag k with divisor T. */
export function autocovariance(d: Float64Array, lag: number): number {
  let total = 0
  for (let t = lag; t < d.length; t++) total += d[t]! * d[t - lag]!
  return total / d.length
}

/**
 * Refuse a series that no statistic can be computed from.
 *
 * @throws Fault `gauntlet.sample_too_small` (data) if there are fewer than `minimum` observations
 * @throws Fault `gauntlet.not_finite` (data) if any is NaN or infinite: a missing return never counts as zero
 */
export function requireSeries(x: Series, minimum: number, name = 'the series'): void {
  requireObservations(x.length, minimum, name)
  for (let t = 0; t < x.length; t++) {
    if (Number.isFinite(x[t]!)) continue
    throw new Fault('gauntlet.not_finite', {
      family: 'data',
      what: `${name} holds ${x[t]} at observation ${t}.`,
      why: 'A missing or infinite return makes every statistic of the series meaningless.',
      next: ['look at the bars around that observation with qo lake sql'],
    })
  }
}

/** @throws Fault `gauntlet.sample_too_small` (data) for fewer than `minimum`; `T` may be an effective number */
export function requireObservations(T: number, minimum: number, name = 'the series'): void {
  if (T >= minimum) return
  throw new Fault('gauntlet.sample_too_small', {
    family: 'data',
    what: `${name} has ${Number.isInteger(T) ? T : T.toFixed(2)} observations.`,
    why: `This statistic needs at least ${minimum}.`,
    next: ['widen the date range, or ingest more history'],
  })
}

/**
 * Refuse columns of different lengths, or unusable ones.
 *
 * @throws Fault `gauntlet.ragged_columns` (bug), and those of `requireSeries`
 */
export function requireColumns(columns: readonly Series[], minimum: number): void {
  const T = columns[0]?.length ?? 0
  columns.forEach((column, k) => {
    requireSeries(column, minimum, `column ${k}`)
    if (column.length === T) return
    throw new Fault('gauntlet.ragged_columns', {
      family: 'bug',
      what: `Column ${k} has ${column.length} observations and column 0 has ${T}.`,
      why: 'Configurations are compared on the same bars.',
      next: ['report this with the command you typed'],
    })
  })
}

/**
 * A number outside the domain of its formula.
 *
 * @param family  `data` where returns alone can bring it about, `bug` where only a caller can
 * @throws Fault  `gauntlet.out_of_range` unless `holds`
 */
export function requireThat(holds: boolean, what: string, family: 'bug' | 'data' = 'bug'): void {
  if (holds) return
  throw new Fault('gauntlet.out_of_range', {
    family,
    what,
    why: 'The formula is undefined there, and an undefined number must not reach a gate.',
    next: [family === 'data' ? 'look at the returns of the backtest' : 'report this with the command you typed'],
  })
}

/** @throws Fault `gauntlet.no_variance` (data) unless `variance` > 0 */
export function requireVariance(variance: number, name = 'the series'): void {
  if (variance > 0) return
  throw new Fault('gauntlet.no_variance', {
    family: 'data',
    what: `${name} does not vary.`,
    why: 'A ratio to its dispersion does not exist: a strategy that never trades has no Sharpe ratio.',
    next: ['check that the signal produces positions on these bars'],
  })
}
