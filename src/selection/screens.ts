import type {SelectionConfig} from '../contracts/selection.ts'
import {median} from '../kernel/median.ts'
import type {AssetDays} from './asset-days.ts'
import type {Standing} from './point-in-time-universe.ts'

export interface Exclusion {
  readonly reason: string
  readonly value: number | null
  readonly limit: number | null
}

/**
 * The first screen an asset fails at the close of day `d`, or null when it passes all.
 *
 * Order dead, prelisting, delisted, then the rest, so that the first reason is the true one. A number that cannot be
 * computed fails its screen: nothing passes for being unknown.
 */
export function firstFailedScreen(
  table: AssetDays,
  a: number,
  d: number,
  standing: Standing,
  delisted: boolean,
  {screens}: SelectionConfig,
): Exclusion | null {
  if (standing === 'dead') return {reason: 'dead', value: null, limit: null}
  if (standing === 'prelisting' || standing === 'unborn') return {reason: 'prelisting', value: null, limit: null}
  if (delisted) return {reason: 'delisted', value: null, limit: null}

  const bars = table.bars[a]!
  const born = bars.findIndex((count) => count > 0)
  const history = d - born + 1
  if (!(history >= screens.min_history_days)) {
    return {reason: 'history_days', value: history, limit: screens.min_history_days}
  }
  const from = Math.max(born, d - screens.lookback_days + 1)
  let [present, traded] = [0, 0]
  for (let i = from; i <= d; i++) {
    present += bars[i]!
    traded += table.traded[a]![i]!
  }
  const expected = (d - from + 1) * table.barsPerDay
  const gap = 1 - present / expected
  if (!(gap <= screens.max_gap_share)) return {reason: 'gap_share', value: gap, limit: screens.max_gap_share}
  const stale = present === 0 ? 1 : 1 - traded / present
  if (!(stale <= screens.max_stale_share)) return {reason: 'stale_share', value: stale, limit: screens.max_stale_share}
  const notional = median(table.notional[a]!.subarray(from, d + 1).filter(Number.isFinite))
  if (!(notional >= screens.min_median_daily_notional_usd)) {
    return {reason: 'median_daily_notional', value: notional, limit: screens.min_median_daily_notional_usd}
  }
  return null
}
