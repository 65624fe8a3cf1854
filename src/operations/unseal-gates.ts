import type {VaultAlpha, VaultHistory} from '../cognition/gauntlet/vault-alpha.ts'
import type {LifecycleState} from '../cognition/hypotheses/lifecycle.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {Member} from './gauntlet-batch.ts'
import type {Registration} from './gauntlet-register.ts'

/** The rule that is asked about must be the one in history: without a repository nobody could tell. */
export async function requireCleanTree(desk: Desk): Promise<void> {
  if ((await desk.git.head()) === null) {
    throw new Fault('unseal.no_repository', {
      family: 'contract',
      what: 'This workspace is in no git repository with a commit.',
      why: 'A vault is opened for a rule that history can show; without history nobody could tell what was asked.',
      next: ['git init && git add -A && git commit -m "a workspace"'],
    })
  }
  const dirty = await desk.git.dirty(['hypotheses', 'configs'])
  if (dirty.length === 0) return
  throw new Fault('unseal.dirty_tree', {
    family: 'contract',
    what: `${dirty.slice(0, 3).join(', ')}${dirty.length > 3 ? ` and ${dirty.length - 3} more` : ''} ${dirty.length === 1 ? 'is' : 'are'} not committed.`,
    why: 'The vault answers for what is in history: hypotheses, configs and ledger must be committed first.',
    next: ['git add hypotheses configs && git commit', 'qo gauntlet --commit'],
  })
}

/** An idea that has ended asks nothing any more: its answer could change nothing, and would be paid for. */
export function requireAlive({hypothesis: {id}}: Member, state: LifecycleState): void {
  if (state !== 'retired' && state !== 'decayed') return
  throw new Fault('unseal.ended', {
    family: 'verdict',
    what: `${id} is ${state}.`,
    why: 'An end is final for this configuration; a vault is asked only for what could still trade.',
    next: [`qo hypothesis show ${id}`],
  })
}

export function requireEligible(
  {hypothesis}: Member,
  prior: Extract<LedgerEntry, {kind: 'verdict'}> | null,
  registration: Registration | null,
): Registration & {readonly vault: Vault} {
  if (prior?.verdict !== 'ELIGIBLE') {
    throw new Fault('unseal.not_eligible', {
      family: 'verdict',
      what: `${hypothesis.id} is ${prior === null ? 'not judged in its present form' : prior.verdict}, not ELIGIBLE.`,
      why: 'The vault is spent by survivors only: stages 0 to 8 come first, on this very rule and under these gates.',
      next: [`qo gauntlet hypotheses/${hypothesis.id}.yaml`],
    })
  }
  if (registration?.vault) return {...registration, vault: registration.vault}
  throw new Fault('unseal.no_vault', {
    family: 'contract',
    what: `The vault of ${hypothesis.id} is not in configs/vaults.yaml.`,
    why: 'It was registered against a sealed window that the workspace no longer declares.',
    next: ['git checkout -- configs/vaults.yaml'],
  })
}

/**
 * A vault answers as a whole, and for the window it had when it was first relied on: rows that research has read since
 * are no longer sealed, and a window that moves between attempts would be chosen by their answers.
 */
export function requireUntouched(desk: Desk, entries: readonly LedgerEntry[], vault: Vault): void {
  if (desk.asOf < Date.parse(vault.end)) {
    throw new Fault('unseal.too_early', {
      family: 'usage',
      what: `${vault.id} ends on ${vault.end}, after the decision time.`,
      why: 'Half a vault is another vault, chosen by whoever picked the date.',
      next: ['leave --as-of out'],
    })
  }
  const researched = entries.some(
    (entry) => entry.kind === 'register' && entry.vault === vault.id && (entry.window?.end ?? '') > vault.start,
  )
  if (researched) throw moved(vault.id, 'Research has read rows of it: an earlier registration ended after its start.')
  requireAskedVaults(
    entries.filter((entry) => entry.kind === 'unseal-intent' && entry.vault === vault.id),
    [vault],
  )
}

/** Every vault that was ever asked is still declared as it was then: its attempts are paid for as long as data last. */
export function requireAskedVaults(entries: readonly LedgerEntry[], vaults: readonly Vault[]): void {
  for (const entry of entries) {
    if (entry.kind !== 'unseal-intent') continue
    const vault = vaults.find(({id}) => id === entry.vault)
    if (vault?.start === entry.window.start && vault.end === entry.window.end) continue
    throw moved(entry.vault, `It was asked as ${entry.window.start} to ${entry.window.end}.`)
  }
}

const moved = (id: string, why: string): Fault =>
  new Fault('vault.moved', {
    family: 'contract',
    what: `${id} is not the window it was.`,
    why: `${why} A vault that moves or disappears after it was relied on proves nothing.`,
    next: ['git checkout -- configs/vaults.yaml', 'git log -p configs/vaults.yaml'],
  })

export function requireAlpha(vault: Vault, {alpha, attempt, exhausted}: VaultAlpha): void {
  if (!exhausted) return
  throw new Fault('vault.exhausted', {
    family: 'data',
    what: `${vault.id} is spent: attempt ${attempt} would be tested at ${alpha.toPrecision(2)}.`,
    why: 'Every question to a vault costs alpha, and what is left could confirm nothing but a fluke.',
    next: ['wait for fresh data: the next gauntlet run seals a new vault', 'qo lake status'],
  })
}

/** Two runs that read the ledger at the same moment would both be tested at the level of one question: neither is. */
export function requireSoleQuestion(before: VaultHistory, after: VaultHistory, vault: Vault): void {
  if (after.attempts === before.attempts + 1) return
  throw new Fault('unseal.lost_race', {
    family: 'data',
    what: `Another run asked ${vault.id} at the same moment.`,
    why: 'Each question is tested at a level of its own. This attempt is spent; no sealed row was loaded.',
    next: ['run the command again when the other one has ended'],
  })
}
