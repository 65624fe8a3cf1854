import {columnsOf, type Table} from '../contracts/artifact.ts'
import {Funding} from '../contracts/market.ts'
import type {Desk, LakeCommit, LakePort, Rows} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {HOUR_MS} from '../kernel/instant.ts'
import {type ComparedRows, compareRows} from '../sensory/frames/compare-rows.ts'
import {FRAME_TABLES} from './append-frame-rows.ts'
import {replayFrames} from './replay-frames.ts'

/** Tables whose rows are a function of raw frames and of nothing else. */
const REBUILT: Readonly<Record<string, Table>> = {...FRAME_TABLES, funding: Funding}
export const REBUILT_TABLES = Object.keys(REBUILT)

export interface LakeRebuildResult {
  readonly artifact: 'lake-rebuild@1'
  readonly ok: boolean
  readonly table: string
  /** sources of raw frames, comma-separated */
  readonly source: string
  readonly frames: number
  /** rows that the frames give */
  readonly rows: number
  readonly equal: boolean
  /** SHA-256 over canonical keys and values of these rows */
  readonly dataSha: string
  /** rows the lake lacked and has now */
  readonly appended: number
  /** first key of a difference, and what is wrong with it */
  readonly difference: {readonly key: string; readonly problem: string} | null
}

/**
 * Make a table again from raw frames, beside the lake, and compare: is what the lake holds what the venue said?
 *
 * Key and value columns count; when a row came does not. Without `verify`, rows the lake lacks are appended: never is
 * one replaced.
 *
 * @throws Fault `lake.no_frames` (data) when no frames of this table are archived
 */
export async function lakeRebuild(
  desk: Desk,
  {table: name, source, verify}: {table: string; source: string | null; verify: boolean},
): Promise<LakeRebuildResult> {
  const table = REBUILT[name]!
  const commits = await desk.lake.commits()
  const fed = commits.filter((commit) => commit.table === name).flatMap(({frames}) => (frames ? [frames.source] : []))
  const sources = source === null ? [...new Set(fed)].sort() : [source]
  const venues = new Map(commits.flatMap((one) => (one.table === 'frames' ? [[one.source, one.venue] as const] : [])))
  if (sources.length === 0 || sources.some((one) => !venues.has(one))) throw noFrames(name, source)
  let [frames, rows, appended] = [0, 0, 0]
  let difference: LakeRebuildResult['difference'] = null
  const shas: string[] = []
  for (const one of sources) {
    const scratch = await desk.scratchLake()
    try {
      desk.progress.say(`reading the frames of ${one}`)
      const replayed = await replayFrames(desk, scratch, {source: one, venue: venues.get(one)!, table: name})
      const context = {desk, scratch: scratch.lake, table, source: one, verify, upTo: replayed.upTo}
      const found = await compareAll(context, commits)
      frames += replayed.frames
      rows += found.rows
      appended += found.appended
      difference ??= found.difference
      shas.push(...found.shas)
    } finally {
      await scratch.close()
    }
  }
  desk.progress.done()
  return {
    ...{artifact: 'lake-rebuild@1', ok: difference === null, table: name, source: sources.join(',')},
    ...{frames, rows, equal: difference === null && appended === 0},
    ...{dataSha: await desk.lake.digest(shas), appended, difference},
  }
}

interface Context {
  readonly desk: Desk
  readonly scratch: LakePort
  readonly table: Table
  readonly source: string
  readonly verify: boolean
  readonly upTo: number
}

interface Found {
  rows: number
  appended: number
  difference: LakeRebuildResult['difference']
  readonly shas: string[]
}

