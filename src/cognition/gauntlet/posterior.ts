import {normalSf} from '../../kernel/distributions.ts'
import type {PsrQuestion} from '../statistics/psr.ts'
import {sharpeVariance} from '../statistics/sharpe.ts'

/**
 * Chance that the edge is not real, given what was observed and how many ideas are true to begin with: oFDR.
 *
 * q0 (1 − π) / (q0 (1 − π) + q1 π), q_j = P(the best of `trials` exceeds what was observed): of trials that are all
 * worthless under H0, 1 − F0^N; of the same trials with one that is true under H1, 1 − F1 F0^(N−1). With one trial
 * these are the published tails. The maximum is taken on both sides, or a good figure would speak against itself for
 * having been looked for. More evidence never lowers the answer and more trials never raise it; beside many trials one
 * true idea hides, and the prior is what is left.
 *
 * Tails are in the 2025 form, the variance at each truth, but never smaller under H1 than under H0: a null with the
 * wider tail would claim every figure that is large enough.
 *
 * @param question       observed series, per period
 * @param prior          π, share of ideas that are true
 * @param sharpeIfTrue   SR_1 per period, > 0
 * @param trials         effective number of trials it was chosen from, >= 1, need not be whole
 * @see López de Prado, Lipton & Zoonekynd (2025), SSRN 5520741
 */
export function posteriorFalseDiscovery(
  {sr, g3, g4, T, rho = 0}: Omit<PsrQuestion, 'sr0'>,
  prior: number,
  sharpeIfTrue: number,
  trials = 1,
): number {
  const v0 = sharpeVariance(0, g3, g4, rho)
  const v1 = Math.max(v0, sharpeVariance(sharpeIfTrue, g3, g4, rho))
  const t0 = normalSf(sr / Math.sqrt(v0 / T))
  // Far below zero a wider H1 has the smaller tail, which is no evidence for H0.
  const t1 = Math.max(t0, normalSf((sr - sharpeIfTrue) / Math.sqrt(v1 / T)))
  // expm1 and log1p keep a tiny tail from vanishing in 1 − (1 − t).
  const others = trials > 1 ? (trials - 1) * Math.log1p(-t0) : 0
  const [q0, q1] = [-Math.expm1(others + Math.log1p(-t0)), -Math.expm1(others + Math.log1p(-t1))]
  return q0 === 0 ? 0 : (q0 * (1 - prior)) / (q0 * (1 - prior) + q1 * prior)
}
