import type {SelectedAssets, SelectionConfig} from '../contracts/selection.ts'
import {isoOf} from '../kernel/instant.ts'
import type {AssetDays} from './asset-days.ts'
import type {Rebalance} from './replay.ts'
import type {Exclusion} from './screens.ts'

type Selected = SelectedAssets['selected'][number]
type Excluded = SelectedAssets['excluded'][number]

/** `venue:NAME` or `venue:NAME#2`: how an asset is written outside the lake. */
export const assetId = (venue: string, name: string): string => `${venue}:${name}`

const incarnationOf = (name: string): number => Number(/#(\d+)$/.exec(name)?.[1] ?? 1)

/** The chosen list of one rebalance, best rank first; `gone` assets (dead or delisted since) are left out. */
export function selectedRows(
  table: AssetDays,
  rebalance: Rebalance,
  venue: string,
  config: SelectionConfig,
  gone: ReadonlyMap<number, Exclusion>,
  edgeLeft: (asset: number) => number = () => 1,
): Selected[] {
  return rebalance.ranked
    .filter(({selected, asset}) => selected && !gone.has(asset))
    .map(({asset, rank, score}) => ({
      asset: assetId(venue, table.assets[asset]!),
      incarnation: incarnationOf(table.assets[asset]!),
      rank,
      score: score.score,
      weight_cap: Math.min(1, 3 / config.top) * edgeLeft(asset),
      edge_left: edgeLeft(asset),
      since: isoOf(rebalance.since.get(asset) ?? rebalance.at),
      cluster: clusterName(table, rebalance, venue, asset),
      components: {...score.components},
    }))
}

function clusterName(table: AssetDays, {clusters}: Rebalance, venue: string, asset: number): string | null {
  const cluster = clusters.get(asset)
  return cluster === undefined ? null : assetId(venue, table.assets[cluster]!)
}

/** Every candidate that was not chosen, by name, with its first true reason. */
export function excludedRows(
  table: AssetDays,
  rebalance: Rebalance,
  venue: string,
  gone: ReadonlyMap<number, Exclusion>,
): Excluded[] {
  const rows = new Map<string, Excluded>()
  const put = (asset: number, reason: Exclusion, rank: number | null): void => {
    const id = assetId(venue, table.assets[asset]!)
    rows.set(id, {asset: id, ...reason, rank})
  }
  for (const [asset, reason] of rebalance.excluded) put(asset, reason, null)
  for (const {asset, rank, selected, clusterFull} of rebalance.ranked) {
    if (!selected) put(asset, {reason: clusterFull ? 'cluster_full' : 'rank', value: rank, limit: null}, rank)
  }
  for (const [asset, reason] of gone) put(asset, reason, null)
  return [...rows.values()].sort((x, y) => (x.asset < y.asset ? -1 : 1))
}

/** What changed between two chosen lists; turnover is the changed share of an equal-weight book, one side. */
export function changesBetween(before: readonly string[], after: readonly string[]): SelectedAssets['changes'] {
  const added = after.filter((asset) => !before.includes(asset))
  const removed = before.filter((asset) => !after.includes(asset))
  const size = Math.max(before.length, after.length)
  return {added, removed, turnover: size === 0 ? 0 : Math.max(added.length, removed.length) / size}
}
