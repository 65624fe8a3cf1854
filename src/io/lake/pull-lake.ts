import {randomUUID} from 'node:crypto'
import {rename, rm, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {Vault} from '../../contracts/workspace.ts'
import type {LakeFile, LakeTransfer} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {syncFolder} from '../files.ts'
import {type CommitLog, parseCommit} from './commit-log.ts'
import {type Depot, headOf, placeNew} from './depot.ts'
import {commitPath, makeFolder, STAGING} from './layout.ts'
import {hashFile} from './parquet-file.ts'
import {type Place, placeOf} from './push-lake.ts'
import {cutOf, type NamedCut} from './research-cuts.ts'

/**
 * Bring this lake up to a copy, and files that are missing or damaged here back from it.
 *
 * Each commit is checked as a link of this chain, each file by its SHA-256 before it takes its place; a commit becomes
 * visible after all its files, so a pull that breaks off leaves a whole, older lake. A damaged file is moved to
 * data/quarantine/lake, not overwritten.
 *
 * With `named` it carries exactly what the committed manifests name: no other file, no file behind a seal, and of a file
 * across it the copy that ends before it.
 *
 * @throws Fault `lake.diverged`, `lake.depot_empty`, `lake.depot_incomplete`, `lake.depot_unreachable`,
 *               `lake.manifest_differs`, `lake.no_cut` (data)
 */
export async function pullLake(
  root: string,
  depot: Depot,
  {log, vaults, cuts, named, dryRun}: PullPlan,
): Promise<LakeTransfer> {
  const mine = await log.read()
  const fresh = await newCommits(depot, mine)
  const tally = {files: 0, bytes: 0, present: 0, leftOut: 0}
  const healed: string[] = []
  if (named) requireAllNamed(depot, named, [...mine, ...fresh])
  for (const commit of [...mine, ...fresh]) {
    for (const entry of commit.files) {
      const place = placeOf(entry, commit, vaults)
      const file = await asCarried(entry, commit, place)
      const state = file && (await stateOf(root, file))
      if (file === null || state === 'whole') {
        tally[file === null ? 'leftOut' : 'present']++
        continue
      }
      const outcome = dryRun ? 'taken' : await take(root, depot, file, state!)
      if (outcome === 'absent') {
        // The copy was made without sealed rows, and this workspace seals them too: no reader can miss them.
        if (place !== 'behind') throw incomplete(depot, file)
        tally.leftOut++
        continue
      }
      tally.files++
      tally.bytes += file.bytes
      if (commit.n <= mine.length) healed.push(file.path)
    }
    if (!dryRun && commit.n > mine.length && !(await log.append(commit))) throw raced()
  }
  return {...tally, commits: fresh.length, healed, cuts: new Map()}

  /** The file to have here: itself, the copy that ends before the seal, or none. */
  async function asCarried(file: LakeFile, commit: LakeCommitEntry, place: Place): Promise<LakeFile | null> {
    if (named && (!named.has(file.path) || place === 'behind')) return null
    if (place !== 'across') return file
    const cut = cutOf(file, commit, cuts, vaults)
    if (named) {
      if (cut === null) throw noCut(file)
      return cut
    }
    const isThere = cut === null || (await stateOf(root, file)) === 'whole' || (await depot.size(file.path)) !== null
    return isThere ? file : cut
  }
}

export interface PullPlan {
  readonly log: CommitLog
  readonly vaults: readonly Vault[]
  readonly cuts: ReadonlyMap<string, NamedCut>
  /** only these files, path -> SHA-256, and none that is behind a seal */
  readonly named: ReadonlyMap<string, string> | null
  readonly dryRun: boolean
}

/** @throws Fault `lake.manifest_differs` (data): a commit names other bytes, or none, under a name the manifest has */
function requireAllNamed(depot: Depot, named: ReadonlyMap<string, string>, commits: readonly LakeCommitEntry[]): void {
  const there = new Map(commits.flatMap(({files}) => files.map(({path, sha256}) => [path, sha256] as const)))
  const wrong = [...named].filter(([path, sha256]) => there.get(path) !== sha256).map(([path]) => path)
  if (wrong.length === 0) return
  throw new Fault('lake.manifest_differs', {
    family: 'data',
    what: `${wrong.length} files that the committed manifests name are not in the commits at ${depot.name}.`,
    why: `They are missing there or have another SHA-256: ${wrong.slice(0, 3).join(', ')}. Nothing was carried over.`,
    next: [
      `qo lake push ${depot.name} --research, from the lake the manifests were made of`,
      'git log -- data/manifests',
    ],
  })
}

/** Where damaged files go that a copy replaces. */
const QUARANTINE = 'data/quarantine/lake'

async function newCommits(depot: Depot, mine: readonly LakeCommitEntry[]): Promise<LakeCommitEntry[]> {
  const head = await headOf(depot)
  if (!head) {
    throw new Fault('lake.depot_empty', {
      family: 'data',
      what: `There is no lake at ${depot.name}.`,
      why: 'A copy has data/lake/commits, as qo lake push leaves it.',
      next: ['check the address', `qo lake push ${depot.name}, from a lake`],
    })
  }
  const shared = Math.min(head.n, mine.length)
  const theirs = await commitAt(depot, shared)
  if (shared > 0 && theirs?.hash !== mine[shared - 1]!.hash) throw diverged(depot)
  const fresh: LakeCommitEntry[] = []
  for (let n = mine.length + 1; n <= head.n; n++) {
    const bytes = await depot.read(commitPath(n))
    if (!bytes) throw incomplete(depot, {path: commitPath(n)})
    fresh.push(parseCommit(commitPath(n), new TextDecoder().decode(bytes), fresh.at(-1) ?? mine.at(-1)))
  }
  return fresh
}

async function commitAt(depot: Depot, n: number): Promise<{hash: string} | null> {
  const bytes = n > 0 ? await depot.read(commitPath(n)) : null
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as {hash: string}) : null
}

