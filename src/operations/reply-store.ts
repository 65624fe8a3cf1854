import type {Desk} from '../desk.ts'
import {type HttpFrame, httpFrameText} from '../sensory/frames/http-frame.ts'
import {coalesceWal} from './coalesce-wal.ts'
import {NOTHING_STORED, type Stored, sumStored} from './store-replies.ts'

/** Replies on their way into the lake. */
export interface ReplyStore {
  keep(frame: HttpFrame): Promise<void>
  /** make durable and commit what was kept */
  store(): Promise<void>
  /** what was committed so far, also what an earlier run had left */
  stored(): Stored
  close(): Promise<void>
}

/** Rows gathered before a commit: files of the lake should not be small, and memory not large. */
const ROWS_PER_COMMIT = 200_000

const replySource = (venue: string): string => `${venue}-rest`

/**
 * The write-ahead log of a venue's replies: what was fetched survives a kill, and the next run commits it first.
 *
 * A dry run has no log.
 *
 * @throws Fault `wal.held` (data) while another ingest of this venue runs
 */
export async function openReplies(desk: Desk, venue: string): Promise<ReplyStore> {
  let total = NOTHING_STORED
  if (desk.dryRun) {
    const nothing = (): Promise<void> => Promise.resolve()
    return {keep: nothing, store: nothing, stored: () => total, close: nothing}
  }
  const source = replySource(venue)
  // What a killed run left comes first, while nobody writes behind it.
  total = sumStored(total, await coalesced(desk, venue, source))
  const wal = await desk.wal.open(source)
  let rows = 0

  async function store(): Promise<void> {
    await wal.rotate()
    total = sumStored(total, await coalesced(desk, venue, source))
    rows = 0
  }

  return {
    async keep(frame) {
      wal.append('http', desk.clock.now(), new TextEncoder().encode(httpFrameText(frame)))
      rows += Array.isArray(frame.reply) ? frame.reply.length : 0
      if (rows >= ROWS_PER_COMMIT) await store()
    },
    store,
    stored: () => total,
    close: () => wal.close(),
  }
}

async function coalesced(desk: Desk, venue: string, source: string): Promise<Stored> {
  const {added, contexts, revised, rejected} = await coalesceWal(desk, source, {venue})
  return {added: added - contexts, contexts, revised, quarantined: rejected}
}
