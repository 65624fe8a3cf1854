import {Costs} from '../contracts/costs.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import {Universe} from '../contracts/market.ts'
import {BAR, type Panel} from '../contracts/panel.ts'
import {SelectionConfig} from '../contracts/selection.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk, Purpose} from '../desk.ts'
import {hashOf} from '../kernel/canonical-json.ts'
import {type AssetDays, assetDays} from '../selection/asset-days.ts'
import {type DecayMonitor, decayMonitor} from '../selection/decay-monitor.ts'
import type {EdgeSeries} from '../selection/edge-series.ts'
import {type Replay, replaySelection} from '../selection/replay.ts'
import {inactiveScreens} from '../selection/screens.ts'
import {universeMask} from '../selection/universe-mask.ts'
import {loadPanel, storedIntervalOf} from './load-panel.ts'
import {plannedEdges} from './select-edges.ts'
import {readExtraDays} from './select-tables.ts'

/** What the selection rule saw and decided, ready for a mask or for today's list. */
export interface SelectionRun {
  readonly config: SelectionConfig
  readonly configSha: string
  readonly table: AssetDays
  readonly panel: Panel
  readonly replay: Replay
  /** close of the newest bar that was read, epoch ms */
  readonly newestBar: number
  readonly delistedFrom: ReadonlyMap<number, number>
  /** the venue's newest instrument list by the decision time; null when the lake has none */
  readonly snapshot: {readonly at: number; readonly coins: ReadonlySet<string>} | null
  /** daily coefficients from the trade journal, and who watches them; none in research or without a journal */
  readonly edges: readonly EdgeSeries[]
  readonly monitor: DecayMonitor | null
  /** screens whose table the lake does not have for this venue */
  readonly inactiveScreens: readonly string[]
}

export interface UniverseOf {
  /** shape [N][T] on the panel's bars: 1 when a decision at that close may hold the asset */
  readonly mask: Uint8Array[]
  /** hash of the rule, null when the hypothesis lists its assets */
  readonly configSha: string | null
  readonly inactiveScreens: readonly string[]
}

export interface SelectionRequest {
  readonly venue: string
  readonly asOf: number
  /** rows before it only, and no decision after it */
  readonly to?: number
  /** rows up to this lake commit */
  readonly commit?: number
  readonly purpose: Purpose
  /** no decision after the newest bar: for the practice venue, whose clock is not ours */
  readonly untilNewestBar?: boolean
}

/** The venue whose assets are ranked: the rule's own, else the workspace's exchange. */
export async function selectionVenue(desk: Desk): Promise<string> {
  const {universe} = await desk.files.read(SelectionConfig)
  return universe?.venue ?? (await desk.files.read(QoConfig)).exchange
}

/** Replay the workspace's selection rule over a venue's history, with the rows that `purpose` may see. */
export async function runSelection(
  desk: Desk,
  {untilNewestBar = false, ...request}: SelectionRequest,
): Promise<SelectionRun> {
  const config = await desk.files.read(SelectionConfig)
  const costs = await desk.files.read(Costs)
  const carries = (config.score.carry?.weight ?? 0) > 0
  const inputs = ['close', 'volume', ...(carries ? (['funding'] as const) : [])] as const
  // Stale and missing bars are counted in stored bars: a day of one trade and 23 silent hours is a stale day.
  const interval = (await storedIntervalOf(desk, {...request, interval: '1d'})) ?? '1d'
  const panel = await loadPanel(desk, {...request, interval, inputs})
  const days = assetDays(panel, fundingSchedule(costs, request.venue))
  const table = {...days, ...(await readExtraDays(desk, request, days, config))}
  const {delistedFrom, snapshot} = await delistings(desk, request, table)
  // A journal is of this machine and no verdict may depend on it: research never sees it.
  const edges = config.decay && request.purpose.kind === 'live' ? await plannedEdges(desk, table, request.asOf) : []
  const rule = {windowDays: config.decay?.window_days ?? 0, fdr: config.decay?.fdr ?? 0}
  const monitor = edges.length > 0 ? decayMonitor(edges, rule) : null
  const newestBar = (panel.ts.at(-1) ?? Number.NaN) + panel.barMs
  const until = Math.min(request.asOf, request.to ?? request.asOf, untilNewestBar ? newestBar : request.asOf)
  return {
    config,
    configSha: hashOf({config, spread: costs.spread, impact: costs.impact}),
    table,
    panel,
    newestBar,
    replay: replaySelection(table, config, costs, until, {
      delistedFrom,
      ...(monitor ? {decayed: monitor.decayed} : {}),
    }),
    edges,
    monitor,
    delistedFrom,
    snapshot,
    inactiveScreens: [
      ...(snapshot ? [] : ['delisted']),
      ...inactiveScreens(table, config),
      ...(config.decay && request.purpose.kind === 'live' && !monitor ? ['decayed'] : []),
    ],
  }
}

