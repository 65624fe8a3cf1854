import type {Component, SelectionConfig} from '../contracts/selection.ts'
import {DAY_MS, dayOf, isoOf} from '../kernel/instant.ts'
import {type AssetDays, lastClosedDay} from './asset-days.ts'
import {candidateFilter} from './candidate-names.ts'
import type {Rebalance, Replay} from './replay.ts'
import {totalWeight} from './score.ts'
import {type Exclusion, type ScreenCheck, screenChecks} from './screens.ts'

export interface ExplainedComponent {
  readonly name: string
  readonly value: number
  readonly contribution: number
  /** place of the raw value among the ranked assets, 1 is best */
  readonly place: number
  readonly of: number
}

/** The whole path of one asset at one date. */
export interface Explanation {
  readonly standing: string
  /** day of its last trade by the decision time, ISO date; null when it never traded */
  readonly lastTrade: string | null
  readonly selected: boolean
  readonly since: string | null
  /** all of them, whether an earlier one has decided already or not */
  readonly screens: readonly ScreenCheck[]
  readonly components: readonly ExplainedComponent[]
  readonly score: number | null
  readonly rank: number | null
  /** score of the last asset on the list by rank */
  readonly cutoff: number | null
  /** others of its cluster that are selected */
  readonly cluster: readonly string[]
  /** first true reason, null when it is selected */
  readonly reason: Exclusion | null
  /** what would change it, most telling first */
  readonly changes: readonly string[]
}

/**
 * Why an asset is in or out at a rebalance, and what would change that.
 *
 * Standing and last trade are those of the decision time: who died after the rebalance has left already.
 *
 * @param asset        index into `table.assets`
 * @param delistedFrom instant from which a snapshot calls it delisted
 */
export function explainAsset(
  table: AssetDays,
  asset: number,
  {
    rebalance,
    standing,
    delistedFrom,
    asOf,
  }: {rebalance: Rebalance; standing: Replay['standing']; delistedFrom: number; asOf: number},
  config: SelectionConfig,
): Explanation {
  const today = lastClosedDay(table, asOf)
  const now = standing[asset]![today] ?? 'unborn'
  const delisted = asOf >= delistedFrom
  const gone = now === 'dead' || delisted
  const d = gone ? today : lastClosedDay(table, rebalance.at)
  const circumstances = {standing: gone ? now : (standing[asset]![d] ?? 'unborn'), delisted}
  const screens = now === 'unborn' ? [] : [...screenChecks(table, asset, d, circumstances, config)]
  const mine = rebalance.ranked.find((row) => row.asset === asset)
  const chosen = rebalance.ranked.filter(({selected}) => selected)
  const cluster = rebalance.clusters.get(asset)
  const reason: Exclusion | null = gone
    ? {reason: now === 'dead' ? 'dead' : 'delisted', value: null, limit: null}
    : reasonOf(table, asset, now, rebalance, config)
  const selected = !gone && (mine?.selected ?? false)
  return {
    standing: now,
    lastTrade: lastTradeOf(table, asset, today),
    selected,
    since: selected ? isoOf(rebalance.since.get(asset)!) : null,
    screens,
    components: mine ? componentsOf(rebalance, asset, config) : [],
    score: mine ? mine.score.score : null,
    rank: mine?.rank ?? null,
    cutoff: chosen.at(-1)?.score.score ?? null,
    cluster: chosen
      .filter((row) => row.asset !== asset && cluster !== undefined && rebalance.clusters.get(row.asset) === cluster)
      .map((row) => table.assets[row.asset]!),
    reason,
    changes: changesOf(table, asset, rebalance, screens, config),
  }
}

function lastTradeOf({traded, day0}: AssetDays, asset: number, today: number): string | null {
  for (let d = today; d >= 0; d--) if (traded[asset]![d]! > 0) return dayOf(day0 + d * DAY_MS)
  return null
}

