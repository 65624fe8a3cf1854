import type {LedgerEntry} from '../../contracts/ledger.ts'
import {type Vault, Vaults} from '../../contracts/workspace.ts'
import {type VaultHistory, vaultAlpha} from './vault-alpha.ts'

type Intent = Extract<LedgerEntry, {kind: 'unseal-intent'}>
type Answer = Extract<LedgerEntry, {kind: 'unseal'}>

const intentsOf = (entries: readonly LedgerEntry[]): Intent[] =>
  entries.filter((entry): entry is Intent => entry.kind === 'unseal-intent')
const answersOf = (entries: readonly LedgerEntry[]): Answer[] =>
  entries.filter((entry): entry is Answer => entry.kind === 'unseal')

/**
 * What was asked of a vault so far, and how far this family has got anywhere.
 *
 * An intent counts whether or not an answer followed: a crash after it burnt the attempt.
 *
 * @param family  hypotheses that are one idea, however they are called: as `trialCount` finds them
 */
export function vaultHistory(
  entries: readonly LedgerEntry[],
  vault: string,
  family: ReadonlySet<string>,
): VaultHistory {
  const passed = answersOf(entries).filter(({verdict}) => verdict === 'PASS')
  const passedHere = (intent: Intent): boolean =>
    passed.some(
      (answer) =>
        answer.vault === intent.vault &&
        answer.configuration === intent.configuration &&
        answer.attempt === intent.attempt,
    )
  const failed = intentsOf(entries).filter((intent) => family.has(intent.hypothesis) && !passedHere(intent))
  return {
    attempts: intentsOf(entries).filter((intent) => intent.vault === vault).length,
    passes: passed.filter((answer) => answer.vault === vault).length,
    familyAttempt: Math.max(0, ...failed.map(({attempt}) => attempt)),
  }
}

/** Vaults that no family could open any more. */
export function exhaustedVaults(entries: readonly LedgerEntry[], vaults: readonly Vault[], alpha: number): Set<string> {
  const spent = vaults.filter(({id, policy}) => {
    const {attempts, passes} = vaultHistory(entries, id, new Set())
    return vaultAlpha({attempts, passes, familyAttempt: 0}, policy, alpha).exhausted
  })
  return new Set(spent.map(({id}) => id))
}

/**
 * Vaults that may still be planned anew: never asked, and no idea waits for their answer. Their rows were seen by
 * nobody, so a longer window over the same venue proves as much.
 */
export function movableVaults(entries: readonly LedgerEntry[], vaults: readonly Vault[]): Set<string> {
  const asked = new Set(intentsOf(entries).map(({vault}) => vault))
  const waiting = new Set(
    entries.flatMap((entry) => (entry.kind === 'verdict' && entry.verdict === 'ELIGIBLE' ? [entry.hypothesis] : [])),
  )
  const waitedFor = new Set(
    entries.flatMap((entry) => (entry.kind === 'register' && waiting.has(entry.hypothesis) ? [entry.vault] : [])),
  )
  return new Set(vaults.filter(({id}) => !asked.has(id) && !waitedFor.has(id)).map(({id}) => id))
}

/** Windows that a registration gave up for a longer one: what was judged before them stands as it is. */
export const givenUpVaults = (entries: readonly LedgerEntry[]): Vault[] =>
  entries.flatMap((entry) => {
    const named = entry.kind === 'register' ? Vaults.schema.shape.vaults.safeParse(entry.detail?.['given_up']) : null
    return named?.success === true ? named.data : []
  })

/** The answer this configuration already got from this vault; asking again is free and changes nothing. */
export const storedAnswer = (entries: readonly LedgerEntry[], configuration: string): Answer | null =>
  answersOf(entries).findLast((answer) => answer.configuration === configuration) ?? null
