import type {Desk, LinesFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {FrameReader} from '../sensory/frames/frame-reader.ts'
import {httpFrameText, httpRows} from '../sensory/frames/http-frame.ts'
import type {CaptureFacts} from './read-capture.ts'

/** What was asked of the venue's POST /info, and when its answer was there: a saved reply says neither. */
export interface ReplyRequest {
  readonly request: Readonly<Record<string, unknown>>
  /** epoch ms */
  readonly at: number
}

const encoder = new TextEncoder()

/** The rows a saved reply holds. @throws Fault `ingest.unreadable_file`, `venue.malformed` */
export async function readReply(file: LinesFile, asked: ReplyRequest): Promise<CaptureFacts> {
  const {kind, text} = frameOf(await jsonOf(file), asked)
  const reader = new FrameReader()
  reader.take({seq: 1, receivedAt: asked.at, kind, bytes: encoder.encode(text)})
  const {batches, replies, rejects} = reader.drain()
  const tables = replies.map(httpRows)
  const rows = tables.reduce((sum, one) => sum + rowsOf(one), 0) + batches.reduce((sum, one) => sum + one.rows.count, 0)
  const type = String(asked.request['type'])
  const facts = {lines: 1, frames: 1, first: asked.at, bad: [], rejected: rejects.length, rows, kinds: {[type]: 1}}
  return {...facts, streams: []}
}

function rowsOf(found: ReturnType<typeof httpRows>): number {
  if (found === null) return 0
  if (found.table === 'universe') return found.listed.length
  return found.table === 'asset_ctx' ? found.rows.count : found.raw.count
}

/** The reply as one frame in the log of its source; a book reply is what the socket sends as well. */
export async function logReply(
  desk: Desk,
  file: LinesFile,
  {source, reply: asked}: {source: string; reply: ReplyRequest},
): Promise<void> {
  const {kind, text} = frameOf(await jsonOf(file), asked)
  const writer = await desk.wal.open(source)
  try {
    const had = Math.max(writer.recovery.lastSeq, (await desk.wal.checkpoint(source)).seq)
    if (had === 0) writer.append(kind, asked.at, encoder.encode(text))
  } finally {
    await writer.close()
  }
}

function frameOf(reply: unknown, {request, at}: ReplyRequest): {kind: 'socket' | 'http'; text: string} {
  if (request['type'] === 'l2Book') return {kind: 'socket', text: JSON.stringify({channel: 'l2Book', data: reply})}
  return {kind: 'http', text: httpFrameText({request, reply, askedAt: at, receivedAt: at})}
}

async function jsonOf(file: LinesFile): Promise<unknown> {
  const lines: string[] = []
  for await (const batch of file.lines()) lines.push(...batch)
  try {
    return JSON.parse(lines.join('\n'))
  } catch (cause) {
    throw new Fault('ingest.unreadable_file', {
      family: 'data',
      what: `${file.name} is not one JSON reply.`,
      why: (cause as Error).message,
      next: ['check that the file is complete', 'leave --request away for a file with one frame a line'],
      cause,
    })
  }
}
