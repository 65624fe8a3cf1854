import {createHash, randomUUID} from 'node:crypto'
import {link, readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {LakeCommitEntry} from '../../contracts/lake.ts'
import {canonicalJson, hashOf} from '../../kernel/canonical-json.ts'
import {Fault} from '../../kernel/fault.ts'
import {syncFolder, writeSynced} from '../files.ts'
import {COMMITS, commitPath, makeFolder, STAGING} from './layout.ts'

/** Commits read from disk at once: one after the other, a chain of ten thousand would wait for each file. */
const AT_ONCE = 128

export interface CommitLog {
  /** oldest first; every number, hash and link has been checked */
  read(): Promise<readonly LakeCommitEntry[]>
  /** false when another writer took the number */
  append(entry: LakeCommitEntry): Promise<boolean>
  /**
   * Make what is there last. Rows that are known already are acknowledged without a commit of their own; the process
   * that committed them may have been killed before it synced the folder.
   */
  settle(): Promise<void>
}

/**
 * The numbered, hash-chained record of what entered the lake.
 *
 * A commit becomes visible by `link`, which fails when the name exists: of two writers exactly one gets each number,
 * and no lock can be left behind by a crash.
 */
export function openCommitLog(root: string): CommitLog {
  /** A link that was checked once cannot change: commits are immutable. */
  const checked: LakeCommitEntry[] = []
  let reading: Promise<unknown> = Promise.resolve()

  return {
    read() {
      // One after the other: two readers at once would each push what the other is checking.
      const next = reading.then(readOn)
      reading = next.catch(() => undefined)
      return next
    },
    append: appendEntry,
    settle: () => syncFolder(join(root, COMMITS)),
  }

  async function readOn(): Promise<LakeCommitEntry[]> {
    const names = (await readdir(join(root, COMMITS)).catch(noFolder)).filter((name) => /^\d{12}\.json$/.test(name))
    names.sort()
    if (names.length < checked.length) throw broken(commitPath(checked.length), 'it was there before and is gone')
    for (let from = checked.length; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE)
      const texts = await Promise.all(some.map((name) => readFile(join(root, COMMITS, name), 'utf8').catch(unreadable)))
      for (const [k, name] of some.entries()) {
        const path = commitPath(from + k + 1)
        if (`${COMMITS}/${name}` !== path) throw broken(path, 'the number is missing in the chain')
        checked.push(parseCommit(path, texts[k]!, checked.at(-1)))
      }
    }
    return [...checked]
  }

  async function appendEntry(entry: LakeCommitEntry): Promise<boolean> {
    await makeFolder(root, STAGING)
    await makeFolder(root, COMMITS)
    const staged = join(root, STAGING, `${process.pid}-${randomUUID()}.json`)
    await writeSynced(staged, `${JSON.stringify(entry, null, 1)}\n`, 'wx')
    try {
      await link(staged, join(root, commitPath(entry.n)))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw cause
    } finally {
      await rm(staged, {force: true})
    }
    await syncFolder(join(root, COMMITS))
    return true
  }
}

/** The same as `hashOf`, by native code: a reader checks every link there is. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Seal an entry: its hash covers every other field, the previous hash included. */
export const sealCommit = (entry: Omit<LakeCommitEntry, 'hash'>): LakeCommitEntry => ({...entry, hash: hashOf(entry)})

/** One link, checked against the one before it. @throws Fault `lake.broken_chain` (data) */
export function parseCommit(path: string, text: string, previous: LakeCommitEntry | undefined): LakeCommitEntry {
  let plain: unknown
  try {
    plain = JSON.parse(text)
  } catch {
    throw broken(path, 'it is not JSON')
  }
  const result = LakeCommitEntry.schema.safeParse(plain)
  if (!result.success) throw broken(path, `it is not a ${LakeCommitEntry.id}: ${result.error.issues[0]?.message}`)
  const {hash, ...body} = result.data
  if (hash !== digestOf(canonicalJson(body))) throw broken(path, 'its content does not match its hash')
  if (body.n !== (previous?.n ?? 0) + 1) throw broken(path, `it calls itself number ${body.n}`)
  if (body.prev !== (previous?.hash ?? '')) throw broken(path, 'it does not continue the commit before it')
  return result.data
}

function noFolder(cause: NodeJS.ErrnoException): string[] {
  if (cause.code === 'ENOENT') return []
  return unreadable(cause)
}

function unreadable(cause: NodeJS.ErrnoException): never {
  throw new Fault('lake.unreadable', {
    family: 'data',
    what: `${COMMITS} cannot be read.`,
    why: cause.message,
    next: ['check owner and permissions, or run qo doctor'],
    cause,
  })
}

function broken(path: string, problem: string): Fault {
  return new Fault('lake.broken_chain', {
    family: 'data',
    what: `${path}: ${problem}.`,
    why: 'The commit log is the only way to the rows; with a broken link nothing behind it can be trusted.',
    next: ['qo lake verify --repair-plan', `restore ${COMMITS} from a copy: qo lake pull`],
  })
}
