import {normalSf} from '../../kernel/distributions.ts'
import type {PsrQuestion} from '../statistics/psr.ts'
import {sharpeVariance} from '../statistics/sharpe.ts'

/**
 * Chance that the edge is not real, given what was observed and how many ideas are true to begin with: oFDR.
 *
 * q_j = P(SR^ > observed | SR_j) in the 2025 form, as a tail so that strong evidence does not round to none;
 * q0 (1 − π) / (q0 (1 − π) + q1 π). Report only: it prints what a good verdict means when few ideas are true.
 *
 * @param question       observed series, per period
 * @param prior          π, share of ideas that are true
 * @param sharpeIfTrue   SR_1 per period
 * @see López de Prado, Lipton & Zoonekynd (2025), SSRN 5520741
 */
export function posteriorFalseDiscovery(
  {sr, g3, g4, T, rho = 0}: Omit<PsrQuestion, 'sr0'>,
  prior: number,
  sharpeIfTrue: number,
): number {
  const tail = (truth: number): number => normalSf((sr - truth) / Math.sqrt(sharpeVariance(truth, g3, g4, rho) / T))
  const [q0, q1] = [tail(0), tail(sharpeIfTrue)]
  return q0 === 0 ? 0 : (q0 * (1 - prior)) / (q0 * (1 - prior) + q1 * prior)
}
