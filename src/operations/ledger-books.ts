import type {Book} from '../cognition/gauntlet/marginal-value.ts'
import {isConfirmed, stateOf} from '../cognition/hypotheses/lifecycle.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {configurationReturns} from './ledger-returns.ts'

/**
 * Books that a new idea has to add something to: every configuration that a vault has confirmed and nothing has undone.
 *
 * Versions of the idea itself are left out: they would be replaced, not joined.
 *
 * @param entries  what was known when the idea is judged: the same entries give the same books
 */
export async function confirmedBooks(desk: Desk, entries: readonly LedgerEntry[], hypothesis: string): Promise<Book[]> {
  const books: Book[] = []
  const asked = new Map(
    entries.flatMap((entry) =>
      entry.kind === 'unseal' && entry.hypothesis !== hypothesis ? [[entry.configuration, entry.hypothesis]] : [],
    ),
  )
  for (const [configuration, name] of [...asked].sort()) {
    const state = stateOf(entries, name, configuration)
    if (!isConfirmed(state)) continue
    books.push({hypothesis: name, state, points: await configurationReturns(desk, entries, configuration)})
  }
  return books
}
