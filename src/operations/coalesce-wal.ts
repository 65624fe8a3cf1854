import type {Desk, WalSegment} from '../desk.ts'
import {FrameReader, type FrameReaderState, type FrameReject, type FrameRows} from '../sensory/frames/frame-reader.ts'
import {appendFrameRows, type ReadFrom} from './append-frame-rows.ts'
import {storeReplies} from './store-replies.ts'

/** Weight of the rows that wait for a commit, and bytes of the segments that share a checkpoint. */
export const ROWS_PER_COMMIT = 250_000
const BYTES_PER_CHECKPOINT = 64 << 20
/** A group this large is many prints: memory for a whole commit of them is taken at once. */
const MANY_BYTES = 16 << 20

/** What became of some raw frames. */
export interface Coalesced {
  readonly source: string
  /** frames that are in the lake now, and the newest frame there; 0 when there was nothing to do */
  readonly frames: number
  readonly upTo: number
  readonly added: number
  /** of these, asset contexts that came by REST: new in each run, and no news */
  readonly contexts: number
  readonly revised: number
  /** rows that the lake, or the batch, had already */
  readonly unchanged: number
  /** frames, or rows of frames, that hold no market data */
  readonly rejected: number
  readonly gaps: number
  readonly commits: number
  readonly quarantine: readonly string[]
}

/**
 * Bring the finished segments of a source into the lake: rows and gaps first, one commit a table and batch, then the
 * raw frames, whose commit is the checkpoint.
 *
 * A kill at any point repeats frames from the last checkpoint, and rows the lake has are not written again: each is
 * there once. The writer of the source rotates before, so that what it has written is finished. Between batches the
 * event loop runs: a recorder in this process goes on stamping what comes in.
 *
 * @param until  segments that start behind this frame are left alone
 * @param venue  default: the source up to its last hyphen
 * @throws Fault `wal.*`, `lake.*` (data); what was committed before stays
 */
export async function coalesceWal(
  desk: Desk,
  source: string,
  {until = Number.POSITIVE_INFINITY, venue = venueOf(source)}: {until?: number; venue?: string} = {},
): Promise<Coalesced> {
  let total: Coalesced = {source, frames: 0, upTo: 0, ...NO_COUNTS, quarantine: []}
  if (desk.dryRun) return total
  const segments = (await desk.wal.segments(source)).filter(({first}) => first <= until)
  if (segments.length === 0) return total
  const {seq, carry} = await desk.wal.checkpoint(source)
  let state = carry === null ? await readAgain(desk, source, seq) : stateOf(carry)
  let after = seq
  for (const group of groupsOf(segments)) {
    const {next} = group.at(-1)!
    const bytes = group.reduce((sum, segment) => sum + segment.bytes, 0)
    const read = await commitGroup(desk, {source, venue, after, next, state, bytes})
    const {counts, quarantine} = read
    state = read.state
    const carried = JSON.stringify(state)
    const what = {venue, segments: group, carry: carried, rejected: counts.rejected}
    const archived = await desk.wal.archive(source, what)
    total = {
      ...total,
      ...sum(total, counts),
      frames: total.frames + archived.frames,
      upTo: next - 1,
      commits: total.commits + counts.commits + 1,
      quarantine: [...total.quarantine, ...quarantine, ...archived.quarantine],
    }
    after = next - 1
  }
  return total
}

/** `<venue>-ws`, `<venue>-rest`: the venue a source of raw frames belongs to. */
const venueOf = (source: string): string => source.replace(/-[^-]*$/, '')

const stateOf = (carry: string): FrameReaderState | null =>
  carry === '' ? null : (JSON.parse(carry) as FrameReaderState)

/** What the reader knew at a checkpoint, when that is lost: the archived frames say it again. */
async function readAgain(desk: Desk, source: string, seq: number): Promise<FrameReaderState | null> {
  if (seq === 0) return null
  const reader = new FrameReader()
  for await (const frames of await desk.wal.read(source, 0, seq + 1)) {
    for (const frame of frames) reader.take(frame)
    reader.drain()
    await desk.clock.sleep(0)
  }
  return reader.state()
}

