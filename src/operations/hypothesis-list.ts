import {compileHypothesis} from '../cognition/features/compile-hypothesis.ts'
import {type LifecycleState, stateOf} from '../cognition/hypotheses/lifecycle.ts'
import {trialCount} from '../cognition/hypotheses/trial-count.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {Desk} from '../desk.ts'
import {groundsOf} from './grounds.ts'
import {namedPaths} from './hypothesis-files.ts'
import {openLedger} from './ledger-book.ts'
import {gitVersions, identityOf} from './ledger-git.ts'
import {ledgerIsWhole} from './ledger-lost.ts'
import {knownReturns} from './ledger-returns.ts'

export interface ListedHypothesis {
  readonly id: string
  readonly path: string
  readonly family: string
  readonly state: LifecycleState
  readonly bar: string
  readonly gridPoints: number
  /** trials its family has to pay for */
  readonly trials: number
  readonly configuration: string
}

export interface HypothesisList {
  readonly artifact: 'hypothesis-list@1'
  readonly ok: true
  readonly hypotheses: readonly ListedHypothesis[]
}

/**
 * Every hypothesis file with its state, derived from the ledger, and the trials its family has to pay for.
 *
 * @throws Fault `hypothesis.none`, `artifact.invalid`, `feature.*` (contract), `ledger.broken_chain` (data)
 */
export async function hypothesisList(desk: Desk): Promise<HypothesisList> {
  const {entries} = await openLedger(desk)
  const groundOf = await groundsOf(desk)
  const git = await gitVersions(desk, groundOf)
  const returns = await knownReturns(desk, entries)
  const intact = await ledgerIsWhole(desk, entries)
  const hypotheses: ListedHypothesis[] = []
  for (const path of await namedPaths(desk, [])) {
    const hypothesis = await desk.files.read(Hypothesis, path)
    compileHypothesis(hypothesis)
    const subject = identityOf(hypothesis, groundOf)
    const {id, family, bar} = hypothesis
    hypotheses.push({
      id,
      path,
      family,
      state: stateOf(entries, id, subject.configuration),
      bar,
      gridPoints: subject.n_points,
      trials: trialCount({entries, subject, git, ...returns, intact}).N,
      configuration: subject.configuration,
    })
  }
  return {artifact: 'hypothesis-list@1', ok: true, hypotheses}
}
