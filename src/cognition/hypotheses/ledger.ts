import {type LedgerBody, LedgerEntry} from '../../contracts/ledger.ts'
import {hashOf} from '../../kernel/canonical-json.ts'
import {Fault} from '../../kernel/fault.ts'

/** `prev` of the first entry. */
export const GENESIS = '0'.repeat(64)

/** A ledger entry and the file it was read from. */
export interface LedgerFile {
  readonly path: string
  readonly entry: LedgerEntry
}

/** SHA-256 of the canonical JSON of everything but the hash itself, predecessor included. @see golden ledger chain */
export function entryHash(entry: Readonly<Record<string, unknown>>): string {
  const {hash: _, ...content} = entry
  return hashOf(content)
}

/** `hypotheses/ledger/000007-<hash12>.json`: one small file per entry, so that branches merge without a conflict. */
export const entryPath = ({seq, hash}: Pick<LedgerEntry, 'seq' | 'hash'>): string =>
  `hypotheses/ledger/${String(seq).padStart(6, '0')}-${hash.slice(0, 12)}.json`

/** Entries that nothing follows yet, furthest first: one in a straight history, two after a merge of branches. */
export function headsOf(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const followed = new Set(entries.flatMap(({prev, merges}) => [prev, ...(merges ?? [])]))
  return inLedgerOrder(entries.filter(({hash}) => !followed.has(hash))).reverse()
}

/** By sequence number, then hash: every predecessor comes before what follows it, on every machine alike. */
export const inLedgerOrder = (entries: readonly LedgerEntry[]): LedgerEntry[] =>
  [...entries].sort((a, b) => a.seq - b.seq || (a.hash < b.hash ? -1 : 1))

/**
 * What whoever wrote an entry could know: its predecessors, and theirs. After a merge of branches a lower number is not
 * an earlier entry: the other branch counted on from the same place.
 *
 * @returns in ledger order, without the entry itself
 */
export function ancestorsOf(
  entries: readonly LedgerEntry[],
  entry: Pick<LedgerEntry, 'prev' | 'merges'>,
): LedgerEntry[] {
  const known = new Set<string>([entry.prev, ...(entry.merges ?? [])])
  // Predecessors come first in ledger order, so one pass from the end meets every entry after all that follow it.
  for (const {hash, prev, merges} of inLedgerOrder(entries).reverse()) {
    if (!known.has(hash)) continue
    known.add(prev)
    for (const other of merges ?? []) known.add(other)
  }
  return inLedgerOrder(entries.filter(({hash}) => known.has(hash)))
}

/**
 * The entry that follows: it names every head, so that a merge of branches is closed by whoever writes next.
 *
 * @param ts  wall clock, ISO with milliseconds
 */
export function nextEntry(entries: readonly LedgerEntry[], body: LedgerBody, ts: string): LedgerEntry {
  const [first, ...others] = headsOf(entries)
  const content = {
    artifact: 'ledger-entry@1' as const,
    seq: (first?.seq ?? 0) + 1,
    prev: first?.hash ?? GENESIS,
    ...(others.length > 0 ? {merges: others.map(({hash}) => hash)} : {}),
    ts,
    ...body,
  }
  return LedgerEntry.schema.parse({...content, hash: entryHash(content)})
}

/**
 * The ledger, if every entry is what its hash says and follows entries that are there.
 *
 * @param files      every file of the ledger folder, any order
 * @param published  paths that were ever committed: one that is gone was taken away
 * @throws Fault `ledger.broken_chain` (data) naming the file
 */
export function checkLedger(files: readonly LedgerFile[], published: readonly string[] = []): LedgerEntry[] {
  const byHash = new Map(files.map(({entry}) => [entry.hash, entry]))
  for (const {path, entry} of files) {
    if (entry.hash !== entryHash(entry)) throw broken(path, 'its content does not match its hash')
    if (path !== entryPath(entry)) throw broken(path, `its name should be ${entryPath(entry)}`)
    const before = [entry.prev, ...(entry.merges ?? [])].filter((hash) => hash !== GENESIS)
    const missing = before.find((hash) => !byHash.has(hash))
    if (missing !== undefined) {
      const lost = published.find((one) => one.endsWith(`-${missing.slice(0, 12)}.json`))
      throw broken(path, `the entry before it, ${missing.slice(0, 12)}, is not there`, [
        lost === undefined
          ? `restore ${entryPath({seq: entry.seq - 1, hash: missing})}, or the one that ends in -${missing.slice(0, 12)}.json, from a copy: git never had it`
          : `restore it: git checkout HEAD -- ${lost}`,
      ])
    }
    const expected = 1 + Math.max(0, ...before.map((hash) => byHash.get(hash)!.seq))
    if (entry.seq !== expected) throw broken(path, `it is number ${entry.seq} where ${expected} follows`)
  }
  const present = new Set(files.map(({path}) => path))
  const gone = published.find((path) => !present.has(path))
  if (gone !== undefined) throw broken(gone, 'it was committed and is gone: trials do not disappear')
  return inLedgerOrder(files.map(({entry}) => entry))
}

function broken(path: string, why: string, remedy: readonly string[] = [`restore it: git checkout -- ${path}`]): Fault {
  return new Fault('ledger.broken_chain', {
    family: 'data',
    what: `${path} breaks the chain of the hypothesis ledger.`,
    why: `${why[0]!.toUpperCase()}${why.slice(1)}. Trials counted from a changed ledger would be a lie.`,
    next: [...remedy, 'qo audit verify'],
  })
}
