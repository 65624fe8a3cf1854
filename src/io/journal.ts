import {mkdir, open, readFile, stat, truncate} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {JournalEntry, JournalPort} from '../desk.ts'
import {canonicalJson} from '../kernel/canonical-json.ts'
import {Fault} from '../kernel/fault.ts'
import {sha256} from '../kernel/sha256.ts'
import {syncFolder} from './files.ts'

/** `prev` of the first entry. */
const GENESIS = '0'.repeat(64)

export interface NewEntry {
  readonly ts: number
  readonly kind: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What was cut off the end of a chain because the last write never finished. */
export interface TornTail {
  readonly bytes: number
  readonly sha256: string
  /** where the bytes are kept */
  readonly path: string
}

export interface Chain extends JournalPort {
  /** several entries, one fsync: all of them are durable when this returns */
  appendAll(entries: readonly NewEntry[]): Promise<JournalEntry[]>
  /** the torn tail that opening or appending met, if any */
  readonly torn: TornTail | null
}

/** The journal `data/journal/<name>.jsonl` of a workspace. */
export const openJournal = (root: string, name: string, {dryRun}: {dryRun: boolean}): JournalPort =>
  openChain(join(root, 'data/journal', `${name}.jsonl`), {dryRun})

/**
 * A hash-chained JSONL file: one writer, one fsync per append, readers at any time.
 *
 * A last line without its newline is a write that a crash cut short: it is copied to `<file>.torn-<seq>` and cut off,
 * and an entry `torn_tail` says so. Anything else that does not fit the chain is damage, and reading refuses it.
 */
export function openChain(path: string, {dryRun = false}: {dryRun?: boolean} = {}): Chain {
  let head: {seq: number; hash: string; size: number} | null = null
  let torn: TornTail | null = null
  let queue: Promise<unknown> = Promise.resolve()

  /** The end of the chain on disk; re-read when the file is not as long as we left it. */
  async function findHead(): Promise<{seq: number; hash: string; size: number}> {
    const size = await stat(path).then(
      (file) => file.size,
      (cause) => missingIsEmpty(cause, 0),
    )
    if (head?.size === size) return head
    const {entries, whole, tail} = split(await readFile(path).catch((cause) => missingIsEmpty(cause, Buffer.alloc(0))))
    const last = verify(entries, path).at(-1)
    head = {seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS, size: whole}
    if (tail.length > 0 && !dryRun) await quarantine(tail)
    return head
  }

  async function quarantine(tail: Buffer): Promise<void> {
    const end = head!
    torn = {bytes: tail.length, sha256: sha256(tail), path: `${path}.torn-${end.seq + 1}`}
    await writeSynced(torn.path, tail, true)
    await truncate(path, end.size)
    const when = Math.floor((await stat(path)).mtimeMs)
    await write([{ts: when, kind: 'torn_tail', body: {bytes: torn.bytes, sha256: torn.sha256}}], end)
  }

  async function write(
    entries: readonly NewEntry[],
    from: {seq: number; hash: string; size: number},
  ): Promise<JournalEntry[]> {
    if (entries.length === 0) return []
    let {seq, hash} = from
    const linked = entries.map(({ts, kind, body}) => {
      const content = {seq: ++seq, ts, kind, body, prev: hash}
      hash = hashOfEntry(content)
      return {...content, hash}
    })
    const bytes = Buffer.from(linked.map((entry) => `${canonicalJson(entry)}\n`).join(''))
    await writeSynced(path, bytes, from.size === 0)
    head = {seq, hash, size: from.size + bytes.length}
    return linked
  }

  async function appendAll(entries: readonly NewEntry[]): Promise<JournalEntry[]> {
    const turn = queue.then(async () => {
      if (dryRun) return entries.map((entry, i) => ({...entry, seq: i + 1, prev: GENESIS, hash: GENESIS}))
      return write(entries, await findHead())
    })
    queue = turn.catch(() => undefined)
    return turn
  }

  return {
    get torn() {
      return torn
    },
    appendAll,
    append: async (ts, kind, body) => (await appendAll([{ts, kind, body}]))[0]!,
    async read() {
      await queue
      const {entries} = split(await readFile(path).catch((cause) => missingIsEmpty(cause, Buffer.alloc(0))))
      return verify(entries, path)
    },
  }
}

/** Whole lines, and what stands after the last newline. */
function split(content: Buffer): {entries: string[]; whole: number; tail: Buffer} {
  const whole = content.lastIndexOf(0x0a) + 1
  const text = content.subarray(0, whole).toString('utf8')
  return {entries: text === '' ? [] : text.slice(0, -1).split('\n'), whole, tail: content.subarray(whole)}
}

/** Lines -> entries; every number, link and hash is checked. */
function verify(lines: readonly string[], path: string): JournalEntry[] {
  let prev = GENESIS
  return lines.map((line, i) => {
    const entry = parse(line)
    if (entry === null) throw broken(path, i, 'the line is not an entry')
    const {hash, ...content} = entry
    if (entry.seq !== i + 1) throw broken(path, i, `it is numbered ${entry.seq}`)
    if (entry.prev !== prev) throw broken(path, i, 'it does not follow the line before it')
    if (hashOfEntry(content) !== hash) throw broken(path, i, 'its hash is not the hash of its content')
    prev = hash
    return entry
  })
}

const hashOfEntry = (content: Omit<JournalEntry, 'hash'>): string => sha256(canonicalJson(content))

function parse(line: string): JournalEntry | null {
  try {
    const entry = JSON.parse(line) as JournalEntry
    return typeof entry.seq === 'number' && typeof entry.hash === 'string' ? entry : null
  } catch {
    return null
  }
}

function broken(path: string, index: number, why: string): Fault {
  return new Fault('journal.broken_chain', {
    family: 'data',
    what: `${path} is damaged at line ${index + 1}: ${why}.`,
    why: 'Each entry carries the hash of the one before it; a changed, lost or foreign line breaks the chain there.',
    next: ['qo audit verify', 'restore the file from a copy, or move it away and keep it as evidence'],
  })
}

function missingIsEmpty<T>(cause: unknown, empty: T): T {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return empty
  throw cause
}

/** One durable append; the folder is synced when the file is new. */
async function writeSynced(path: string, bytes: Uint8Array, isNew: boolean): Promise<void> {
  if (isNew) await mkdir(dirname(path), {recursive: true})
  const handle = await open(path, 'a', 0o600)
  try {
    await handle.appendFile(bytes)
    await handle.datasync()
  } finally {
    await handle.close()
  }
  if (isNew) await syncFolder(dirname(path))
}
