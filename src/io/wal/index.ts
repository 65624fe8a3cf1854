import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {WalPort, WalRecovery, WalSegment, WalWriter} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {openCommitLog} from '../lake/commit-log.ts'
import {makeFolder} from '../lake/layout.ts'
import {isLeaseHeld, takeLeaseIn} from '../lease.ts'
import {archiveSegments, readCarry} from './archive-segments.ts'
import {diskFault} from './disk-fault.ts'
import {decodeSegment, type SegmentSummary} from './frame-format.ts'
import {encodeSource, namesIn, segmentName, segmentsOnDisk, sourceFolder, strangersIn, WAL} from './layout.ts'
import {archiveOf, readFrames} from './read-frames.ts'
import {recover} from './recover.ts'
import {segmentRoom} from './segment-room.ts'
import {writeFrames} from './write-frames.ts'

/** Raw frames of a workspace: `data/lake/wal/<source>/<first seq>.wal`, and their archive in the lake. */
export function openWal(root: string, {dryRun}: {dryRun: boolean}): WalPort {
  const log = openCommitLog(root)
  const leases = join(root, WAL, '.leases')
  const room = segmentRoom()
  /** Finished segments that this process has read to the end. */
  const known = new Map<string, {bytes: number; summary: SegmentSummary}>()
  const summaryOf = (path: string, bytes: number): SegmentSummary | null => {
    const one = known.get(path)
    return one?.bytes === bytes ? one.summary : null
  }
  const archivedTo = async (source: string): Promise<number> => archiveOf(await log.read(), source).to

  async function open(source: string): Promise<WalWriter> {
    if (dryRun) return writeNothing(source, await archivedTo(source))
    try {
      await makeFolder(root, sourceFolder(source))
      const lease = await takeLeaseIn(leases, encodeSource(source), held)
      try {
        const recovery = await recover(root, source, () => archivedTo(source))
        return writeFrames(root, source, recovery, () =>
          lease.release().catch((cause) => {
            throw diskFault(cause, `let go of the log of ${source}`)
          }),
        )
      } catch (cause) {
        await lease.release().catch(() => undefined)
        throw cause
      }
    } catch (cause) {
      throw diskFault(cause, `open the log of ${source}`)
    }
  }

  async function sources(): Promise<string[]> {
    const folders = (await namesIn(join(root, WAL))).filter((name) => !name.startsWith('.')).map(decodeName)
    const archived = (await log.read()).flatMap(({table, frames}) =>
      table === 'frames' && frames ? [frames.source] : [],
    )
    const live = await Promise.all(
      folders.map(async (source) => ((await segmentsOnDisk(root, source)).length > 0 ? [source] : [])),
    )
    return [...new Set([...live.flat(), ...archived])].sort()
  }

  async function segments(source: string): Promise<WalSegment[]> {
    // In this order: a writer that appears after the first look only adds segments behind the listed ones.
    const isHeld = await isLeaseHeld(leases, encodeSource(source))
    const live = await segmentsOnDisk(root, source)
    const to = await archivedTo(source)
    const finished: WalSegment[] = []
    for (const [k, {first, bytes, path}] of live.entries()) {
      if (first <= to) continue
      const next = live[k + 1]?.first ?? (isHeld ? null : await behind(path, first, bytes))
      if (next !== null && next > first) finished.push({first, next, bytes})
    }
    return finished
  }

  async function behind(path: string, first: number, bytes: number): Promise<number> {
    const {lastSeq} = summaryOf(path, bytes) ?? decodeSegment(await readFile(join(root, path)), first)
    return lastSeq + 1
  }

  function note(path: string, bytes: number, summary: SegmentSummary): void {
    known.set(path, {bytes, summary})
  }

  return {
    open,
    sources,
    segments,
    read: (source, after, before = Number.POSITIVE_INFINITY) =>
      Promise.resolve(readFrames(root, source, () => log.read(), {after, before, note, room})),
    async checkpoint(source) {
      const seq = await archivedTo(source)
      return {seq, carry: seq === 0 ? null : await readCarry(root, source, seq)}
    },
    async archive(source, {venue, segments: finished, carry, rejected = 0}) {
      if (dryRun || finished.length === 0) return {commit: null, frames: 0, quarantine: []}
      const from = (await archivedTo(source)) + 1
      try {
        const what = {venue, segments: finished, carry, rejected, from, summaryOf, room}
        const archived = await archiveSegments(root, log, source, what)
        for (const {first} of finished) known.delete(`${sourceFolder(source)}/${segmentName(first)}`)
        return archived
      } catch (cause) {
        throw diskFault(cause, `archive raw frames of ${source}`)
      }
    },
    async strangers() {
      const folders = (await namesIn(join(root, WAL))).filter((name) => !name.startsWith('.'))
      return (await Promise.all(folders.map((name) => strangersIn(root, decodeName(name))))).flat().sort()
    },
  }
}

/** A folder that somebody else made may not be percent-encoded. */
function decodeName(folder: string): string {
  try {
    return decodeURIComponent(folder)
  } catch {
    return folder
  }
}

/** The log of a dry run numbers frames and keeps none. */
function writeNothing(source: string, from: number): WalWriter {
  let lastSeq = from
  const recovery: WalRecovery = {lastSeq: from, tornBytes: 0, badFrames: 0, quarantine: []}
  return {
    source,
    recovery,
    get lastSeq() {
      return lastSeq
    },
    get durableSeq() {
      return lastSeq
    },
    pendingBytes: 0,
    append: () => ++lastSeq,
    sync: () => Promise.resolve(),
    rotate: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

function held(source: string, holder: string): Fault {
  return new Fault('wal.held', {
    family: 'data',
    what: `Another process records ${source}.`,
    why: `One source has one writer, so that its frames have one order; process ${holder.split(' ')[0]} has it.`,
    next: ['wait for it to end, or stop it with SIGTERM', 'qo lake status'],
  })
}
