import {Universe} from '../contracts/market.ts'
import type {InputName, Panel} from '../contracts/panel.ts'
import type {Desk, LakeCommit, Purpose} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars} from '../sensory/bars.ts'
import {buildPanel, noBars} from '../sensory/build-panel.ts'
import {asksForOpens} from '../sensory/incarnations.ts'
import {judgeLives} from '../sensory/judge-lives.ts'
import {numbers, readBars, readIngestConfig, readPayments, redenominationsOf, texts} from './read-lake.ts'
import {requireWhole} from './whole-panel.ts'

export interface PanelQuery {
  readonly venue: string
  readonly interval: Interval
  readonly inputs: readonly InputName[]
  /** bars that open at or after this */
  readonly from?: number
  /** bars that close at or before this */
  readonly to?: number
  /** default: the desk's decision time */
  readonly asOf?: number
  /** pin: commits up to this number */
  readonly commit?: number
  readonly purpose: Purpose
  /** names whose holes matter; default all */
  readonly coins?: readonly string[] | undefined
}

/**
 * The market of one venue as a panel: incarnations apart, bars marked, funding summed into bars.
 *
 * Where the lake lacks the interval, the coarsest stored one that divides it is aggregated. `funding` is missing from
 * the series when the lake has no funding of any of these assets.
 *
 * A hole in what is read stops it, unless the desk allows gaps.
 *
 * @throws Fault `lake.hole`, `lake.no_bars`, `lake.off_grid`, `lake.corrupt_file`, `lake.broken_chain` (data)
 */
export async function loadPanel(desk: Desk, query: PanelQuery): Promise<Panel> {
  const {venue, interval, inputs, purpose} = query
  const asOf = query.asOf ?? desk.asOf
  const log = await desk.lake.commits()
  // Whatever is committed while this reads: rows, holes and opens are of one lake.
  const commit = query.commit ?? log.at(-1)?.n
  const commits = log.filter((entry) => entry.venue === venue && entry.n <= (commit ?? entry.n))
  const storedInterval = storedFor(commits, interval)
  if (storedInterval === null) throw noBars(query)

  const scope = {venue, asOf, purpose, commit}
  // Lives and marks need close and volume; longer bars are made of all columns.
  const needed = storedInterval === interval ? BAR_INPUTS.filter((name) => isNeeded(name, inputs)) : BAR_INPUTS
  const bars = await readWithOpens(desk, {...scope, interval: storedInterval}, needed)
  const payments = inputs.includes('funding') ? await readPayments(desk, scope) : null
  const redenominations = redenominationsOf(await readIngestConfig(desk), venue)
  const {from, to, coins} = query
  const stored = {...scope, interval: storedInterval, redenominations, from, to, coins}
  const judged = judgeLives(bars, {barMs: INTERVAL_MS[storedInterval], asOf, redenominations})
  const holes = requireWhole(desk, commits, {bars, payments, judged}, stored)
  const snapshots = await readSnapshots(desk, commits, scope)
  const known = commits.map(({notes}) => notes.completeFrom).filter((from) => from !== null)
  if (snapshots.first !== null) known.push(snapshots.first)
  const request = {venue, interval, storedInterval, inputs, from: query.from, to: query.to}
  const facts = {
    sizeDecimals: snapshots.sizeDecimals,
    universe: snapshots.first === null ? 'derived' : 'snapshot',
    completeFrom: known.length > 0 ? Math.min(...known) : null,
    survivorSource: commits.some(({notes}) => notes.survivor),
  } as const
  const {panel, pieces} = buildPanel(bars, payments, request, facts, judged)
  return {...panel, holes, dataSha: await desk.lake.digest(pieces)}
}

const BAR_INPUTS = ['open', 'high', 'low', 'close', 'volume', 'trades'] as const

const isNeeded = (name: (typeof BAR_INPUTS)[number], inputs: readonly InputName[]): boolean =>
  inputs.includes(name) || name === 'close' || name === 'volume'

/** Bars with the columns asked for, and their opens where lives depend on them: a sixth of the time of a long read. */
async function readWithOpens(
  desk: Desk,
  scope: Parameters<typeof readBars>[1],
  columns: readonly (typeof BAR_INPUTS)[number][],
): Promise<Bars> {
  const bars = await readBars(desk, scope, columns)
  if (columns.includes('open') || !asksForOpens(bars, INTERVAL_MS[scope.interval])) return bars
  return {...bars, open: (await readBars(desk, scope, ['open'])).open}
}

/** The interval a panel of this venue and interval would be made from; null when the lake has none. */
export async function storedIntervalOf(
  desk: Desk,
  {venue, interval, commit}: {venue: string; interval: Interval; commit?: number | undefined},
): Promise<Interval | null> {
  const commits = await desk.lake.commits()
  return storedFor(
    commits.filter((entry) => entry.venue === venue && entry.n <= (commit ?? entry.n)),
    interval,
  )
}

/** The wanted interval when it is stored, else the coarsest stored one that divides it, else null. */
function storedFor(commits: readonly LakeCommit[], wanted: Interval): Interval | null {
  const stored = new Set(commits.filter(({table}) => table === 'candles').map((entry) => entry.interval as Interval))
  if (stored.has(wanted)) return wanted
  const wantedMs = INTERVAL_MS[wanted]
  const dividing = [...stored].filter((name) => wantedMs % INTERVAL_MS[name] === 0 && INTERVAL_MS[name] < wantedMs)
  dividing.sort((a, b) => INTERVAL_MS[b] - INTERVAL_MS[a])
  return dividing[0] ?? null
}

/** Size decimals of the newest snapshot of each coin, and when the venue's list was first recorded. */
async function readSnapshots(
  desk: Desk,
  commits: readonly LakeCommit[],
  scope: {venue: string; asOf: number; purpose: Purpose; commit: number | undefined},
): Promise<{sizeDecimals: Map<string, number>; first: number | null}> {
  const sizeDecimals = new Map<string, number>()
  if (!commits.some(({table}) => table === 'universe')) return {sizeDecimals, first: null}
  const {commit, ...rest} = scope
  const rows = await desk.lake.read({...rest, ...(commit === undefined ? {} : {commit}), table: Universe})
  const [coin, ts, decimals] = [texts(rows, 'coin'), numbers(rows, 'ts'), numbers(rows, 'sz_decimals')]
  for (let i = 0; i < rows.count; i++) sizeDecimals.set(coin[i]!, decimals[i]!)
  return {sizeDecimals, first: rows.count > 0 ? ts.reduce((a, b) => Math.min(a, b)) : null}
}
