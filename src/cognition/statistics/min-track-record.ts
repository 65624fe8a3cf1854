import {normalPpf} from '../../kernel/distributions.ts'
import type {PsrQuestion} from './psr.ts'
import {requireThat} from './series.ts'
import {sharpeVariance} from './sharpe.ts'

/**
 * Observations needed before PSR(SR0) reaches `confidence`; +Infinity when SR <= SR0.
 *
 * @param confidence  one-sided, 0.5 < c < 1
 * @throws Fault      `gauntlet.out_of_range`
 * @see Bailey & López de Prado (2012), J. Risk 15(2)
 */
export function minTrackRecord({sr, sr0, g3, g4}: Omit<PsrQuestion, 'T'>, confidence = 0.95): number {
  requireThat(confidence > 0.5 && confidence < 1, `A confidence of ${confidence} was asked for.`)
  requireThat(!Number.isNaN(sr - sr0), 'A Sharpe ratio is missing.')
  if (sr <= sr0) return Number.POSITIVE_INFINITY
  return 1 + sharpeVariance(sr, g3, g4) * (normalPpf(confidence) / (sr - sr0)) ** 2
}
