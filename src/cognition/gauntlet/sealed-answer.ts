import type {GauntletUnseal, Stage} from '../../contracts/gauntlet.ts'

export type SealedReason = GauntletUnseal['reason']

/**
 * Stage 9 as it may be shown: one bit.
 *
 * Which condition failed, and by how much, would teach the author about the vault and is paid for by no alpha: numbers
 * and the single answers are left out. `not_evaluable` says only that no statistic could be computed at all.
 */
export function sealedAnswer(stage: Stage): {verdict: 'PASS' | 'FAIL'; reason: SealedReason; stage: Stage} {
  const passed = stage.verdict === 'PASS'
  const reason = passed ? 'confirmed' : stage.verdict === 'FAIL' ? 'not_confirmed' : 'not_evaluable'
  const sentence = {
    confirmed: 'The sealed vault confirmed it: every condition held on bars that nobody had looked at.',
    not_confirmed: 'The sealed vault did not confirm it.',
    not_evaluable: 'The sealed vault could not be evaluated, and what cannot be evaluated does not pass.',
  }[reason]
  const check = {
    name: 'every condition of the vault',
    value: null,
    threshold: null,
    pass: passed,
    gate: true,
    rule: '' as const,
    note: `${stage.checks.map(({name}) => name).join('; ') || 'not computed'}: values stay sealed`,
  }
  return {
    verdict: passed ? 'PASS' : 'FAIL',
    reason,
    stage: {...stage, verdict: passed ? 'PASS' : 'FAIL', sentence, checks: [check]},
  }
}