/** Small segments share a checkpoint: neither commits nor files should be many. */
function groupsOf(segments: readonly WalSegment[]): WalSegment[][] {
  const groups: WalSegment[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const segment of segments) {
    if (bytes + segment.bytes > BYTES_PER_CHECKPOINT) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)!.push(segment)
    bytes += segment.bytes
  }
  return groups
}

interface Group {
  readonly source: string
  readonly venue: string
  readonly after: number
  readonly next: number
  readonly state: FrameReaderState | null
  readonly bytes: number
}

/** Rows and gaps of the frames between two checkpoints: while one commit is written, the frames of the next are read. */
async function commitGroup(
  desk: Desk,
  {source, venue, after, next, state, bytes}: Group,
): Promise<{counts: Counts; quarantine: string[]; state: FrameReaderState}> {
  const reader = new FrameReader(state, bytes > MANY_BYTES ? Math.ceil(1.1 * ROWS_PER_COMMIT) : 0)
  let counts: Counts = NO_COUNTS
  const quarantine: string[] = []
  let [from, receivedAt] = [after + 1, 0]
  let running: Promise<void> = Promise.resolve()
  const commit = async (range: ReadFrom, rows: FrameRows): Promise<void> => {
    const done = await commitRows(desk, range, rows)
    counts = {...sum(counts, done.counts), commits: counts.commits + done.counts.commits}
    quarantine.push(...done.quarantine)
  }
  const begin = async (to: number): Promise<void> => {
    await running
    running = commit({source, venue, from, to, receivedAt}, reader.drain())
    // Whoever waits for it next is told; until then nobody is there to hear it fail.
    running.catch(() => undefined)
    from = to + 1
  }
  try {
    for await (const frames of await desk.wal.read(source, after, next)) {
      for (const frame of frames) reader.take(frame)
      const last = frames.at(-1)!
      receivedAt = Math.max(receivedAt, Math.floor(last.receivedAt))
      if (reader.length >= ROWS_PER_COMMIT) await begin(last.seq)
      else await desk.clock.sleep(0)
    }
    if (from < next) await begin(next - 1)
  } finally {
    await running
  }
  return {counts, quarantine, state: reader.state()}
}

async function commitRows(
  desk: Desk,
  range: ReadFrom,
  rows: FrameRows,
): Promise<{counts: Counts; quarantine: string[]}> {
  const {source, venue, from, to} = range
  const done = await appendFrameRows(desk.lake, range, rows)
  const stored =
    rows.replies.length > 0
      ? await storeReplies(desk, venue, rows.replies, {source, from, to})
      : {added: 0, revised: 0, quarantined: 0, contexts: 0}
  const counts = {
    added: done.added + stored.added + stored.contexts,
    contexts: stored.contexts,
    revised: done.revised + stored.revised,
    unchanged: done.unchanged,
    rejected: rows.rejects.length + stored.quarantined,
    gaps: rows.gaps.length,
    commits: done.commits,
  }
  return {counts, quarantine: await leaveRejects(desk, range, rows.rejects)}
}

/** The start of each frame that gave no row; the whole frame is among the raw ones, under its number. */
async function leaveRejects(desk: Desk, {source, from, to}: ReadFrom, rejects: readonly FrameReject[]) {
  if (rejects.length === 0) return []
  const head = {artifact: 'quarantine@1', file: `frames ${from} to ${to} of ${source}`, rows: rejects.length}
  const path = `data/quarantine/frames-${encodeURIComponent(source)}-${from}-${to}.jsonl`
  await desk.files.writeText(path, `${[head, ...rejects].map((entry) => JSON.stringify(entry)).join('\n')}\n`)
  return [path]
}

type Counts = Pick<Coalesced, 'added' | 'contexts' | 'revised' | 'unchanged' | 'rejected' | 'gaps' | 'commits'>
const NO_COUNTS: Counts = {added: 0, contexts: 0, revised: 0, unchanged: 0, rejected: 0, gaps: 0, commits: 0}

const sum = (a: Counts, b: Counts): Omit<Counts, 'commits'> => ({
  added: a.added + b.added,
  contexts: a.contexts + b.contexts,
  revised: a.revised + b.revised,
  unchanged: a.unchanged + b.unchanged,
  rejected: a.rejected + b.rejected,
  gaps: a.gaps + b.gaps,
})
