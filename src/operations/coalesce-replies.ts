import type {Desk, RawFrame} from '../desk.ts'
import {type HttpFrame, readHttpFrame} from '../sensory/frames/http-frame.ts'
import {NOTHING_STORED, type Stored, storeReplies, sumStored} from './store-replies.ts'

/** Rows per commit. */
const ROWS_PER_COMMIT = 400_000

/**
 * Finished segments of replies into the lake: rows first, then the raw frames, whose commit is the checkpoint. A kill in
 * between repeats rows, and rows the lake has are not written again.
 *
 * @param source  `<venue>-rest`
 */
export async function coalesceReplies(desk: Desk, venue: string, source: string): Promise<Stored> {
  const segments = await desk.wal.segments(source)
  const last = segments.at(-1)
  if (last === undefined) return NOTHING_STORED
  const {seq} = await desk.wal.checkpoint(source)
  let total = NOTHING_STORED
  let waiting: {seq: number; reply: HttpFrame}[] = []
  const store = async (): Promise<void> => {
    if (waiting.length === 0) return
    const frames = {source, from: waiting[0]!.seq, to: waiting.at(-1)!.seq}
    const replies = waiting.map(({reply}) => reply)
    total = sumStored(total, await storeReplies(desk, venue, replies, frames))
    waiting = []
  }
  let rows = 0
  for await (const batch of await desk.wal.read(source, seq, last.next)) {
    for (const frame of batch) {
      const reply = readReply(frame)
      if (reply === null) continue
      waiting.push({seq: frame.seq, reply})
      rows += Array.isArray(reply.reply) ? reply.reply.length : 0
      if (rows < ROWS_PER_COMMIT) continue
      await store()
      rows = 0
    }
  }
  await store()
  await desk.wal.archive(source, {venue, segments, carry: ''})
  return total
}

/** Null for marks and for what is no reply: it stays among the raw frames, and no row comes of it. */
const readReply = ({kind, bytes}: RawFrame): HttpFrame | null =>
  kind === 'http' ? readHttpFrame(new TextDecoder().decode(bytes)) : null
