import type {Span} from '../cognition/gauntlet/plan-vault.ts'
import type {LedgerEntry, LedgerIdentity} from '../contracts/ledger.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Member} from './gauntlet-batch.ts'
import type {LedgerBook} from './ledger-book.ts'
import {identityOf} from './ledger-git.ts'
import {readBeforeSeal} from './vault-memory.ts'

/** What was true of a hypothesis before its first run, and may not change after it. */
export interface Registration {
  readonly member: Member
  readonly vault: Vault | null
  /** first tradable bar of the venue, epoch ms; null: the lake has no bars of it */
  readonly span: Span | null
  readonly entry: LedgerEntry
  /** lake commit the data are pinned to */
  readonly commit: number
}

/** Who the member is to the ledger, and the state of the code and configs that judge it. */
export async function ledgerIdentity(desk: Desk, {hypothesis, groundOf}: Member): Promise<LedgerIdentity> {
  const code_commit = await desk.git.head()
  const dirty = code_commit === null ? null : (await desk.git.dirty(['hypotheses', 'configs'])).length > 0
  return {...identityOf(hypothesis, groundOf), code_commit, dirty}
}

/**
 * Stage 0 in the ledger: who, which rule, which window, which vault, before anything is run.
 *
 * The window ends where the vault begins and the lake is pinned to its newest commit: later data cannot change what a
 * registered idea is judged on.
 */
export async function registerMember(
  desk: Desk,
  ledger: LedgerBook,
  member: Member,
  {
    vault,
    span,
    givenUp,
    commit: pinned,
  }: Pick<Registration, 'vault' | 'span'> & {
    readonly givenUp: readonly Vault[]
    /** of a registration of the same rule: a copy is judged on what its original was */
    readonly commit?: number
  },
): Promise<Registration> {
  const commit = pinned ?? (await desk.lake.commits()).at(-1)?.n ?? 0
  const start = span === null || vault === null ? null : {start: isoOf(span.from), end: vault.start}
  const readUntil = await readBeforeSeal(desk, vault)
  const entry = await ledger.append({
    kind: 'register',
    ...(await ledgerIdentity(desk, member)),
    yaml_sha: member.inputs[member.path]!,
    data_sha: null,
    lake_commit: commit,
    window: start,
    vault: vault?.id ?? member.hypothesis.gauntlet.vault ?? null,
    sr_target: member.hypothesis.gauntlet.sr_target,
    detail: {
      conditions: member.conditions,
      vault_end: vault?.end ?? null,
      vault_venue: vault?.venue ?? null,
      ...(readUntil === null ? {} : {read_until: readUntil}),
      // Whoever finds an earlier window in git or in an older entry reads here that nobody relied on it any more.
      ...(givenUp.length > 0 ? {given_up: givenUp.map((one) => ({...one}))} : {}),
    },
  })
  return {member, vault, span, entry, commit}
}

/**
 * The registration behind an earlier verdict: the same window, vault and lake commit, so that a lost report comes out
 * with the same bytes. Nothing is written; null when there is none, or its window is not what it was.
 *
 * @param anyName  a registration of the same rule by another name will do
 */
export function recallRegistration(
  entries: readonly LedgerEntry[],
  member: Member,
  before: number,
  vaults: readonly Vault[],
  {anyName = false}: {anyName?: boolean} = {},
): Registration | null {
  const entry = entries.findLast(
    (candidate) =>
      candidate.kind === 'register' &&
      (anyName || candidate.hypothesis === member.hypothesis.id) &&
      candidate.configuration === member.configuration &&
      candidate.detail?.['conditions'] === member.conditions &&
      candidate.seq < before,
  )
  if (entry?.kind !== 'register') return null
  const {window} = entry
  const named = vaults.filter(({id}) => id === entry.vault)
  // A window that was moved since is another window, whatever its name.
  const vault = named.find(({start, end}) => start === window?.end && end === entry.detail?.['vault_end']) ?? null
  if (vault === null ? window !== null || named.length > 0 : vault.venue !== member.venue) return null
  return {
    member,
    vault,
    span: window && {from: Date.parse(window.start), to: Date.parse(window.end)},
    entry,
    commit: entry.lake_commit,
  }
}