async function stateOf(root: string, file: LakeFile): Promise<'whole' | 'missing' | 'damaged'> {
  const found = await stat(join(root, file.path)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null
    throw cause
  })
  if (!found) return 'missing'
  return (await hashFile(join(root, file.path))) === file.sha256 ? 'whole' : 'damaged'
}

async function take(root: string, depot: Depot, file: LakeFile, state: 'missing' | 'damaged') {
  await makeFolder(root, STAGING)
  const staged = join(root, STAGING, `${process.pid}-${randomUUID()}.part`)
  try {
    if (!(await depot.fetch(file.path, staged))) return 'absent'
    if ((await hashFile(staged)) !== file.sha256) throw damagedCopy(depot, file)
    if (state === 'damaged') await setAside(root, file.path)
    await placeNew(root, staged, file.path)
    return 'taken'
  } finally {
    await rm(staged, {force: true})
  }
}

async function setAside(root: string, path: string): Promise<void> {
  const folder = join(root, QUARANTINE)
  await makeFolder(root, QUARANTINE)
  await rename(join(root, path), join(folder, `${Date.now()}-${basename(path)}`))
  await syncFolder(folder)
  await syncFolder(dirname(join(root, path)))
}

const diverged = (depot: Depot): Fault =>
  new Fault('lake.diverged', {
    family: 'data',
    what: `The lake at ${depot.name} is another one than this.`,
    why: 'Their chains of commits differ, so neither goes on from the other. Nothing was changed.',
    next: ['pull into an empty workspace'],
  })

const noCut = ({path}: LakeFile): Fault =>
  new Fault('lake.no_cut', {
    family: 'data',
    what: `${path} holds rows on both sides of a vault seal, and no committed manifest names a copy without the sealed ones.`,
    why: 'A runner gets no sealed row. What was carried over so far stays.',
    next: ['qo lake push DEPOT --research --commit, from the whole lake', 'git push'],
  })

const incomplete = (depot: Depot, {path}: {path: string}): Fault =>
  new Fault('lake.depot_incomplete', {
    family: 'data',
    what: `${depot.name} has no ${path}.`,
    why: 'A commit of the copy names it. What was carried over so far stays; the commit did not become visible.',
    next: ['push again from the lake it is a copy of'],
  })

const damagedCopy = (depot: Depot, {path}: LakeFile): Fault =>
  new Fault('lake.depot_damaged', {
    family: 'data',
    what: `${path} at ${depot.name} does not match its SHA-256.`,
    why: 'What does not match its commit never enters the lake.',
    next: ['remove it there and push again from a whole lake', 'pull from another copy'],
  })

const raced = (): Fault =>
  new Fault('lake.contended', {
    family: 'data',
    what: 'Another writer committed while this lake was being brought up to the copy.',
    why: 'The chains have parted: a pulled commit must follow the one it followed at home.',
    next: ['stop the other writer', 'qo lake log'],
  })
