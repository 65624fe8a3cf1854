import {entryHash, inLedgerOrder} from '../cognition/hypotheses/ledger.ts'
import {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {unsealPath} from './gauntlet-stored.ts'
import {requireRemembered} from './ledger-memory.ts'

const FOLDER = 'hypotheses/ledger'

/**
 * The entries of this ledger, and what was asked of a vault on any other branch that git knows.
 *
 * Otherwise a refusal could be left behind on a branch, and the next question asked at the level of the first.
 */
export async function askedAnywhere(desk: Desk, entries: readonly LedgerEntry[]): Promise<LedgerEntry[]> {
  const known = new Set(entries.map(({hash}) => hash.slice(0, 12)))
  const elsewhere = (await desk.git.added(FOLDER, {everywhere: true})).filter(
    (path) => !known.has(/-([0-9a-f]{12})\.json$/.exec(path)?.[1] ?? ''),
  )
  if (elsewhere.length === 0) return [...entries]
  const missing = new Set(elsewhere)
  const found = new Map<string, LedgerEntry>()
  for (const {path, text} of await desk.git.everyVersion(FOLDER)) {
    const entry = missing.has(path) ? questionIn(desk, path, text) : null
    if (entry !== null) found.set(entry.hash, entry)
  }
  return inLedgerOrder([...entries, ...found.values()])
}

/** A question to a vault or its answer, when the file is what its hash says; null for any other entry. */
function questionIn(desk: Desk, path: string, text: string): LedgerEntry | null {
  try {
    const entry = desk.files.parse(LedgerEntry, path, text)
    const asks = entry.kind === 'unseal-intent' || entry.kind === 'unseal'
    return asks && entry.hash === entryHash(entry) ? entry : null
  } catch (cause) {
    if (cause instanceof Fault) return null
    throw cause
  }
}

/**
 * No vault is asked from a ledger that has lost entries: they may have been questions.
 *
 * @throws Fault `ledger.rolled_back` (data)
 */
export async function requireWholeHistory(desk: Desk, entries: readonly LedgerEntry[]): Promise<void> {
  await requireRemembered(desk, entries)
  const asked = new Set(entries.flatMap((entry) => (entry.kind === 'unseal' ? [entry.hypothesis] : [])))
  for (const id of await desk.files.list('reports/gauntlet')) {
    if (asked.has(id) || !(await desk.files.exists(unsealPath(id)))) continue
    throw new Fault('ledger.rolled_back', {
      family: 'data',
      what: `${unsealPath(id)} tells of an answer that the ledger does not hold.`,
      why: 'A vault was asked, or somebody wrote the file by hand; entries that are gone may have been questions, and each is paid for.',
      next: [
        'restore hypotheses/ledger from a copy',
        `git log --all -- ${FOLDER}`,
        `rm ${unsealPath(id)}, if it was written by hand`,
      ],
    })
  }
}
