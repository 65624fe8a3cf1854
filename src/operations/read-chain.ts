import {auditJournal} from '../cockpit/audit/journal-chain.ts'
import type {FilesPort, JournalEntry} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

/**
 * Entries of a hash-chained JSONL file, checked to the last whole line; empty when there is no such file.
 *
 * A tail without its newline is a write in progress or one that a crash cut short: its writer will say so, a reader
 * leaves it out.
 *
 * @throws Fault `journal.broken_chain` (data)
 */
export async function readChain(files: FilesPort, path: string): Promise<JournalEntry[]> {
  if (!(await files.exists(path))) return []
  const text = await files.readText(path)
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const {damage} = auditJournal('journal', path, whole)
  if (damage !== null) {
    throw new Fault('journal.broken_chain', {
      family: 'data',
      what: `${path} is damaged at line ${damage.line}: ${damage.why}.`,
      why: 'Each entry carries the hash of the one before it; behind a broken link nothing can be trusted.',
      next: ['qo audit verify'],
    })
  }
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalEntry)
}