/** The names a hypothesis lists itself, without their venue; undefined when the selection rule chooses them. */
export const listedCoins = ({universe: {from}}: Pick<Hypothesis, 'universe'>): readonly string[] | undefined =>
  from === 'selection' ? undefined : from.map((asset) => asset.replace(/^[a-z0-9_]+:/, ''))

/** The universe of a hypothesis on the bars of its panel: its own list of assets, or the replayed selection. */
export async function universeFor(
  desk: Desk,
  hypothesis: Pick<Hypothesis, 'universe'>,
  panel: Panel,
  purpose: Purpose,
  commit?: number,
): Promise<UniverseOf> {
  const listed = listedCoins(hypothesis)
  if (listed !== undefined) {
    const wanted = new Set(listed)
    const mask = panel.assets.map((asset, a) =>
      panel.state[a]!.map((state) => (wanted.has(asset) && state === BAR.live ? 1 : 0)),
    )
    return {mask, configSha: null, inactiveScreens: []}
  }
  const end = (panel.ts.at(-1) ?? 0) + panel.barMs
  const pinned = commit === undefined ? {} : {commit}
  const run = await runSelection(desk, {venue: panel.venue, asOf: desk.asOf, to: end, purpose, ...pinned})
  return {
    mask: universeMask(panel, run.table, run.replay, run.delistedFrom),
    configSha: run.configSha,
    inactiveScreens: run.inactiveScreens,
  }
}

/** Hours between payments by the venue's schedule in costs.yaml; 0 where it has none. */
function fundingSchedule({venues}: Costs, venue: string): (instant: number) => number {
  const spans = (venues[venue]?.funding_interval?.spans ?? []).map(({from, hours}) => ({from: Date.parse(from), hours}))
  return (instant) => spans.findLast(({from}) => from <= instant)?.hours ?? spans[0]?.hours ?? 0
}

/** Asset index -> instant from which a snapshot of the venue's list calls it delisted. */
async function delistings(
  desk: Desk,
  {venue, asOf, purpose, commit}: SelectionRequest,
  table: AssetDays,
): Promise<Pick<SelectionRun, 'delistedFrom' | 'snapshot'>> {
  const pinned = commit === undefined ? {} : {commit}
  const rows = await desk.lake.read({table: Universe, venue, asOf, purpose, ...pinned})
  const coins = rows.columns['coin'] as readonly string[]
  const delisted = rows.columns['delisted'] as Float64Array
  const availableAt = rows.columns['available_at'] as Float64Array
  const ts = rows.columns['ts'] as Float64Array
  const at = ts.reduce((newest, instant) => Math.max(newest, instant), Number.NEGATIVE_INFINITY)
  const delistedFrom = new Map<number, number>()
  for (let i = 0; i < rows.count; i++) {
    if (delisted[i] !== 1) continue
    const known = availableAt[i]!
    // A reused name: the flag speaks of the incarnation that was the last to begin when it was seen.
    const named = table.assets
      .map((asset, a) => ({a, coin: asset.replace(/#\d+$/, ''), born: table.bars[a]!.findIndex((count) => count > 0)}))
      .filter(({coin, born}) => coin === coins[i] && born >= 0 && table.day0 + born * 86_400_000 <= known)
      .at(-1)
    if (named) delistedFrom.set(named.a, Math.min(delistedFrom.get(named.a) ?? known, known))
  }
  const snapshot = rows.count === 0 ? null : {at, coins: new Set(coins.filter((_, i) => ts[i] === at))}
  return {delistedFrom, snapshot}
}
