import {QoConfig} from '../contracts/workspace.ts'
import type {Desk, VenuePort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {fileStampOf} from '../kernel/instant.ts'
import {StreamProgress} from '../sensory/stream/stream-progress.ts'
import {streamsOf} from '../sensory/stream/streams.ts'
import {listedOf} from '../sensory/venue-rows.ts'
import {coalesceWal} from './coalesce-wal.ts'
import {venueClock} from './ingest-clock.ts'
import {auditStream} from './ingest-stream-audit.ts'
import {StreamCommits} from './ingest-stream-commits.ts'
import {leaveStreamArtifacts} from './ingest-stream-leave.ts'
import {StreamLog} from './ingest-stream-log.ts'
import {planStreams, type StreamPlan, type StreamRequest} from './ingest-stream-plan.ts'
import {Recording} from './ingest-stream-record.ts'
import {type IngestStreamResult, plannedResult, recordedResult, rowsOf} from './ingest-stream-result.ts'

/** Ticks: silence is judged to this, and subscriptions are paced to the shorter one. */
const TICK_MS = 250
const SENDING_TICK_MS = 50
const META_EVERY_MS = 300_000
const SAY_EVERY_MS = 1000
/** Raw frames that become rows before their time: one batch of them. More would only be more memory at once. */
const BYTES_PER_COMMIT = 9 << 20

/**
 * Record the venue's streams into the lake until the time is up or somebody asks to stop.
 *
 * Every frame is in the log before anything looks at it; every silence, reconnect and overflow is a hole in the ledger
 * the moment it is noticed. What an earlier kill left is committed first. Under `--dry-run` only the list is read.
 *
 * @throws Fault `stream.*` (usage) for what cannot be recorded; `venue.unreachable` (venue) when no frame ever came;
 *         `wal.*`, `lake.*` (data) when the disk fails: what was acknowledged stays
 */
export async function ingestStream(desk: Desk, request: StreamRequest): Promise<IngestStreamResult> {
  const {exchange} = await desk.files.read(QoConfig)
  const venue = await desk.venue(exchange)
  const {skewMs} = await venueClock(desk, venue)
  const plan = await planStreams(desk, exchange, listedOf(await venue.info({type: 'meta'})), request)
  if (desk.dryRun) return plannedResult(desk, {plan, skewMs})
  // The practice venue keeps a time of its own: what is stamped by another would not meet its rows.
  const setMs = exchange === 'sim' ? skewMs : 0
  return runStream(desk, {venue, plan, request, skewMs, wall: () => desk.clock.now() - setMs})
}

interface Run {
  readonly venue: VenuePort
  readonly plan: StreamPlan
  readonly request: StreamRequest
  /** our clock less the venue's, ms */
  readonly skewMs: number
  /** the clock that stamps, epoch ms: ours, but set to the practice venue's */
  readonly wall: () => number
}

async function runStream(desk: Desk, run: Run): Promise<IngestStreamResult> {
  const {venue, plan, skewMs, wall} = run
  const source = `${plan.venue}-ws`
  const head = (await desk.lake.commits()).at(-1)?.n ?? 0
  const feed = await desk.feed(venue.url)
  const wal = await desk.wal.open(source)
  const log = new StreamLog(wal)
  const from = wall()
  let recording: Recording | null = null
  const commits = new StreamCommits(desk, wal, source)
  let ended = 'time-up'
  let to = from
  const moved = {left: [] as string[], joined: [] as string[]}
  try {
    desk.progress.say('bringing what an earlier run left into the lake')
    await coalesceWal(desk, source)
    recording = new Recording({desk, venue, feed, log, skewMs, wall}, plan.streams)
    tellSession(desk, recording, run, from)
    await log.sync()
    ended = await untilDone(desk, run, {recording, commits, log, moved})
    // Reading ends here; committing what was read takes a while, and nothing that happens then was missed.
    to = wall()
    await recording.stop()
    if (recording.failure !== null) throw recording.failure
    recording.mark({mark: 'end', reason: ended})
  } finally {
    await recording?.stop()
    await commits.settle()
    await log.close(wall())
  }
  desk.progress.say('committing')
  commits.take(await coalesceWal(desk, source))
  const mine = (await desk.lake.commits()).filter(({n, frames}) => n > head && frames?.source === source)
  const {tally} = recording
  const audit = await auditStream(desk, {feed, plan, from, to, moved})
  const facts = {plan, from, to, tally, rowsByTable: rowsOf(mine), totals: commits.total, audit}
  const paths = await leaveStreamArtifacts(desk, facts)
  return recordedResult(desk, run, {
    ...facts,
    ended,
    tally,
    moved,
    requests: recording.healer.requests,
    commits: mine.length,
    warnings: commits.warnings,
    paths,
  })
}

const sessionId = (desk: Desk, from: number): string => `${fileStampOf(Math.floor(from))}-${desk.machine.pid}`

/** Say which streams this process records from here on; the same session may say it again when the list changes. */
function tellSession(desk: Desk, recording: Recording, {venue, plan}: Run, from: number): void {
  recording.mark({
    mark: 'session',
    id: sessionId(desk, from),
    venue: plan.venue,
    url: venue.url,
    streams: recording.watch.streams.map(({key}) => key),
    qo_version: desk.version,
    pid: desk.machine.pid,
    boot_id: desk.latch.evidence().boot,
  })
}

async function untilDone(
  desk: Desk,
  run: Run,
  {
    recording,
    commits,
    log,
    moved,
  }: {
    recording: Recording
    commits: StreamCommits
    log: StreamLog
    moved: {left: string[]; joined: string[]}
  },
): Promise<string> {
  const {clock} = desk
  const {request, plan} = run
  const start = clock.monotonic()
  const from = run.wall()
  let [metaAt, saidAt, committedAt, committedBytes] = [start, start, start, 0]
  const progress = new StreamProgress()
  let list: Promise<void> | null = null
  for (;;) {
    recording.tick()
    const at = clock.monotonic()
    if (recording.failure !== null) return 'error'
    if (request.stopRequested()) return 'asked'
    if (request.forMs !== null && at - start >= request.forMs) return 'time-up'
    if (request.until !== null && clock.now() >= request.until) return 'time-up'
    if (recording.tally.frames === 0 && at - start >= request.connectTimeoutMs) throw unreachable(run, recording)
    const waiting = recording.tally.bytes - committedBytes
    if (at - committedAt >= plan.commitEveryMs || waiting >= BYTES_PER_COMMIT) {
      ;[committedAt, committedBytes] = [at, recording.tally.bytes]
      commits.start()
    }
    if (list === null && (recording.metaIsDue || at - metaAt >= META_EVERY_MS)) {
      ;[metaAt, recording.metaIsDue] = [at, false]
      list = refreshList(desk, run, recording, moved, from).finally(() => {
        list = null
      })
    }
    if (at - saidAt >= SAY_EVERY_MS) {
      saidAt = at
      desk.progress.say(progress.line(recording, at - start, log.pendingBytes))
    }
    await clock.sleep(recording.watch.isSending ? SENDING_TICK_MS : TICK_MS)
  }
}

/** A coin that was delisted is let go, one that was listed is taken up unless coins were named. */
async function refreshList(
  desk: Desk,
  run: Run,
  recording: Recording,
  moved: {left: string[]; joined: string[]},
  from: number,
): Promise<void> {
  const {plan, venue} = run
  const reply = await venue.info({type: 'meta'}).catch(() => null)
  if (reply === null) return
  const live = new Set(listedOf(reply).flatMap(({coin, delisted}) => (delisted ? [] : [coin])))
  const recorded = new Set(recording.watch.streams.map(({coin}) => coin))
  const left = [...recorded].filter((coin) => !live.has(coin))
  const joined = plan.followsListing ? [...live].filter((coin) => !recorded.has(coin)) : []
  if (left.length + joined.length === 0) return
  for (const coin of left) recording.watch.drop(coin)
  recording.watch.add(streamsOf(joined, plan.channels, plan.intervals))
  moved.left.push(...left)
  moved.joined.push(...joined)
  tellSession(desk, recording, run, from)
}

const unreachable = ({venue, request}: Run, {tally}: Recording): Fault =>
  new Fault('venue.unreachable', {
    family: 'venue',
    what: `${venue.url} sent no frame within ${request.connectTimeoutMs / 1000} s.`,
    why: `${tally.connects} connections were tried, ${tally.refused} were refused or failed. Nothing was recorded.`,
    next: ['qo doctor', 'allow longer with --connect-timeout'],
  })
