import {entryPath} from '../cognition/hypotheses/ledger.ts'
import {stateOf} from '../cognition/hypotheses/lifecycle.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {groundsOf} from './grounds.ts'
import {refuseTwins, workspacePath} from './hypothesis-files.ts'
import {openLedger} from './ledger-book.ts'
import {identityOf} from './ledger-git.ts'

export interface RetiredHypothesis {
  readonly artifact: 'hypothesis-retire@1'
  readonly ok: true
  readonly id: string
  readonly configuration: string
  /** what it was before */
  readonly from: string
  readonly reason: string
  /** null in a dry run */
  readonly path: string | null
}

const LEAST_REASON = 10

/**
 * Give an idea up, with a reason: its trials, its file and its record stay, and `trade` works its positions off.
 *
 * @throws Fault `hypothesis.no_reason` (usage), `hypothesis.never_registered`, `hypothesis.already_dead`,
 *               `hypothesis.duplicate_id` (contract), `ledger.broken_chain` (data)
 */
export async function hypothesisRetire(desk: Desk, named: string, reason: string): Promise<RetiredHypothesis> {
  const text = reason.trim()
  if (text.length < LEAST_REASON) {
    throw new Fault('hypothesis.no_reason', {
      family: 'usage',
      what: `'${text}' is not a reason.`,
      why: `The graveyard is read by whoever has the same idea again: at least ${LEAST_REASON} characters.`,
      next: [`qo hypothesis retire ${named} --reason "funding is capped since the rule change"`],
    })
  }
  const path = workspacePath(desk, named)
  const hypothesis = await desk.files.read(Hypothesis, path)
  await refuseTwins(desk, [path])
  const ledger = await openLedger(desk)
  const identity = identityOf(hypothesis, await groundsOf(desk))
  const {id} = hypothesis
  const from = stateOf(ledger.entries, id, identity.configuration)
  if (from === 'draft') {
    throw new Fault('hypothesis.never_registered', {
      family: 'contract',
      what: `${id} was never registered in its present form.`,
      why: 'Nothing was run under this configuration, so there is nothing to retire.',
      next: [`git rm ${path}`, `qo hypothesis show ${id}`],
    })
  }
  if (from === 'retired' || from === 'decayed') {
    throw new Fault('hypothesis.already_dead', {
      family: 'contract',
      what: `${id} is ${from} already.`,
      why: 'An end is written once; a second one would only bury the first.',
      next: [`qo hypothesis show ${id}`, 'qo hypothesis graveyard'],
    })
  }
  const result = {artifact: 'hypothesis-retire@1', ok: true, id, configuration: identity.configuration, from} as const
  if (desk.dryRun) return {...result, reason: text, path: null}
  const code_commit = await desk.git.head()
  const dirty = code_commit === null ? null : (await desk.git.dirty(['hypotheses', 'configs'])).length > 0
  const entry = await ledger.append({kind: 'retire', ...identity, code_commit, dirty, reason: text})
  return {...result, reason: text, path: entryPath(entry)}
}