function reasonOf(
  table: AssetDays,
  asset: number,
  standing: string,
  {ranked, excluded}: Rebalance,
  config: SelectionConfig,
): Exclusion | null {
  const plain = (reason: string, value: number | null = null): Exclusion => ({reason, value, limit: null})
  if (!candidateFilter(config)(table.assets[asset]!)) return plain('not_in_universe')
  if (standing === 'unborn') return plain('unborn')
  const failed = excluded.get(asset)
  if (failed) return failed
  const mine = ranked.find((row) => row.asset === asset)
  if (!mine) return plain('unborn')
  if (mine.selected) return null
  return plain(mine.clusterFull ? 'cluster_full' : 'rank', mine.rank)
}

function componentsOf({ranked}: Rebalance, asset: number, {score}: SelectionConfig): ExplainedComponent[] {
  const mine = ranked.find((row) => row.asset === asset)!.score.components
  return Object.entries(mine).map(([name, {value, contribution}]) => {
    const spec = score[name as keyof typeof score]!
    const better = ranked.filter(({score: {components}}) => {
      const other = components[name]?.value ?? Number.NaN
      return spec.direction === 'higher' ? other > value : other < value
    })
    return {name, value, contribution, place: better.length + 1, of: ranked.length}
  })
}

function changesOf(
  table: AssetDays,
  asset: number,
  rebalance: Rebalance,
  screens: readonly ScreenCheck[],
  config: SelectionConfig,
): string[] {
  const failed = screens.filter(({passed}) => !passed)
  if (failed.length > 0) return failed.map(needed)
  const {ranked} = rebalance
  const mine = ranked.find((row) => row.asset === asset)
  if (!mine) return []
  const {top, rebalance: rules} = config
  if (mine.selected) {
    const limit = top + rules.buffer
    return [`it leaves when its rank falls beyond ${limit} (now ${mine.rank}), or when a screen fails`]
  }
  if (mine.clusterFull) {
    return [`a place in its cluster: ${config.diversify!.max_per_cluster} of it are on the list, all ranked better`]
  }
  const last = ranked[Math.min(top, ranked.length) - 1]!
  const gap = last.score.score - mine.score.score
  const name = table.assets[last.asset]!
  const lifts = (Object.entries(config.score) as [string, Component | undefined][])
    .filter(([, spec]) => spec && spec.weight > 0)
    .flatMap(([component, spec]) => liftOf(component, spec!, gap, mine.score.components, rebalance, config))
  return [`its score is ${gap.toFixed(4)} below that of ${name} at rank ${last.rank}`, ...lifts]
}

/** How far one component alone would have to move, when it can. */
function liftOf(
  name: string,
  spec: Component,
  gap: number,
  components: Readonly<Record<string, {readonly value: number; readonly contribution: number}>>,
  {ranked}: Rebalance,
  config: SelectionConfig,
): string[] {
  const mine = components[name]
  if (spec.transform !== 'rank' || name === 'correlation' || !mine) return []
  const share = spec.weight / totalWeight(config)
  const wanted = mine.contribution / share + gap / share
  if (wanted > 1) return []
  const values = ranked.map(({score}) => score.components[name]!.value)
  values.sort((x, y) => (spec.direction === 'higher' ? x - y : y - x))
  const value = values[Math.max(0, Math.ceil(wanted * values.length) - 1)]!
  const word = spec.direction === 'higher' ? 'at least' : 'at most'
  return [`${name} of ${word} ${value.toPrecision(4)} (now ${mine.value.toPrecision(4)}) would do it alone`]
}

function needed({reason, value, limit}: ScreenCheck): string {
  if (reason === 'dead') return 'trades again: a dead asset is ranked again on the day after'
  if (reason === 'prelisting') return 'its first trade'
  if (reason === 'delisted') return 'nothing: the venue took it off its list'
  if (reason === 'quarantine') return 'its name taken out of screens.quarantine'
  if (reason.startsWith('no_data:')) return `rows for it in the table that ${reason.slice(8)} needs`
  if (limit === null) return `${reason} lifted by the venue`
  return `${reason} from ${value === null ? 'unknown' : Number(value.toPrecision(6))} to ${limit}`
}
