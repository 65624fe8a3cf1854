import {headsOf} from '../cognition/hypotheses/ledger.ts'
import {type LedgerEntry, LedgerMemory} from '../contracts/ledger.ts'
import {AuditHeads} from '../contracts/rituals.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

const MEMORY = LedgerMemory.path.split('/').at(-1)!
const FOLDER = 'hypotheses/ledger'

/** Remember the heads of the ledger as it now is, and whatever is missing from it since an earlier time. */
export async function rememberHeads(desk: Desk, entries: readonly LedgerEntry[]): Promise<void> {
  const present = new Set(entries.map(({hash}) => hash))
  const missing = (await remembered(desk)).filter((hash) => !present.has(hash))
  const heads = [...new Set([...headsOf(entries).map(({hash}) => hash), ...missing])]
  await desk.state.write(LedgerMemory, {artifact: 'ledger-memory@1', root: desk.root, heads}, MEMORY)
}

/**
 * A head that this machine or the last good audit has seen, and that neither the ledger nor any branch of git holds any
 * more; null when there is none.
 *
 * Entries that were never committed can be deleted without breaking the chain of those that are left: that they were
 * there is known from here. A branch that was checked out instead holds the missing head in git, and is no loss.
 */
export async function forgottenHead(desk: Desk, entries: readonly LedgerEntry[]): Promise<string | null> {
  const present = new Set(entries.map(({hash}) => hash))
  const missing = [...(await seenHeads(desk))].filter((hash) => !present.has(hash))
  if (missing.length === 0) return null
  const committed = (await desk.git.added(FOLDER, {everywhere: true})).join('\n')
  return missing.find((hash) => !committed.includes(`-${hash.slice(0, 12)}.json`)) ?? null
}

/** @throws Fault `ledger.rolled_back` (data) */
export async function requireRemembered(desk: Desk, entries: readonly LedgerEntry[]): Promise<void> {
  const lost = await forgottenHead(desk, entries)
  if (lost === null) return
  throw new Fault('ledger.rolled_back', {
    family: 'data',
    what: `The ledger once ended in entry ${lost.slice(0, 12)}, and that entry is gone.`,
    why: 'The present head does not descend from one that was there: entries were taken away. Until they are back at least 1000 trials are assumed of every idea.',
    next: ['restore hypotheses/ledger from a copy', 'git stash list', 'qo audit verify'],
  })
}

async function seenHeads(desk: Desk): Promise<Set<string>> {
  const seen = new Set(await remembered(desk))
  if (await desk.files.exists(AuditHeads.path)) {
    const {chains} = await desk.files.read(AuditHeads)
    for (const {chain, heads} of chains) if (chain === 'ledger') for (const head of heads) seen.add(head)
  }
  return seen
}

/** A memory that cannot be read, or is of another workspace, remembers nothing; the audit and git still do. */
async function remembered(desk: Desk): Promise<string[]> {
  if (!(await desk.state.exists(MEMORY))) return []
  try {
    const {root, heads} = await desk.state.read(LedgerMemory, MEMORY)
    return root === desk.root ? heads : []
  } catch (cause) {
    if (cause instanceof Fault) return []
    throw cause
  }
}
