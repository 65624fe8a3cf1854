import {createHash, randomUUID} from 'node:crypto'
import {link, readdir, readFile, rm} from 'node:fs/promises'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {LakeFile, WalArchived, WalSegment} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {isoOf} from '../../kernel/instant.ts'
import {bootId} from '../boot-id.ts'
import {syncFolder, writeSynced} from '../files.ts'
import {type CommitLog, sealCommit} from '../lake/commit-log.ts'
import {LAKE, makeFolder, STAGING} from '../lake/layout.ts'
import {hashFile} from '../lake/parquet-file.ts'
import {qoVersion} from '../version.ts'
import {decodeSegment, type SegmentSummary} from './frame-format.ts'
import {carryName, segmentName, sourceFolder} from './layout.ts'
import {packInto, unpacksTo} from './pack.ts'
import {archiveOf} from './read-frames.ts'
import {quarantineDamage} from './recover.ts'
import type {SegmentRoom} from './segment-room.ts'

const MOST_RACES = 100

/**
 * Move finished segments into the lake: gzip → fsync → read back → link → fsync of the folder → carry → commit → rm.
 *
 * The commit is the checkpoint of the source: its rows were committed before, so a kill anywhere on the way repeats
 * work and changes nothing.
 *
 * @throws Fault `lake.write_failed` (data) when an archive does not read back
 */
export async function archiveSegments(
  root: string,
  log: CommitLog,
  source: string,
  {venue, segments, carry, rejected, from, summaryOf, room}: Archiving,
): Promise<WalArchived> {
  const files: LakeFile[] = []
  const kept: string[] = []
  for (const segment of segments) {
    const path = `${sourceFolder(source)}/${segmentName(segment.first)}`
    const content = await room.read(join(root, path))
    try {
      const summary = summaryOf(path, content.length) ?? decodeSegment(content, segment.first)
      kept.push(...(await quarantineDamage(root, source, {...segment, path}, content, summary)))
      if (summary.intact === 0) continue
      const stored = await store(root, venue, segment, content, summary.from)
      const span = {min_ts: Math.floor(summary.from), max_ts: Math.floor(summary.to)}
      files.push({...stored, rows: summary.intact, ...span})
    } finally {
      room.giveBack(content)
    }
  }
  const to = segments.at(-1)!.next - 1
  await leaveCarry(root, source, to, carry)
  const frames = {source, from, to}
  const commit = await commitFrames(log, {venue, source, files, frames, quarantined: rejected})
  for (const {first} of segments) await rm(join(root, sourceFolder(source), segmentName(first)), {force: true})
  await dropOldCarries(root, source, to)
  return {commit, frames: files.reduce((sum, {rows}) => sum + rows, 0), quarantine: kept}
}

interface Archiving {
  readonly venue: string
  readonly segments: readonly WalSegment[]
  readonly carry: string
  readonly rejected: number
  readonly from: number
  /** what a reader found in a segment of so many bytes; null when it was not read yet */
  readonly summaryOf: (path: string, bytes: number) => SegmentSummary | null
  readonly room: SegmentRoom
}

/** `<sha256>\n<text>`; null when there is none for this frame or it does not check. */
export async function readCarry(root: string, source: string, seq: number): Promise<string | null> {
  const text = await readFile(join(root, sourceFolder(source), carryName(seq)), 'utf8').catch(() => '')
  const body = text.slice(65)
  return text.slice(0, 64) === sha256Of(body) ? body : null
}

async function leaveCarry(root: string, source: string, seq: number, carry: string): Promise<void> {
  const folder = join(root, sourceFolder(source))
  await writeSynced(join(folder, carryName(seq)), `${sha256Of(carry)}\n${carry}`, 'w')
  await syncFolder(folder)
}

async function dropOldCarries(root: string, source: string, seq: number): Promise<void> {
  const folder = join(root, sourceFolder(source))
  const old = (await readdir(folder)).filter((name) => name.endsWith('.carry') && name !== carryName(seq))
  await Promise.all(old.map((name) => rm(join(folder, name), {force: true})))
  await syncFolder(folder)
}

async function store(
  root: string,
  venue: string,
  {first}: WalSegment,
  content: Buffer,
  from: number,
): Promise<Pick<LakeFile, 'path' | 'sha256' | 'bytes'>> {
  await makeFolder(root, STAGING)
  const staged = join(root, STAGING, `${process.pid}-${randomUUID()}.wal.gz`)
  try {
    const {sha256, bytes} = await packInto(staged, content)
    const day = isoOf(Math.floor(from)).slice(0, 10)
    const path = `${LAKE}/frames/venue=${encodeURIComponent(venue)}/${day}-${first}-${sha256.slice(0, 12)}.wal.gz`
    // The segment goes when this is committed: what the disk gives back must be the segment.
    if (!(await unpacksTo(staged, content))) throw unread(path)
    const target = join(root, path)
    await makeFolder(root, dirname(path))
    await link(staged, target).catch(async (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause
      if ((await hashFile(target)) !== sha256) throw unread(path)
    })
    await syncFolder(dirname(target))
    return {path, sha256, bytes}
  } finally {
    await rm(staged, {force: true})
  }
}

async function commitFrames(
  log: CommitLog,
  {
    venue,
    source,
    files,
    frames,
    quarantined,
  }: Pick<LakeCommitEntry, 'venue' | 'source' | 'files' | 'frames' | 'quarantined'>,
): Promise<number> {
  for (let race = 0; race < MOST_RACES; race++) {
    const commits = await log.read()
    if (archiveOf(commits, source).to >= frames!.from) throw overtaken(source)
    const head = commits.at(-1)
    const entry = sealCommit({
      artifact: 'lake-commit@1',
      n: (head?.n ?? 0) + 1,
      prev: head?.hash ?? '',
      table: 'frames',
      schema: 'frames@1',
      venue,
      interval: null,
      source,
      files,
      added: files.reduce((sum, {rows}) => sum + rows, 0),
      revised: 0,
      quarantined,
      gaps: [],
      frames,
      notes: {survivor: false, completeFrom: null},
      received_at: Math.max(0, ...files.map(({max_ts: last}) => last)),
      writer: {qo_version: qoVersion(), host: hostname(), boot_id: await bootId()},
      created_at: isoOf(Date.now()),
    })
    if (await log.append(entry)) return entry.n
  }
  throw new Fault('lake.contended', {
    family: 'data',
    what: `Another writer took ${MOST_RACES} commit numbers in a row.`,
    why: 'Every commit has one number and exactly one writer wins it; this one never did. Nothing was changed.',
    next: ['run the command again'],
  })
}

const overtaken = (source: string): Fault =>
  new Fault('wal.overtaken', {
    family: 'data',
    what: `Another process archived the same frames of ${source}.`,
    why: 'Its commit is the checkpoint now; this one would tell the same frames twice. Nothing is lost.',
    next: ['run the command again'],
  })

const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

function unread(path: string): Fault {
  return new Fault('lake.write_failed', {
    family: 'data',
    what: `Raw frames were not archived (${path}).`,
    why: 'What was written does not read back as the segment it was made from. The segment is kept.',
    next: ['qo doctor', 'run the command again'],
  })
}
