import type {Desk, LakeCommit} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import type {StaleAction} from '../sensory/stream/steps.ts'
import type {StreamTally, ToldGap} from '../sensory/stream/stream-tally.ts'
import type {StreamAudit} from './ingest-stream-audit.ts'
import type {StreamPlan} from './ingest-stream-plan.ts'

/** What was recorded, or under --dry-run would be. */
export interface IngestStreamResult {
  readonly artifact: 'ingest-stream@1'
  readonly ok: boolean
  readonly venue: string
  readonly dryRun: boolean
  readonly from: string
  readonly to: string
  /** why it ended: `asked`, `time-up`, or `dry-run` */
  readonly ended: string
  readonly coins: readonly string[]
  readonly plan: {
    readonly streams: number
    readonly sockets: number
    readonly channels: readonly string[]
    readonly intervals: readonly string[]
    /** messages it takes to subscribe to everything, and the seconds that takes */
    readonly messages: number
    readonly subscribeSeconds: number
    readonly commitEveryMs: number
  }
  readonly frames: number
  readonly bytes: number
  readonly rowsByTable: Readonly<Record<string, number>>
  readonly added: number
  readonly duplicates: number
  readonly rejected: Readonly<Record<string, number>>
  readonly rejectedRows: number
  readonly connects: number
  readonly reconnects: number
  readonly refused: number
  readonly staleActions: {readonly total: number; readonly told: readonly StaleAction[]}
  readonly gaps: {readonly total: number; readonly open: number; readonly told: readonly ToldGap[]}
  readonly clockJumps: readonly {readonly at: number; readonly byMs: number}[]
  /** our clock less the venue's at the start, ms */
  readonly clockSkewMs: number
  readonly timeToRecoverMs: {readonly p50: number | null; readonly max: number | null}
  readonly lagMs: {readonly p50: number | null; readonly p95: number | null}
  /** coins that were delisted while recording, and that were listed */
  readonly coinsLeft: readonly string[]
  readonly coinsJoined: readonly string[]
  readonly requests: number
  readonly commits: number
  /** against the practice venue's own tape; null for a venue that keeps none */
  readonly audit: StreamAudit | null
  readonly warnings: readonly string[]
  readonly paths: readonly string[]
}

interface Planned {
  readonly plan: StreamPlan
  readonly skewMs: number
}

interface Facts {
  readonly from: number
  readonly to: number
  readonly ended: string
  readonly tally: StreamTally
  readonly rowsByTable: Readonly<Record<string, number>>
  readonly totals: {readonly added: number; readonly unchanged: number; readonly rejected: number}
  readonly moved: {readonly left: readonly string[]; readonly joined: readonly string[]}
  readonly requests: number
  readonly commits: number
  readonly audit: StreamAudit | null
  readonly warnings: readonly string[]
  readonly paths: readonly string[]
}

/** What a recording did. It went well unless the venue's tape has a trade that neither the lake nor a hole has. */
export function recordedResult(desk: Desk, planned: Planned, facts: Facts): IngestStreamResult {
  const {tally, totals, audit, moved, requests, commits, warnings, paths, ended} = facts
  return {
    ...outline(desk, planned, facts),
    ok: audit === null || audit.lost === 0,
    ended,
    frames: tally.frames,
    bytes: tally.bytes,
    rowsByTable: facts.rowsByTable,
    added: totals.added,
    duplicates: totals.unchanged,
    rejected: Object.fromEntries([...tally.rejected].sort(([a], [b]) => (a < b ? -1 : 1))),
    rejectedRows: totals.rejected,
    connects: tally.connects,
    reconnects: Math.max(0, tally.opened - 1),
    refused: tally.refused,
    staleActions: {total: tally.actions, told: tally.toldActions},
    gaps: {total: tally.gaps, open: tally.openGaps, told: tally.toldGaps()},
    clockJumps: tally.jumps,
    timeToRecoverMs: {p50: tally.recovery.quantile(0.5), max: tally.recovery.max},
    lagMs: {p50: tally.lag.quantile(0.5), p95: tally.lag.quantile(0.95)},
    coinsLeft: moved.left,
    coinsJoined: moved.joined,
    ...{requests, commits, audit, warnings, paths},
  }
}

/** Rows that some commits added, by table. */
export function rowsOf(commits: readonly LakeCommit[]): Record<string, number> {
  const rows: Record<string, number> = {}
  for (const {table, added} of commits) if (table !== 'frames') rows[table] = (rows[table] ?? 0) + added
  return rows
}

function outline(desk: Desk, {plan, skewMs}: Planned, {from, to}: {from: number; to: number}) {
  return {
    artifact: 'ingest-stream@1',
    venue: plan.venue,
    dryRun: desk.dryRun,
    from: isoOf(Math.floor(from)),
    to: isoOf(Math.floor(to)),
    coins: plan.coins,
    plan: {
      streams: plan.streams.length,
      sockets: 1,
      channels: plan.channels,
      intervals: plan.channels.includes('candle') ? plan.intervals : [],
      messages: plan.streams.length,
      subscribeSeconds: Math.ceil(plan.streams.length / 20) / 10,
      commitEveryMs: plan.commitEveryMs,
    },
    clockSkewMs: skewMs,
  } as const
}

/** What would be recorded. */
export function plannedResult(desk: Desk, planned: Planned): IngestStreamResult {
  const now = desk.clock.now()
  return {
    ...outline(desk, planned, {from: now, to: now}),
    ok: true,
    ended: 'dry-run',
    ...{frames: 0, bytes: 0, rowsByTable: {}, added: 0, duplicates: 0, rejected: {}, rejectedRows: 0},
    ...{connects: 0, reconnects: 0, refused: 0, requests: 0, commits: 0, audit: null},
    staleActions: {total: 0, told: []},
    gaps: {total: 0, open: 0, told: []},
    timeToRecoverMs: {p50: null, max: null},
    lagMs: {p50: null, p95: null},
    ...{clockJumps: [], coinsLeft: [], coinsJoined: [], warnings: [], paths: []},
  }
}
