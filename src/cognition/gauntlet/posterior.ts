import {type PsrQuestion, psrAtNull} from '../statistics/psr.ts'

/**
 * Chance that the edge is not real, given what was observed and how many ideas are true to begin with: oFDR.
 *
 * q_j = P(SR^ > observed | SR_j) in the 2025 form; q0 (1 − π) / (q0 (1 − π) + q1 π). Report only: it prints what a good
 * verdict means when few ideas are true.
 *
 * @param question       observed series, per period
 * @param prior          π, share of ideas that are true
 * @param sharpeIfTrue   SR_1 per period
 * @see López de Prado, Lipton & Zoonekynd (2025), SSRN 5520741
 */
export function posteriorFalseDiscovery(
  question: Omit<PsrQuestion, 'sr0'>,
  prior: number,
  sharpeIfTrue: number,
): number {
  const q0 = 1 - psrAtNull({...question, sr0: 0})
  const q1 = 1 - psrAtNull({...question, sr0: sharpeIfTrue})
  const worthless = q0 * (1 - prior)
  return worthless / (worthless + q1 * prior)
}
