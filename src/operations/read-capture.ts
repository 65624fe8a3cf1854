import type {Desk, LinesFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {captureKind, captureLine, captureShape} from '../sensory/capture-lines.ts'
import {FrameReader} from '../sensory/frames/frame-reader.ts'

/** A line that is no recorded frame. */
export interface BadLine {
  readonly line: number
  readonly reason: string
  readonly cells: {readonly text: string}
}

/** What a capture holds, before anything of it is stored. */
export interface CaptureFacts {
  readonly lines: number
  readonly frames: number
  readonly first: number
  readonly bad: readonly BadLine[]
  /** frames whose content is no market data; they are kept raw all the same */
  readonly rejected: number
  readonly rows: number
  readonly kinds: Readonly<Record<string, number>>
  /** `<table>:<coin>` of the streams that were recorded */
  readonly streams: readonly string[]
}

const DRAIN_ROWS = 50_000
const HEAD = 200

const encoder = new TextEncoder()

/**
 * Read a capture once without leaving anything, to know whether it may be stored.
 *
 * @throws Fault `ingest.wrong_shape`, `ingest.empty_file` (data)
 */
export async function readCapture(file: LinesFile, shape: 'hl-capture' | 'binance-capture'): Promise<CaptureFacts> {
  const reader = new FrameReader()
  const kinds: Record<string, number> = {}
  const streams = new Set<string>()
  const bad: BadLine[] = []
  let [line, frames, first, rejected, rows] = [0, 0, Number.NaN, 0, 0]
  const drain = (): void => {
    const drained = reader.drain()
    rejected += drained.rejects.length
    for (const {table, rows: found} of drained.batches) {
      rows += found.count
      if (table === 'candles') continue
      for (const coin of found.names?.['coin'] ?? (found.columns['coin'] as string[])) streams.add(`${table}:${coin}`)
    }
  }
  for await (const batch of file.lines()) {
    for (const text of batch) {
      line++
      if (text.trim() === '') continue
      const found = captureLine(text.trimEnd())
      if (typeof found === 'string') {
        bad.push({line, reason: found, cells: {text: text.slice(0, HEAD)}})
        continue
      }
      if (frames === 0) refuseOther(file.name, found.text, shape)
      if (frames === 0) first = found.receivedAt
      frames++
      const kind = captureKind(found.text)
      kinds[kind] = (kinds[kind] ?? 0) + 1
      reader.take({seq: frames, receivedAt: found.receivedAt, kind: 'socket', bytes: encoder.encode(found.text)})
    }
    if (reader.length > DRAIN_ROWS) drain()
  }
  drain()
  return {lines: line, frames, first, bad, rejected, rows, kinds, streams: [...streams].sort()}
}

function refuseOther(name: string, text: string, shape: string): void {
  const likely = captureShape(text)
  if (likely === shape) return
  throw new Fault('ingest.wrong_shape', {
    family: 'data',
    what: `${name} is no ${shape}: its first frame is ${text.slice(0, 60)}…`,
    why: 'The frames of each exchange are read by its own rules.',
    next: [likely === null ? 'check what the file holds' : `--as ${likely}`],
  })
}

/** Silence of the whole capture behind which its streams count as lost, ms. */
const MOST_SILENCE_MS = 60_000

/**
 * Every frame of a capture into the write-ahead log of its own source, between the marks of one session. A capture that
 * was stored before, or in part, goes on where it ended: frames of a source are numbered, and these are the same.
 *
 * @returns frames that are in the log now, marks included
 */
export async function logCapture(
  desk: Desk,
  file: LinesFile,
  {source, venue, facts}: {source: string; venue: string; facts: CaptureFacts},
): Promise<number> {
  const writer = await desk.wal.open(source)
  try {
    const had = Math.max(writer.recovery.lastSeq, (await desk.wal.checkpoint(source)).seq)
    let seq = 0
    const put = async (kind: 'socket' | 'mark', at: number, text: string): Promise<void> => {
      if (++seq <= had) return
      writer.append(kind, at, encoder.encode(text))
      if (writer.pendingBytes > 8 << 20) await writer.sync()
    }
    const mark = (at: number, body: object): Promise<void> => put('mark', at, JSON.stringify(body))
    const who = {venue, url: `file:${file.name}`, qo_version: 'capture', pid: 1, boot_id: 'capture'}
    await mark(facts.first, {mark: 'session', id: source, ...who, streams: facts.streams})
    let last = facts.first
    for await (const batch of file.lines()) {
      for (const text of batch) {
        const found = captureLine(text.trimEnd())
        if (typeof found === 'string') continue
        const {receivedAt} = found
        const silent = receivedAt - last > MOST_SILENCE_MS
        if (silent)
          await mark(last, {mark: 'lost', streams: 'all', from: last, cause: `nothing recorded in ${file.name}`})
        await put('socket', receivedAt, found.text)
        if (silent) await mark(receivedAt, {mark: 'back', streams: 'all', at: receivedAt, healed: false})
        last = receivedAt
      }
    }
    await mark(last, {mark: 'end', reason: 'end of the capture'})
    return seq
  } finally {
    await writer.close()
  }
}
