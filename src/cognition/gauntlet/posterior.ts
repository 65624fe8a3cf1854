import {normalSf} from '../../kernel/distributions.ts'
import type {PsrQuestion} from '../statistics/psr.ts'
import {sharpeVariance} from '../statistics/sharpe.ts'

/**
 * Chance that the edge is not real, given what was observed and how many ideas are true to begin with: oFDR.
 *
 * q_j = P(SR^ > observed | SR_j) in the 2025 form, as a tail so that strong evidence does not round to none;
 * q0 (1 − π) / (q0 (1 − π) + q1 π). What is seen is the best of `trials`, so q0 is the tail of the best of as many
 * worthless ones, 1 − (1 − q0)^trials: without it a mined idea would look as sure as a single honest one. Report only.
 *
 * @param question       observed series, per period
 * @param prior          π, share of ideas that are true
 * @param sharpeIfTrue   SR_1 per period
 * @param trials         effective number of trials it was chosen from, >= 1
 * @see López de Prado, Lipton & Zoonekynd (2025), SSRN 5520741
 */
export function posteriorFalseDiscovery(
  {sr, g3, g4, T, rho = 0}: Omit<PsrQuestion, 'sr0'>,
  prior: number,
  sharpeIfTrue: number,
  trials = 1,
): number {
  const tail = (truth: number): number => normalSf((sr - truth) / Math.sqrt(sharpeVariance(truth, g3, g4, rho) / T))
  // expm1 and log1p keep a tiny tail from vanishing in 1 − (1 − q0).
  const [q0, q1] = [-Math.expm1(trials * Math.log1p(-tail(0))), tail(sharpeIfTrue)]
  return q0 === 0 ? 0 : (q0 * (1 - prior)) / (q0 * (1 - prior) + q1 * prior)
}
