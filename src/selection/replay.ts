import type {SelectionConfig} from '../contracts/selection.ts'
import {DAY_MS} from '../kernel/instant.ts'
import {type AssetDays, lastClosedDay} from './asset-days.ts'
import type {EntryCosts} from './components.ts'
import {type Standing, standings} from './point-in-time-universe.ts'
import {type Ranked, rankAssets} from './rank.ts'
import {type Calendar, rebalancesBetween} from './rebalance.ts'
import {scoreAssets} from './score.ts'
import {type Exclusion, firstFailedScreen} from './screens.ts'

/** One decision of the selection rule. */
export interface Rebalance {
  /** calendar instant, epoch ms; data up to the close of the day before it */
  readonly at: number
  readonly ranked: readonly Ranked[]
  /** asset index -> first failed screen, for every candidate that was not ranked */
  readonly excluded: ReadonlyMap<number, Exclusion>
  /** asset index -> instant since which it has been selected without a break */
  readonly since: ReadonlyMap<number, number>
}

export interface Replay {
  readonly rebalances: readonly Rebalance[]
  /** shape [N][D] */
  readonly standing: readonly (readonly Standing[])[]
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
 *
 * @param delistedFrom asset index -> instant from which a universe snapshot calls it delisted
 */
export function replaySelection(
  table: AssetDays,
  config: SelectionConfig,
  costs: EntryCosts,
  until: number,
  delistedFrom: ReadonlyMap<number, number> = new Map(),
): Replay {
  const standing = standings(table)
  const rebalances: Rebalance[] = []
  let since = new Map<number, number>()
  for (const at of rebalancesBetween(calendarOf(config), table.day0 + DAY_MS, until)) {
    const d = lastClosedDay(table, at)
    const excluded = new Map<number, Exclusion>()
    const candidates: number[] = []
    for (let a = 0; a < table.assets.length; a++) {
      const now = standing[a]![d]!
      if (now === 'unborn') continue
      const failed = firstFailedScreen(
        table,
        a,
        d,
        now,
        at >= (delistedFrom.get(a) ?? Number.POSITIVE_INFINITY),
        config,
      )
      if (failed) excluded.set(a, failed)
      else candidates.push(a)
    }
    const scores = scoreAssets(table, candidates, d, config, costs)
    for (const {asset, unknown} of scores) {
      if (unknown !== null) excluded.set(asset, {reason: `no_data:${unknown}`, value: null, limit: null})
    }
    const holdMs = config.rebalance.min_hold_days * DAY_MS
    const held = new Set([...since].filter(([, from]) => at - from < holdMs).map(([asset]) => asset))
    const ranked = rankAssets(scores, table.assets, new Set(since.keys()), held, {
      top: config.top,
      buffer: config.rebalance.buffer,
    })
    since = new Map(ranked.filter(({selected}) => selected).map(({asset}) => [asset, since.get(asset) ?? at]))
    rebalances.push({at, ranked, excluded, since})
  }
  return {rebalances, standing}
}
