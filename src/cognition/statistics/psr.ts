import {normalCdf, studentCdf} from '../../kernel/distributions.ts'
import {autocorrelations, moments} from './moments.ts'
import {requireObservations, type Series} from './series.ts'
import {sharpeVariance} from './sharpe.ts'

/** Independent observations below which no t distribution is worth the name. */
const MIN_EFFECTIVE = 3

/** What a Probabilistic Sharpe Ratio is asked about; everything per period. */
export interface PsrQuestion {
  readonly sr: number
  /** the benchmark Sharpe */
  readonly sr0: number
  readonly T: number
  readonly g3: number
  /** NOT excess */
  readonly g4: number
  /** lag-1 autocorrelation; negative values count as 0 in the hard forms */
  readonly rho?: number
}

/**
 * P(true SR > SR0), variance at the observed SR, divisor T − 1. 1 − PSR is the one-sided p-value.
 *
 * @throws Fault  `gauntlet.sample_too_small` (data) below 3, `gauntlet.out_of_range` as `sharpeVariance`
 * @see Bailey & López de Prado (2012), The Sharpe Ratio Efficient Frontier, J. Risk 15(2)
 */
export function psr({sr, sr0, T, g3, g4}: PsrQuestion): number {
  requireObservations(T, 3)
  return normalCdf(((sr - sr0) * Math.sqrt(T - 1)) / Math.sqrt(sharpeVariance(sr, g3, g4)))
}

/**
 * The 2025 form: variance at the null SR0, divisor T, AR(1) term.
 *
 * @see López de Prado, Lipton & Zoonekynd (2025), SSRN 5520741
 */
export function psrAtNull({sr, sr0, T, g3, g4, rho = 0}: PsrQuestion): number {
  requireObservations(T, 3)
  return normalCdf((sr - sr0) / Math.sqrt(sharpeVariance(sr0, g3, g4, rho) / T))
}

/** The z score of `psrHard`: the larger of the variances at SR and at SR0, negative autocorrelation not rewarded. */
function hardZ({sr, sr0, T, g3, g4, rho = 0}: PsrQuestion): number {
  requireObservations(T, 3)
  const floored = Math.max(0, rho)
  const variance = Math.max(sharpeVariance(sr, g3, g4, floored), sharpeVariance(sr0, g3, g4, floored))
  return ((sr - sr0) * Math.sqrt(T - 1)) / Math.sqrt(variance)
}

/** PSR that is conservative for either sign of skew and for positive autocorrelation (own; the project's default). */
export const psrHard = (question: PsrQuestion): number => normalCdf(hardZ(question))

/**
 * `psrHard` as gates read it: Student t with T_eff − 1 degrees of freedom while T_eff = T(1 − ρ)/(1 + ρ) < 100, and
 * the normal from there on.
 *
 * @throws Fault  `gauntlet.sample_too_small` when T_eff < 3 (the series is one long trend), and as `psr`
 */
export function psrHardGate(question: PsrQuestion): number {
  const z = hardZ(question)
  const rho = Math.max(0, question.rho ?? 0)
  const effective = (question.T * (1 - rho)) / (1 + rho)
  if (effective >= 100) return normalCdf(z)
  requireObservations(effective, MIN_EFFECTIVE, 'net of its autocorrelation the series')
  return studentCdf(z, effective - 1)
}

/**
 * The question a return series puts: its own moments and lag-1 autocorrelation against `sr0`.
 *
 * @param r       shape [T], T >= 3
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.no_variance`
 */
export function psrQuestion(r: Series, sr0 = 0): PsrQuestion {
  const {sr, T, g3, g4} = moments(r)
  return {sr, sr0, T, g3, g4, rho: autocorrelations(r, 1)[0]!}
}
