import {type FileHandle, open, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {FrameKind, WalRecovery, WalWriter} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {syncFolder} from '../files.ts'
import {diskFault} from './disk-fault.ts'
import {encodeFrame, FRAME_OVERHEAD, MOST_BYTES, type Page, pageOf} from './frame-format.ts'
import {segmentName, sourceFolder} from './layout.ts'

const FLUSH_MS = 250
const FLUSH_BYTES = 1 << 20
/** Pages kept for reuse: fresh memory costs more than what is copied into it. */
const MOST_SPARES = 16
/** Chunks that one fdatasync makes last, when the disk was busy while they gathered. */
const MOST_AT_ONCE = 8
const HOUR = 3_600_000
/** A segment is read whole, so this bounds the memory of every reader. */
const MOST_SEGMENT_BYTES = 32 << 20

/** Frames that go to disk with one write. */
interface Chunk {
  readonly page: Page
  length: number
  lastSeq: number
  /** sequence number of the segment to start before writing; null: go on in the open one */
  readonly starts: number | null
}

interface Segment {
  readonly first: number
  /** of its first frame's receive time; null while it is empty */
  hour: number | null
  bytes: number
}

/**
 * Writer of one source, behind `recovery.lastSeq`. The first frame starts a new segment: nothing is ever appended to a
 * file whose end an earlier process wrote.
 *
 * After a failed write or fdatasync nothing is acknowledged any more: the kernel may have dropped the pages.
 */
export function writeFrames(
  root: string,
  source: string,
  recovery: WalRecovery,
  letGo: () => Promise<void>,
): WalWriter {
  const folder = join(root, sourceFolder(source))
  const chunks: Chunk[] = []
  const spares: Page[] = []
  let segment: Segment | null = null
  let handle: FileHandle | null = null
  let failed: Fault | null = null
  let closed = false
  let timer: NodeJS.Timeout | null = null
  let draining: Promise<void> | null = null
  let [lastSeq, durableSeq, pendingBytes] = [recovery.lastSeq, recovery.lastSeq, 0]

  function append(kind: FrameKind, receivedAt: number, bytes: Uint8Array): number {
    if (failed) throw failed
    if (closed || bytes.length > MOST_BYTES - FRAME_OVERHEAD) throw unfit(source, closed, bytes.length)
    const size = FRAME_OVERHEAD + bytes.length
    const hour = Math.floor(receivedAt / HOUR)
    let chunk = chunks.at(-1)
    if (segment === null || isFull(segment, hour, size)) {
      segment = {first: lastSeq + 1, hour, bytes: 0}
      chunk = newChunk(size, segment.first)
    } else if (chunk === undefined || chunk.page.bytes.length - chunk.length < size) {
      chunk = newChunk(size, null)
    }
    segment.hour ??= hour
    const position = lastSeq + 1 - segment.first
    chunk.length = encodeFrame(chunk.page, chunk.length, {kind, position, receivedAt, bytes})
    segment.bytes += size
    pendingBytes += size
    lastSeq++
    chunk.lastSeq = lastSeq
    schedule()
    return lastSeq
  }

  function newChunk(size: number, starts: number | null): Chunk {
    const page = (size <= FLUSH_BYTES && spares.pop()) || pageOf(Buffer.allocUnsafeSlow(Math.max(FLUSH_BYTES, size)))
    const chunk = {page, length: 0, lastSeq, starts}
    chunks.push(chunk)
    return chunk
  }

  /** Never rejects: a failure is remembered and thrown at whoever asks next. */
  function drain(): Promise<void> {
    if (timer) clearTimeout(timer)
    timer = null
    draining ??= drainChunks().finally(() => {
      draining = null
      if (chunks.length > 0 && !failed) schedule()
    })
    return draining
  }

  function schedule(): void {
    if (pendingBytes >= FLUSH_BYTES) void drain()
    else timer ??= setTimeout(() => void drain(), FLUSH_MS)
  }

  async function drainChunks(): Promise<void> {
    try {
      // What comes in meanwhile waits for its own time or size: a busy log must not sync once per frame.
      for (let left = chunks.length; left > 0; ) {
        const together = chunks.splice(0, togetherIn(chunks, left))
        left -= together.length
        const {starts} = together[0]!
        if (starts !== null) await startSegment(starts)
        let bytes = 0
        for (const {page, length} of together) {
          for (let at = 0; at < length; ) at += (await handle!.write(page.bytes, at, length - at, null)).bytesWritten
          bytes += length
        }
        if (bytes > 0) await handle!.datasync()
        durableSeq = together.at(-1)!.lastSeq
        pendingBytes -= bytes
        for (const {page} of together) {
          if (page.bytes.length === FLUSH_BYTES && spares.length < MOST_SPARES) spares.push(page)
        }
      }
    } catch (cause) {
      failed = diskFault(cause, `write raw frames of ${source}`)
    }
  }

  async function startSegment(first: number): Promise<void> {
    await handle?.close()
    handle = null
    handle = await open(join(folder, segmentName(first)), 'ax', 0o644)
    await syncFolder(folder)
  }

  async function sync(): Promise<void> {
    while (!failed && (durableSeq < lastSeq || chunks.length > 0 || draining)) await drain()
    if (failed) throw failed
  }

  return {
    source,
    recovery,
    get lastSeq() {
      return lastSeq
    },
    get durableSeq() {
      return durableSeq
    },
    get pendingBytes() {
      return pendingBytes
    },
    append,
    sync,
    async rotate() {
      if (!failed && !closed && segment !== null && segment.bytes > 0) {
        segment = {first: lastSeq + 1, hour: null, bytes: 0}
        newChunk(0, segment.first)
      }
      await sync()
    },
    async close() {
      if (closed) return
      closed = true
      try {
        await sync()
      } finally {
        await handle?.close().catch(() => undefined)
        handle = null
        if (segment?.bytes === 0 && !failed) await rm(join(folder, segmentName(segment.first)), {force: true})
        await letGo()
      }
    },
  }
}

/** How many of the first chunks go into one segment and to disk together. */
function togetherIn(chunks: readonly Chunk[], most: number): number {
  let count = 1
  while (count < Math.min(most, MOST_AT_ONCE) && chunks[count]!.starts === null) count++
  return count
}

const isFull = ({hour, bytes}: Segment, now: number, size: number): boolean =>
  bytes > 0 && ((hour !== null && now > hour) || bytes + size > MOST_SEGMENT_BYTES)

function unfit(source: string, closed: boolean, bytes: number): Fault {
  return new Fault('wal.refused', {
    family: 'bug',
    what: `A frame of ${bytes} bytes was not written to the log of ${source}.`,
    why: closed ? 'The log was closed before.' : `A frame holds at most ${MOST_BYTES} bytes.`,
    next: ['report this with the command you typed'],
  })
}
