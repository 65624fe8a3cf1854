import type {Stage, VerdictName} from '../../contracts/gauntlet.ts'
import {Fault} from '../../kernel/fault.ts'
import type {Judgement} from './check.ts'

/** A stage waiting for its turn: nothing is computed before it. */
export interface StageCall {
  readonly id: number
  readonly name: string
  readonly judge: () => Judgement
}

export interface StagesRun {
  readonly verdict: Exclude<VerdictName, 'PASS'>
  /** id of the first stage that is not passed */
  readonly failedStage: number | null
  readonly decidesOn: string | null
  /** what killed the idea, or let it through */
  readonly sentence: string
  readonly stages: readonly Stage[]
}

/**
 * Run stages in order, cheapest first, and stop at the first one that is not passed.
 *
 * The verdict is that of the first stage that is not passed, whatever later stages say. An exception is the verdict
 * ERROR of its stage: nothing that broke ever counts as passed.
 *
 * @param all  go on after a failure, for the full picture; the verdict stays the same
 */
export function runStages(calls: readonly StageCall[], all: boolean): StagesRun {
  const stages: Stage[] = []
  let first: Judgement | null = null
  for (const call of calls) {
    const judgement = attempt(call)
    stages.push(judgement.stage)
    if (judgement.stage.verdict === 'PASS') continue
    first ??= judgement
    if (!all) break
  }
  const failed = first?.stage
  return {
    verdict: failed === undefined || failed.verdict === 'PASS' ? 'ELIGIBLE' : failed.verdict,
    failedStage: failed?.id ?? null,
    decidesOn: first?.decidesOn ?? null,
    sentence: failed
      ? `Stage ${failed.id} (${failed.name}): ${failed.sentence}`
      : `All ${stages.length} stages passed: the sealed vault may be asked.`,
    stages,
  }
}

function attempt({id, name, judge}: StageCall): Judgement {
  try {
    return judge()
  } catch (error) {
    const said =
      error instanceof Fault ? `${error.what} (${error.code})` : error instanceof Error ? error.message : String(error)
    const short = error instanceof Fault && error.code === 'gauntlet.sample_too_small'
    const verdict = short ? 'INSUFFICIENT' : 'ERROR'
    const stage: Stage = {id, name, verdict, sentence: said, checks: [], seed: null, notRun: []}
    return {stage, decidesOn: short ? 'candles' : null}
  }
}