/** Hour by hour, so that memory does not grow with the table. */
async function compareAll(context: Context, commits: readonly LakeCommit[]): Promise<Found> {
  const {scratch, table, source} = context
  const name = table.id.split('@')[0]!
  const own = commits.filter((commit) => commit.table === name && commit.frames?.source === source)
  const made = await scratch.commits()
  const found: Found = {rows: 0, appended: 0, difference: null, shas: []}
  for (const interval of [...new Set([...own, ...made].map((commit) => commit.interval))].sort()) {
    const files = [...own, ...made].filter((commit) => commit.interval === interval).flatMap((commit) => commit.files)
    const hours = new Set<number>()
    const step = name === 'candles' || name === 'funding' ? 720 * HOUR_MS : HOUR_MS
    for (const {min_ts: min, max_ts: max} of files) {
      for (let hour = Math.floor(min / step); hour <= Math.floor(max / step); hour++) hours.add(hour)
    }
    const numbers = new Set(own.filter((commit) => commit.interval === interval).map(({n}) => n))
    const venue = [...own, ...made][0]!.venue
    for (const hour of [...hours].sort((a, b) => a - b)) {
      const window = {from: hour * step, to: (hour + 1) * step, venue, interval, numbers}
      await compareWindow(context, window, found)
      await context.desk.clock.sleep(0)
    }
  }
  return found
}

interface Window {
  readonly from: number
  readonly to: number
  readonly venue: string
  readonly interval: string | null
  /** commits of the lake whose rows came from these frames */
  readonly numbers: ReadonlySet<number>
}

async function compareWindow(context: Context, window: Window, found: Found): Promise<void> {
  const {desk, scratch, table, verify, source, upTo} = context
  const {from, to, venue, interval, numbers} = window
  const query = {
    ...{table, venue, from, to, asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'} as const},
    ...{holes: 'allow' as const, ...(interval === null ? {} : {interval})},
  }
  const [rebuilt, stored] = [await scratch.read(query), await desk.lake.read(query)]
  const ids = stored.columns['ingest_id'] as Float64Array
  const outcome = compareRows(rebuilt, stored, {...columnsToCompare(table), isOwn: (i) => numbers.has(ids[i]!)})
  found.rows += rebuilt.count
  if (rebuilt.count > 0) found.shas.push(await desk.lake.digest(outcome.content))
  const {firstDifferent, firstUnfounded, firstMissing, missing} = outcome
  if (firstDifferent !== null) found.difference ??= {key: firstDifferent, problem: 'the lake holds other values'}
  if (firstUnfounded !== null) found.difference ??= {key: firstUnfounded, problem: 'no raw frame says this'}
  if (missing.length === 0) return
  if (verify || desk.dryRun) {
    found.difference ??= {key: firstMissing!, problem: 'the lake does not hold it'}
    return
  }
  const appended = await desk.lake.append({
    ...{table, venue, source, rows: pickOwn(table, rebuilt, missing), frames: {source, from: 1, to: upTo}},
    ...(interval === null ? {} : {interval}),
  })
  found.appended += appended.added
}

/** Neither who told a row, nor when, nor for the how-manieth time. */
function columnsToCompare({key, schema}: Table): {key: string[]; values: string[]} {
  const left = new Set(['venue', 'interval', 'revision', 'source', 'available_at', 'received_at', 'ingest_id'])
  const names = [...columnsOf({schema}).keys()].filter((name) => !left.has(name))
  return {key: names.filter((name) => key.includes(name)), values: names.filter((name) => !key.includes(name))}
}

function pickOwn(table: Table, {columns, lists = {}}: ComparedRows, at: readonly number[]): Rows {
  const filledIn = new Set(['venue', 'interval', 'revision', 'source', 'received_at', 'ingest_id'])
  const names = [...columnsOf(table).keys()].filter((name) => !filledIn.has(name))
  const pick = (column: Float64Array | readonly string[]): Float64Array | string[] =>
    column instanceof Float64Array ? Float64Array.from(at, (i) => column[i]!) : at.map((i) => column[i]!)
  const plain = names.filter((name) => columns[name] !== undefined)
  return {
    count: at.length,
    columns: Object.fromEntries(plain.map((name) => [name, pick(columns[name]!)])),
    lists: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, at.map((i) => list[i]!)])),
  }
}

const noFrames = (table: string, source: string | null): Fault =>
  new Fault('lake.no_frames', {
    family: 'data',
    what: `No raw frames ${source === null ? `of ${table}` : `of ${source}`} are in the lake.`,
    why: 'Only what was recorded or fetched with its raw frames can be made again; imported files are kept elsewhere.',
    next: ['qo lake log', 'qo ingest stream'],
  })
