import {compileHypothesis, type Spot, warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {type LifecycleMove, type LifecycleState, movesOf, stateOf} from '../cognition/hypotheses/lifecycle.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {type TrialCount, trialCount} from '../cognition/hypotheses/trial-count.ts'
import {Hypothesis, type Params} from '../contracts/hypothesis.ts'
import type {Desk} from '../desk.ts'
import {groundsOf} from './grounds.ts'
import {workspacePath} from './hypothesis-files.ts'
import {openLedger} from './ledger-book.ts'
import {gitVersions, identityOf} from './ledger-git.ts'
import {ledgerIsWhole} from './ledger-lost.ts'
import {knownReturns} from './ledger-returns.ts'

export interface ShownHypothesis {
  readonly artifact: 'hypothesis-show@1'
  readonly ok: true
  readonly path: string
  readonly hypothesis: Hypothesis
  readonly configuration: string
  readonly state: LifecycleState
  readonly primary: Params
  readonly warmupBars: number
  readonly inputs: readonly string[]
  readonly lookAhead: readonly Spot[]
  readonly trials: TrialCount
  /** every move of this file's life with the ledger entry behind it, former versions included */
  readonly history: readonly (LifecycleMove & {readonly configuration: string})[]
}

/**
 * One hypothesis: what it claims, what it computes, where it stands, and the evidence behind every move.
 *
 * @throws Fault `artifact.*`, `feature.*`, `hypothesis.*` (contract), `ledger.broken_chain` (data)
 */
export async function hypothesisShow(desk: Desk, named: string): Promise<ShownHypothesis> {
  const path = workspacePath(desk, named)
  const hypothesis = await desk.files.read(Hypothesis, path)
  const compiled = compileHypothesis(hypothesis)
  const primary = primaryParams(hypothesis)
  const {entries} = await openLedger(desk)
  const groundOf = await groundsOf(desk)
  const subject = identityOf(hypothesis, groundOf)
  const intact = await ledgerIsWhole(desk, entries)
  const versions = new Set(
    entries.filter(({hypothesis: id}) => id === hypothesis.id).map((entry) => entry.configuration),
  )
  const history = [...versions].flatMap((configuration) =>
    movesOf(entries, hypothesis.id, configuration).map((move) => ({...move, configuration})),
  )
  return {
    artifact: 'hypothesis-show@1',
    ok: true,
    path,
    hypothesis,
    configuration: subject.configuration,
    state: stateOf(entries, hypothesis.id, subject.configuration),
    primary,
    warmupBars: warmupBars(compiled, primary),
    inputs: [...compiled.inputs, ...compiled.unsupplied.map(({input}) => input)],
    lookAhead: compiled.future,
    trials: trialCount({
      ...{entries, subject, intact},
      git: await gitVersions(desk, groundOf),
      ...(await knownReturns(desk, entries)),
    }),
    history: history.sort((a, b) => a.seq - b.seq || (a.hash < b.hash ? -1 : 1)),
  }
}
