import type {StreamMark} from '../../contracts/stream.ts'
import type {FrameKind, RawFrame} from '../../desk.ts'
import {crc32c, viewOf} from '../../kernel/crc32c.ts'

/** u32 length of the payload, u32 CRC-32C of the payload; all numbers little-endian. */
const HEADER = 8
/** u8 kind, u32 position in the segment, f64 receive time; the message itself follows. */
const PREFIX = 13
export const FRAME_OVERHEAD = HEADER + PREFIX
/** A longer frame is taken for a broken length. */
export const MOST_BYTES = 64 << 20

const KINDS: readonly FrameKind[] = ['socket', 'http', 'mark']

/** The same memory twice: bytes are copied into one, numbers are written through the other. */
export interface Page {
  readonly bytes: Buffer
  readonly view: DataView
}

export const pageOf = (bytes: Buffer): Page => ({bytes, view: viewOf(bytes)})

/** Write one frame at `at`; the page has room for `FRAME_OVERHEAD + bytes.length`. Returns the offset behind it. */
export function encodeFrame(
  {bytes: page, view}: Page,
  at: number,
  {kind, position, receivedAt, bytes}: {kind: FrameKind; position: number; receivedAt: number; bytes: Uint8Array},
): number {
  const body = at + HEADER
  const end = body + PREFIX + bytes.length
  view.setUint8(body, kind === 'socket' ? 0 : KINDS.indexOf(kind))
  view.setUint32(body + 1, position, true)
  view.setFloat64(body + 5, receivedAt, true)
  page.set(bytes, body + PREFIX)
  view.setUint32(at, end - body, true)
  view.setUint32(at + 4, crc32c(view, body, end), true)
  return end
}

/** Bytes that are no frame: where they lie and how many frames are missing there. */
interface Stretch {
  readonly offset: number
  readonly length: number
  readonly frames: number
}

/** What is known of a segment once it was read to its end. */
export interface SegmentSummary {
  /** frames that check */
  readonly intact: number
  /** sequence number of the last of them; 0 when there is none */
  readonly lastSeq: number
  /** smallest and largest receive time, 0 when there is none */
  readonly from: number
  readonly to: number
  /** between intact frames */
  readonly damaged: readonly Stretch[]
  /** offset behind the last intact frame; what follows is a torn tail */
  readonly end: number
}

export interface Decoded extends SegmentSummary {
  /** oldest first, `damaged` marks where frames are missing; bytes are views into the segment */
  readonly frames: readonly RawFrame[]
}

/** A whole segment at once. */
export function decodeSegment(segment: Buffer, first: number): Decoded {
  const decoder = segmentDecoder(segment, first)
  const frames = decoder.next(Number.POSITIVE_INFINITY)
  return {...decoder.summary(), frames}
}

/**
 * The intact frames of one segment, some at a time, so that a large one does not hold up whoever shares the thread.
 *
 * Each frame carries its position, so a frame that no longer checks costs exactly itself: the next one that checks, at
 * whatever byte it starts, says how many are missing. Nothing that fails its checksum is ever returned.
 *
 * @param first   sequence number of position 0
 * @param before  receive time of the frame before it
 */
export function segmentDecoder(
  bytes: Buffer,
  first: number,
  before = 0,
): {next(most: number): RawFrame[]; summary(): SegmentSummary} {
  const segment = viewOf(bytes)
  const damaged: Stretch[] = []
  let at = 0
  let end = 0
  let expected = 0
  let intact = 0
  let last = before
  let from = Number.POSITIVE_INFINITY
  let to = 0

  function next(most: number): RawFrame[] {
    const frames: RawFrame[] = []
    while (at < segment.byteLength && frames.length < most) {
      const position = positionAt(segment, at, expected, at - end)
      if (position === null) {
        at++
        continue
      }
      const body = at + HEADER
      const receivedAt = segment.getFloat64(body + 5, true)
      const missing = position - expected
      if (missing > 0) {
        frames.push(damagedMark(first + expected, {from: last, to: receivedAt, frames: missing, bytes: at - end}))
      }
      if (at > end) damaged.push({offset: end, length: at - end, frames: missing})
      end = body + segment.getUint32(at, true)
      frames.push(
        new StoredFrame(first + position, receivedAt, KINDS[segment.getUint8(body)]!, segment, body + PREFIX, end),
      )
      intact++
      expected = position + 1
      last = receivedAt
      if (receivedAt < from) from = receivedAt
      if (receivedAt > to) to = receivedAt
      at = end
    }
    return frames
  }

  return {
    next,
    summary: () => ({
      ...{intact, damaged, end, to},
      lastSeq: expected === 0 ? 0 : first + expected - 1,
      from: Number.isFinite(from) ? from : 0,
    }),
  }
}

/** A frame in its segment. The view of its bytes is made when somebody asks: a million views cost more than their sums. */
class StoredFrame implements RawFrame {
  readonly seq: number
  readonly receivedAt: number
  readonly kind: FrameKind
  readonly within: DataView
  readonly from: number
  readonly to: number

  constructor(seq: number, receivedAt: number, kind: FrameKind, within: DataView, from: number, to: number) {
    this.seq = seq
    this.receivedAt = receivedAt
    this.kind = kind
    this.within = within
    this.from = from
    this.to = to
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.within.buffer, this.within.byteOffset + this.from, this.to - this.from)
  }
}

/** Position of the whole, intact frame that starts at `at`; null when there is none. */
function positionAt(segment: DataView, at: number, expected: number, skipped: number): number | null {
  if (at + FRAME_OVERHEAD > segment.byteLength) return null
  const length = segment.getUint32(at, true)
  const body = at + HEADER
  if (length < PREFIX || length > MOST_BYTES || body + length > segment.byteLength) return null
  if (segment.getUint8(body) >= KINDS.length) return null
  const position = segment.getUint32(body + 1, true)
  // The bytes passed over cannot have held more frames than fit; the test spares the checksum of most offsets.
  if (position < expected || position > expected + skipped / FRAME_OVERHEAD) return null
  return crc32c(segment, body, body + length) === segment.getUint32(at + 4, true) ? position : null
}

type Damage = Extract<StreamMark, {mark: 'damaged'}>

/** What a reader says in the place of frames that are lost: made from what stands around them, so all say the same. */
export function damagedMark(seq: number, {from, to, frames, bytes}: Omit<Damage, 'mark'>): RawFrame {
  const whole = (ms: number): number => Math.max(0, Math.floor(ms))
  const mark: Damage = {mark: 'damaged', from: whole(from), to: whole(to), frames, bytes}
  return {seq, receivedAt: from, kind: 'mark', bytes: Buffer.from(JSON.stringify(mark))}
}
