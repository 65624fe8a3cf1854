import {ASSUMED_TRIALS_FLAG} from '../cognition/hypotheses/trial-count.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {unsealPath, verdictPath} from './gauntlet-stored.ts'
import {forgottenHead} from './ledger-memory.ts'

/**
 * Whether the ledger still knows of everything that left a report: entries that were never committed can be thrown away
 * without breaking a chain. The reports they vouched for are left of them, and the heads that this machine has seen.
 *
 * A loss that was noticed once stays: the verdict entry that says so is in the chain from then on.
 */
export async function ledgerIsWhole(desk: Desk, entries: readonly LedgerEntry[]): Promise<boolean> {
  const judged = new Set(entries.flatMap((entry) => (entry.kind === 'verdict' ? [entry.hypothesis] : [])))
  const asked = new Set(entries.flatMap((entry) => (entry.kind === 'unseal' ? [entry.hypothesis] : [])))
  for (const id of await desk.files.list('reports/gauntlet')) {
    if (!judged.has(id) && (await desk.files.exists(verdictPath(id)))) return false
    if (!asked.has(id) && (await desk.files.exists(unsealPath(id)))) return false
  }
  if ((await forgottenHead(desk, entries)) !== null) return false
  return !entries.some((entry) => entry.kind === 'verdict' && flagsOf(entry.detail).includes(ASSUMED_TRIALS_FLAG))
}

function flagsOf(detail: Extract<LedgerEntry, {kind: 'verdict'}>['detail']): readonly unknown[] {
  const trials = detail?.['trials']
  const flags = typeof trials === 'object' && trials !== null && !Array.isArray(trials) ? trials['flags'] : null
  return Array.isArray(flags) ? flags : []
}
