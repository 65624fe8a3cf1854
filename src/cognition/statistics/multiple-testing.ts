import {studentIsf, studentTwoSided} from '../../kernel/distributions.ts'
import {requireSeries, requireThat, type Series} from './series.ts'

/** p-values in, adjusted p-values out, in the same order; every one in [0, 1]. */
export type Adjustment = (p: Series) => Float64Array

/** min(1, M p). Family-wise, any dependence. */
export const bonferroni: Adjustment = (p) => checked(p).map((value) => Math.min(1, p.length * value))

/** 1 − (1 − p)^M. Family-wise under independence; small p keep their relative accuracy. */
export const sidak: Adjustment = (p) => checked(p).map((value) => -Math.expm1(p.length * Math.log1p(-value)))

/** Step-down Bonferroni. Family-wise, any dependence. @see Holm (1979) */
export const holm: Adjustment = (p) => stepped(p, (rank, M) => M - rank + 1, 'down')

/** False discovery rate under independence or positive dependence. @see Benjamini & Hochberg (1995) */
export const benjaminiHochberg: Adjustment = (p) => stepped(p, (rank, M) => M / rank, 'up')

/** False discovery rate under any dependence. @see Benjamini & Yekutieli (2001) */
export const benjaminiYekutieli: Adjustment = (p) => {
  const c = harmonic(p.length)
  return stepped(p, (rank, M) => (M * c) / rank, 'up')
}

/** Harvey & Liu's form of BY, which leaves the largest p as it is. @see Harvey & Liu (2015), JPM 42(1) */
export const harveyLiuBhy: Adjustment = (p) => {
  const c = harmonic(p.length)
  return stepped(p, (rank, M) => (rank === M ? 1 : (M * c) / rank), 'up')
}

const harmonic = (M: number): number => Array.from({length: M}, (_, k) => 1 / (k + 1)).reduce((a, b) => a + b, 0)

/** @throws Fault `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.out_of_range` */
function checked(p: Series): Float64Array {
  requireSeries(p, 1, 'the list of p-values')
  for (let i = 0; i < p.length; i++) requireThat(p[i]! >= 0 && p[i]! <= 1, `A p-value of ${p[i]} was given.`)
  return Float64Array.from(p)
}

/** Multiply by a factor of the rank (1 = smallest), then make monotone: running max from below, or min from above. */
function stepped(p: Series, factor: (rank: number, M: number) => number, direction: 'down' | 'up'): Float64Array {
  const values = checked(p)
  const M = values.length
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b)
  const adjusted = new Float64Array(M)
  let carried = direction === 'down' ? 0 : 1
  for (let step = 1; step <= M; step++) {
    const rank = direction === 'down' ? step : M - step + 1
    const index = order[rank - 1]!
    const value = Math.min(1, factor(rank, M) * values[index]!)
    carried = direction === 'down' ? Math.max(carried, value) : Math.min(carried, value)
    adjusted[index] = carried
  }
  return adjusted
}

/**
 * Two-sided p of an annual Sharpe over n observations: t = SR √(n/A), n − 1 degrees of freedom.
 *
 * @param srAnnual        annual Sharpe
 * @param n               observations, >= 2
 * @param periodsPerYear  A, observations a year
 */
export function sharpeP(srAnnual: number, n: number, periodsPerYear: number): number {
  requireThat(n >= 2 && periodsPerYear > 0 && Number.isFinite(srAnnual), `Sharpe ${srAnnual} over ${n} observations.`)
  return studentTwoSided(srAnnual * Math.sqrt(n / periodsPerYear), n - 1)
}

/** The annual Sharpe that has this two-sided p; 0 for p = 1. */
export function sharpeOfP(p: number, n: number, periodsPerYear: number): number {
  requireThat(n >= 2 && periodsPerYear > 0 && p >= 0 && p <= 1, `A Sharpe was asked for p ${p} over ${n} observations.`)
  return Math.max(0, studentIsf(p / 2, n - 1)) * Math.sqrt(periodsPerYear / n)
}

export interface Haircut {
  readonly p: number
  readonly adjustedP: number
  /** the Sharpe that is left, annual */
  readonly sharpe: number
  /** share cut off, 0 … 1; NaN for a Sharpe of 0 */
  readonly haircut: number
}

/**
 * What is left of a Sharpe once the p-values of all trials in the ledger stand beside it.
 *
 * @param candidate       annual Sharpe, >= 0
 * @param trials          shape [M], annual Sharpes of every other trial, any sign
 * @param n               observations of each
 * @param periodsPerYear  A
 * @param adjust          e.g. `holm`
 * @throws Fault          `gauntlet.out_of_range`, `gauntlet.not_finite`
 * @see Harvey & Liu (2015), Backtesting, JPM 42(1), with recorded trials in place of simulated ones
 */
export function haircutFromLedger(
  candidate: number,
  trials: Series,
  n: number,
  periodsPerYear: number,
  adjust: Adjustment,
): Haircut {
  requireThat(candidate >= 0, `A haircut of a Sharpe of ${candidate} was asked for.`)
  const p = Float64Array.from([...Array.from(trials, Math.abs), candidate], (sr) => sharpeP(sr, n, periodsPerYear))
  const adjustedP = adjust(p).at(-1)!
  const sharpe = sharpeOfP(adjustedP, n, periodsPerYear)
  return {p: p.at(-1)!, adjustedP, sharpe, haircut: candidate > 0 ? 1 - sharpe / candidate : Number.NaN}
}
