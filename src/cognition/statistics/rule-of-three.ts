import {chi2Ppf} from '../../kernel/distributions.ts'
import {moments} from './moments.ts'
import {requireThat, type Series, sum} from './series.ts'

/** 95 % Poisson upper bound of a rate after c events: χ²₂c₊₂(.95)/2. 3.00 for none, which names the rule. */
export function crashRateUpper(c: number): number {
  requireThat(Number.isInteger(c) && c >= 0, `A crash count of ${c} was given.`)
  return chi2Ppf(0.95, 2 * c + 2) / 2
}

export interface TailHonesty {
  /** size of the crash that the sample may be hiding, in return units */
  readonly crashSize: number
  /** realised losses of at least half that size */
  readonly crashes: number
  /** crashes that the sample cannot exclude, 95 % */
  readonly crashesUpper: number
  readonly pnlWithoutCrashes: number
  readonly pass: boolean
}

/**
 * Does the edge survive the highest crash rate that the sample cannot exclude?
 *
 * L = max(|worst realised period|, `worstAdverseMove`, 10 sd). The P&L without the losses of L/2 and more must be at
 * least λ_U · L. A seller of crashes has a beautiful record until the first one; skew and kurtosis cannot price an
 * event that is not in the data.
 *
 * @param r                 shape [T] per-period net returns
 * @param worstAdverseMove  worst move of an underlying in the research window × its largest absolute weight, maximum
 *                          over assets, >= 0
 * @throws Fault            `gauntlet.out_of_range`, `gauntlet.no_variance`, `gauntlet.not_finite`,
 *                          `gauntlet.sample_too_small`
 */
export function ruleOfThree(r: Series, worstAdverseMove: number): TailHonesty {
  requireThat(worstAdverseMove >= 0 && Number.isFinite(worstAdverseMove), `A worst move of ${worstAdverseMove}.`)
  const {sd} = moments(r)
  const returns = Array.from(r)
  const worst = returns.reduce((most, value) => Math.max(most, -value), 0)
  const crashSize = Math.max(worst, worstAdverseMove, 10 * sd)
  const kept = returns.filter((value) => -value < crashSize / 2)
  const crashes = returns.length - kept.length
  return {crashSize, ...survivesCrashes(sum(kept), crashSize, crashes)}
}

/** The comparison itself: P&L without its `crashes` against λ_U(c) · L. */
export function survivesCrashes(pnlWithoutCrashes: number, crashSize: number, crashes: number) {
  requireThat(Number.isFinite(pnlWithoutCrashes) && crashSize > 0, `P&L ${pnlWithoutCrashes}, crash ${crashSize}.`)
  const crashesUpper = crashRateUpper(crashes)
  return {crashes, crashesUpper, pnlWithoutCrashes, pass: pnlWithoutCrashes >= crashesUpper * crashSize - 1e-12}
}
