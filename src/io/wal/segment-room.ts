import {open} from 'node:fs/promises'

/** Segments are this large and somewhat smaller, so memory is taken in such steps: what is given back fits the next. */
const STEP = 4 << 20

/** Whole segments, read into memory that is used again: fresh memory for each would wait for the collector. */
export interface SegmentRoom {
  /** the caller gives it back when it no longer looks at it */
  read(path: string): Promise<Buffer>
  giveBack(content: Buffer): void
}

/** Keeps the memory of one segment. Who reads while it is in use gets memory of its own. */
export function segmentRoom(): SegmentRoom {
  let spare: Buffer | null = null
  return {
    async read(path) {
      const handle = await open(path, 'r')
      try {
        const {size} = await handle.stat()
        let room = spare
        spare = null
        if (room === null || room.length < size)
          room = Buffer.allocUnsafeSlow(Math.max(1, Math.ceil(size / STEP)) * STEP)
        let at = 0
        while (at < size) {
          const {bytesRead} = await handle.read(room, at, size - at, at)
          if (bytesRead === 0) break
          at += bytesRead
        }
        return room.subarray(0, at)
      } finally {
        await handle.close()
      }
    },
    giveBack({buffer}) {
      if (spare === null || spare.length < buffer.byteLength) spare = Buffer.from(buffer as ArrayBuffer)
    },
  }
}
