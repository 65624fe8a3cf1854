import type {Desk} from '../desk.ts'
import type {HttpFrame} from '../sensory/frames/http-frame.ts'
import {type Stored, storeReplies} from './store-replies.ts'

/** Replies on their way into the lake. */
export interface ReplyStore {
  keep(frame: HttpFrame): Promise<void>
  /** commit what was kept since the last time */
  store(): Promise<void>
  stored(): Stored & {readonly contexts: number}
  close(): Promise<void>
}

/** Rows gathered before a commit: files of the lake should not be small, and memory not large. */
const ROWS_PER_COMMIT = 200_000

export async function openReplies(desk: Desk, venue: string): Promise<ReplyStore> {
  let waiting: HttpFrame[] = []
  let rows = 0
  const total = {added: 0, revised: 0, quarantined: 0, contexts: 0}

  async function store(): Promise<void> {
    if (waiting.length === 0) return
    const part = await storeReplies(desk, venue, waiting)
    total.added += part.added
    total.revised += part.revised
    total.quarantined += part.quarantined
    total.contexts += part.contexts
    waiting = []
    rows = 0
  }

  return {
    async keep(frame) {
      waiting.push(frame)
      rows += Array.isArray(frame.reply) ? frame.reply.length : 0
      if (rows >= ROWS_PER_COMMIT) await store()
    },
    store,
    stored: () => total,
    close: () => Promise.resolve(),
  }
}
