import type {SelectionConfig} from '../contracts/selection.ts'
import {DAY_MS} from '../kernel/instant.ts'
import {type AssetDays, lastClosedDay} from './asset-days.ts'
import {candidateFilter} from './candidate-names.ts'
import {chooseAssets, type Ranked} from './choose-assets.ts'
import {orderByCorrelation} from './components/correlation.ts'
import type {EntryCosts} from './components/index.ts'
import {correlationClusters} from './correlation-clusters.ts'
import type {ListAt} from './list-returns.ts'
import {type Standing, standings} from './point-in-time-universe.ts'
import {type Calendar, rebalancesBetween} from './rebalance.ts'
import {byScore, type Score, scoreAssets, totalWeight} from './score.ts'
import {type Exclusion, firstFailedScreen} from './screens.ts'
import {shrunkCorrelations} from './shrunk-correlations.ts'

/** One decision of the selection rule. */
export interface Rebalance {
  /** calendar instant, epoch ms; data up to the close of the day before it */
  readonly at: number
  readonly ranked: readonly Ranked[]
  /** asset index -> first failed screen, for every candidate that was not ranked */
  readonly excluded: ReadonlyMap<number, Exclusion>
  /** asset index -> instant since which it has been selected without a break */
  readonly since: ReadonlyMap<number, number>
  /** asset index -> cluster, named by the smallest asset index in it; empty without diversification */
  readonly clusters: ReadonlyMap<number, number>
}

export interface Replay {
  readonly rebalances: readonly Rebalance[]
  /** shape [N][D] */
  readonly standing: readonly (readonly Standing[])[]
}

/** What the rule is told beside bars and configuration. */
export interface Outside {
  /** asset index -> instant from which a universe snapshot calls it delisted */
  readonly delistedFrom?: ReadonlyMap<number, number>
  /** why an asset may not be held at an instant although it passes every screen: its edge has decayed */
  readonly decayed?: (asset: number, at: number) => Exclusion | null
  /** what `standings` says of this table, when the caller has asked it already */
  readonly standing?: Replay['standing']
}

export const calendarOf = ({rebalance}: SelectionConfig): Calendar => ({
  anchor: Date.parse(`${rebalance.anchor}T00:00:00Z`),
  everyDays: rebalance.every_days,
})

/**
 * Apply the selection rule at every calendar date up to `until`, oldest first.
 *
 * The whole past is replayed, so that hysteresis depends on the market and the calendar only, never on which commands
 * were typed when. A decision at instant T uses days that had closed at T.
 */
export function replaySelection(
  table: AssetDays,
  config: SelectionConfig,
  costs: EntryCosts,
  until: number,
  {delistedFrom = new Map(), decayed = () => null, standing = standings(table)}: Outside = {},
): Replay {
  const rebalances: Rebalance[] = []
  const isCandidate = table.assets.map(candidateFilter(config))
  let since = new Map<number, number>()
  for (const at of rebalancesBetween(calendarOf(config), table.day0 + DAY_MS, until)) {
    const d = lastClosedDay(table, at)
    const excluded = new Map<number, Exclusion>()
    const candidates: number[] = []
    for (let a = 0; a < table.assets.length; a++) {
      const now = standing[a]![d]!
      if (now === 'unborn' || !isCandidate[a]) continue
      const delisted = at >= (delistedFrom.get(a) ?? Number.POSITIVE_INFINITY)
      const failed = firstFailedScreen(table, a, d, {standing: now, delisted}, config) ?? decayed(a, at)
      if (failed) excluded.set(a, failed)
      else candidates.push(a)
    }
    const scores = scoreAssets(table, candidates, d, config, costs)
    for (const {asset, unknown} of scores) {
      if (unknown !== null) excluded.set(asset, {reason: `no_data:${unknown}`, value: null, limit: null})
    }
    const ordered = orderOf(table, scores, d, config)
    const clusters = clustersOf(table, ordered, d, config)
    const holdMs = config.rebalance.min_hold_days * DAY_MS
    const held = new Set([...since].filter(([, from]) => at - from < holdMs).map(([asset]) => asset))
    const ranked = chooseAssets(ordered, new Set(since.keys()), held, placesOf(config, clusters))
    since = new Map(ranked.filter(({selected}) => selected).map(({asset}) => [asset, since.get(asset) ?? at]))
    rebalances.push({at, ranked, excluded, since, clusters})
  }
  return {rebalances, standing}
}

function orderOf(table: AssetDays, scores: readonly Score[], d: number, config: SelectionConfig): Score[] {
  const spec = config.score.correlation
  if (!spec || spec.weight === 0) return byScore(scores, table.assets)
  const assets = scores.filter(({unknown}) => unknown === null).map(({asset}) => asset)
  const {rho} = shrunkCorrelations(table, assets, d, spec.lookback_days)
  const row = new Map(assets.map((asset, i) => [asset, i]))
  return orderByCorrelation(scores, table.assets, {
    spec,
    totalWeight: totalWeight(config),
    top: config.top,
    rho: (a, b) => rho[row.get(a)!]![row.get(b)!]!,
  })
}

function clustersOf(
  table: AssetDays,
  ordered: readonly Score[],
  d: number,
  {diversify}: SelectionConfig,
): Map<number, number> {
  if (!diversify) return new Map()
  const assets = ordered.map(({asset}) => asset).sort((a, b) => a - b)
  const {rho} = shrunkCorrelations(table, assets, d, diversify.lookback_days)
  const cluster = correlationClusters(rho, diversify.min_correlation)
  return new Map(assets.map((asset, i) => [asset, assets[cluster[i]!]!]))
}

const placesOf = ({top, rebalance, diversify}: SelectionConfig, clusters: ReadonlyMap<number, number>) => ({
  top,
  buffer: rebalance.buffer,
  maxReplaced: rebalance.max_turnover === undefined ? top : Math.floor(rebalance.max_turnover * top),
  clusters: diversify ? {of: (asset: number) => clusters.get(asset)!, max: diversify.max_per_cluster} : null,
})

/** The lists of a replay, oldest first. */
export const listsOf = ({rebalances}: Pick<Replay, 'rebalances'>): ListAt[] =>
  rebalances.map(({at, since}) => ({at, members: [...since.keys()]}))
