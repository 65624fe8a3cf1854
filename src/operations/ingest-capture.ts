import {TABLES} from '../contracts/index.ts'
import type {Desk, LinesFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {type Coalesced, coalesceWal} from './coalesce-wal.ts'
import type {IngestFileRequest} from './commit-file-rows.ts'
import {logReply, type ReplyRequest, readReply} from './ingest-reply.ts'
import type {IngestFileResult} from './ingest-rows.ts'
import {leaveManifest} from './lake-manifest.ts'
import {stemOf} from './quarantine.ts'
import {type CaptureFacts, logCapture, readCapture} from './read-capture.ts'
import {tableLine} from './table-line.ts'

/** Request of a capture: the file's shape is one of the two, and a single reply comes with what was asked. */
export type IngestCaptureRequest = IngestFileRequest & {
  readonly shape: 'hl-capture' | 'binance-capture'
  readonly reply: ReplyRequest | null
}

/**
 * Import recorded frames: look through all of them, write them to the log of a source of their own, coalesce that into
 * the lake as a recorder's would be. The raw frames are kept, so every table can be rebuilt from them.
 *
 * A kill at any point loses nothing: the next run of the same file goes on behind the last durable frame.
 *
 * @throws Fault `ingest.*`, `wal.*`, `lake.*` (data)
 */
export async function ingestCapture(desk: Desk, request: IngestCaptureRequest): Promise<IngestFileResult> {
  const file = await desk.lake.openLines(request.path)
  const facts = request.reply ? await readReply(file, request.reply) : await readCapture(file, request.shape)
  const quarantine = await leaveBadLines(desk, file, facts)
  refuseFacts(file.name, facts, request, quarantine)
  const source = `capture-${file.sha256.slice(0, 12)}`
  await refuseOtherVenue(desk, source, request.venue)
  let done: Coalesced | null = null
  if (!desk.dryRun) {
    desk.progress.say(`storing ${facts.frames} frames`)
    if (request.reply) await logReply(desk, file, {source, reply: request.reply})
    else await logCapture(desk, file, {source, venue: request.venue, facts})
    done = await coalesceWal(desk, source, {venue: request.venue})
  }
  return resultOf(desk, file, {request, facts, source, done, quarantine})
}

async function resultOf(
  desk: Desk,
  file: LinesFile,
  {
    request,
    facts,
    source,
    done,
    quarantine,
  }: {
    readonly request: IngestCaptureRequest
    readonly facts: CaptureFacts
    readonly source: string
    readonly done: Coalesced | null
    readonly quarantine: string | null
  },
): Promise<IngestFileResult> {
  const {venue} = request
  const commits = await desk.lake.commits()
  const mine = commits.filter(({source: from, frames}) => from === source || frames?.source === source)
  const tables = TABLES.filter(({id}) => mine.some(({table}) => `${table}@` === id.slice(0, table.length + 1)))
  const parts = tables.flatMap((table) => {
    const intervals = new Set(mine.filter((one) => table.id.startsWith(`${one.table}@`)).map((one) => one.interval))
    return [...intervals].map((interval) => ({table, venue, interval}))
  })
  const paths: (string | null)[] = []
  for (const part of parts) paths.push(await leaveManifest(desk, part))
  const lines = []
  for (const {table, interval} of parts) {
    lines.push(await tableLine(desk, commits, {table: table.id.split('@')[0]!, venue, interval}))
  }
  return {
    artifact: 'ingest-file@1',
    ok: true,
    tables: lines,
    file: {name: file.name, sha256: file.sha256, rows: facts.lines},
    accepted: facts.rows,
    duplicates: done === null || done.frames === 0 ? 0 : done.unchanged,
    quarantined: facts.bad.length + facts.rejected,
    rejected: facts.bad.length === 0 ? [] : [{reason: facts.bad[0]!.reason, rows: facts.bad.length}],
    added: done?.added ?? facts.rows,
    revised: done?.revised ?? 0,
    unchanged: done?.frames === 0 ? facts.rows : (done?.unchanged ?? 0),
    coins: new Set(facts.streams.map((stream) => stream.slice(stream.indexOf(':') + 1))).size,
    incarnations: 0,
    gaps: done?.gaps ?? 0,
    deadBars: 0,
    outOfOrder: 0,
    crossed: 0,
    locked: 0,
    commit: done && done.commits > 0 ? (commits.at(-1)?.n ?? null) : null,
    capture: {source, frames: facts.frames, kinds: facts.kinds},
    paths: [...paths, quarantine, ...(done?.quarantine ?? [])].filter((path) => path !== null),
  }
}

async function leaveBadLines(desk: Desk, file: LinesFile, {bad}: CaptureFacts): Promise<string | null> {
  if (bad.length === 0) return null
  const path = `data/quarantine/${stemOf(file)}.jsonl`
  const head = {artifact: 'quarantine@1', file: file.name, sha256: file.sha256, rows: bad.length}
  await desk.files.writeText(path, `${[head, ...bad].map((entry) => JSON.stringify(entry)).join('\n')}\n`)
  return path
}

function refuseFacts(
  name: string,
  {lines, bad, rejected, rows, kinds}: CaptureFacts,
  {maxBad}: IngestFileRequest,
  quarantine: string | null,
): void {
  if (lines === 0) {
    throw new Fault('ingest.empty_file', {
      family: 'data',
      what: `${name} has no lines; the lake is unchanged.`,
      why: 'There is nothing to import.',
      next: ['check the path'],
    })
  }
  const wrong = bad.length + rejected
  if (wrong / lines > maxBad) {
    throw new Fault('ingest.too_many_bad', {
      family: 'data',
      what: `${wrong} of ${lines} lines of ${name} are no frames with market data; the lake is unchanged.`,
      why: `At most ${(maxBad * 100).toFixed(2)} % may be bad. ${bad[0] ? `Line ${bad[0].line}: ${bad[0].reason}.` : ''}`,
      next: [
        ...(quarantine === null ? [] : [`look into ${quarantine}`]),
        'say what the file is with --as and --request',
      ],
    })
  }
  if (rows > 0) return
  throw new Fault('ingest.no_rows', {
    family: 'data',
    what: `${name} holds no row of any table; the lake is unchanged.`,
    why: `Its frames are ${
      Object.entries(kinds)
        .map(([kind, count]) => `${count} × ${kind}`)
        .join(', ') || 'none'
    }.`,
    next: ['check that it is a recording of market data'],
  })
}

/** The frames of a file belong to the venue under which they were stored first. */
async function refuseOtherVenue(desk: Desk, source: string, venue: string): Promise<void> {
  const other = (await desk.lake.commits()).find((one) => one.source === source && one.venue !== venue)
  if (other === undefined) return
  throw new Fault('ingest.other_venue', {
    family: 'data',
    what: `These frames are in the lake as ${other.venue} already.`,
    why: 'One recording is of one venue; stored under two it would be two markets.',
    next: [`--venue ${other.venue}`],
  })
}
