import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {gunzip} from 'node:zlib'
import type {LakeCommit, LakeFile, RawFrame} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {hashFile} from '../lake/parquet-file.ts'
import {damagedMark, type SegmentSummary, segmentDecoder} from './frame-format.ts'
import {segmentsOnDisk} from './layout.ts'
import type {SegmentRoom} from './segment-room.ts'

const unzip = promisify(gunzip)
/** Frames that a reader gets at once. */
const BATCH = 4096

/** Told what a live segment of so many bytes turned out to hold, so that nobody needs to check it again. */
export type Note = (path: string, bytes: number, summary: SegmentSummary) => void

/** What the lake holds of one source, oldest first. */
export interface Archive {
  readonly files: readonly {readonly first: number; readonly file: LakeFile}[]
  /** newest archived frame, 0 when there is none */
  readonly to: number
}

/** The raw files of one source that the commit log names. */
export function archiveOf(commits: readonly LakeCommit[], source: string): Archive {
  const mine = commits.filter(({table, frames}) => table === 'frames' && frames?.source === source)
  const files = mine
    .flatMap((commit) => commit.files)
    .map((file) => ({first: firstOf(file.path), file}))
    .sort((a, b) => a.first - b.first)
  return {files, to: Math.max(0, ...mine.map(({frames}) => frames!.to))}
}

/** `<day>-<first seq>-<hash12>.wal.gz` */
const firstOf = (path: string): number => Number(/-(\d+)-[0-9a-f]{12}\.wal\.gz$/.exec(path)?.[1] ?? Number.NaN)

/**
 * Frames with after < seq < before, one segment in memory at a time: the bytes of a batch are there until the next one
 * is asked for.
 *
 * Frames that are missing, inside a segment or between two, are said by one `damaged` mark in their place, made from
 * what stands around them: every reader of the same files gets the same.
 *
 * @throws Fault `lake.corrupt_file` (data) when an archived file is not what was committed
 */
export async function* readFrames(
  root: string,
  source: string,
  commits: () => Promise<readonly LakeCommit[]>,
  {after, before, note, room}: {after: number; before: number; note: Note; room: SegmentRoom},
): AsyncGenerator<readonly RawFrame[]> {
  // Listed before the log is read: a segment that is archived in between is found in the archive.
  const live = await segmentsOnDisk(root, source)
  const archive = archiveOf(await commits(), source)
  let expected = after + 1
  let last = archive.files.findLast(({first}) => first <= after)?.file.max_ts ?? 0
  let tornBytes = 0

  for (const [k, {first, file}] of archive.files.entries()) {
    if ((archive.files[k + 1]?.first ?? archive.to + 1) <= expected || first >= before) continue
    yield* pass(await contentOf(root, file), first)
  }
  for (const [k, {first, path}] of live.entries()) {
    const next = live[k + 1]?.first ?? Number.POSITIVE_INFINITY
    if (first <= archive.to || next <= expected || first >= before) continue
    const content = await room.read(join(root, path)).catch(() => null)
    try {
      if (content === null) yield* pass(await archivedMeanwhile(first, path), first)
      else note(path, content.length, yield* pass(content, first))
    } finally {
      if (content !== null) room.giveBack(content)
    }
  }

  function* pass(content: Buffer, first: number): Generator<readonly RawFrame[], SegmentSummary> {
    const decoder = segmentDecoder(content, first, last)
    for (let frames = decoder.next(BATCH); frames.length > 0; frames = decoder.next(BATCH)) {
      const wanted =
        frames[0]!.seq >= expected && frames.at(-1)!.seq < before
          ? frames
          : frames.filter(({seq}) => seq >= expected && seq < before)
      const [next] = wanted
      if (next === undefined) continue
      if (next.seq > expected) {
        const lost = {from: last, to: next.receivedAt, frames: next.seq - expected, bytes: tornBytes}
        wanted.unshift(damagedMark(expected, lost))
      }
      const newest = wanted.at(-1)!
      ;[expected, last] = [newest.seq + 1, newest.receivedAt]
      yield wanted
    }
    tornBytes = content.length - decoder.summary().end
    return decoder.summary()
  }

  async function archivedMeanwhile(first: number, path: string): Promise<Buffer> {
    const found = archiveOf(await commits(), source).files.find((one) => one.first === first)
    return found ? contentOf(root, found.file) : readFile(join(root, path))
  }
}

async function contentOf(root: string, {path, sha256}: LakeFile): Promise<Buffer> {
  const found = await hashFile(join(root, path)).catch(() => null)
  if (found === sha256) return unzip(await readFile(join(root, path)), {chunkSize: 1 << 20})
  throw new Fault('lake.corrupt_file', {
    family: 'data',
    what: `${path} ${found === null ? 'is missing' : 'was changed after it was committed'}.`,
    why: 'A commit names each file with its SHA-256; what does not match it is never read.',
    next: ['qo lake verify', `restore ${path} from a copy`],
  })
}
