import {
  checkLedger,
  entryPath,
  headsOf,
  inLedgerOrder,
  type LedgerFile,
  nextEntry,
} from '../cognition/hypotheses/ledger.ts'
import {type LedgerBody, LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {rememberHeads} from './ledger-memory.ts'

const FOLDER = 'hypotheses/ledger'

/** The ledger of a workspace, checked when it was opened. */
export interface LedgerBook {
  /** predecessors before what follows them */
  readonly entries: readonly LedgerEntry[]
  /** entries that nothing follows yet: two after a merge of branches */
  readonly heads: readonly LedgerEntry[]
  /** durable on disk when it returns; @throws Fault `ledger.lost_race` (data) */
  append(body: LedgerBody): Promise<LedgerEntry>
  /** read and check the folder again: another run may have written meanwhile; @throws as `openLedger` */
  refresh(): Promise<void>
}

/**
 * Read and check the whole ledger, then write to its end.
 *
 * Every entry is one file, created exclusively and synced, so neither a crash nor a second writer can damage another's;
 * two writers at once make two heads, which the next entry joins. A file that was committed to git and is gone is found.
 *
 * @throws Fault `ledger.broken_chain` (data), `artifact.invalid` (contract), each naming the file
 */
export async function openLedger(desk: Desk): Promise<LedgerBook> {
  let entries = await readLedger(desk)
  return {
    get entries() {
      return entries
    },
    get heads() {
      return headsOf(entries)
    },
    async append(body) {
      // The running clock, not --as-of: an entry that could be dated back would prove nothing about what came first.
      const entry = nextEntry(entries, body, isoOf(desk.clock.now()))
      const created = await desk.files.createText(entryPath(entry), `${JSON.stringify(entry, null, 2)}\n`)
      if (!created) {
        throw new Fault('ledger.lost_race', {
          family: 'data',
          what: `${entryPath(entry)} exists already.`,
          why: 'The same entry was written by another run in the same millisecond.',
          next: ['run the command again'],
        })
      }
      entries = inLedgerOrder([...entries, entry])
      await rememberHeads(desk, entries)
      return entry
    },
    async refresh() {
      entries = await readLedger(desk)
    },
  }
}

async function readLedger(desk: Desk): Promise<LedgerEntry[]> {
  const names = (await desk.files.list(FOLDER)).filter((name) => name.endsWith('.json'))
  const files: LedgerFile[] = []
  for (const name of names) {
    const path = `${FOLDER}/${name}`
    files.push({path, entry: await desk.files.read(LedgerEntry, path)})
  }
  const published = (await desk.git.added(FOLDER)).filter((path) => path.endsWith('.json'))
  return checkLedger(files, published)
}
