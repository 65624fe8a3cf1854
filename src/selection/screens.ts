import type {SelectionConfig} from '../contracts/selection.ts'
import {knownMedian} from '../kernel/median.ts'
import type {AssetDays} from './asset-days.ts'
import {trailing} from './components/measure.ts'
import type {Standing} from './point-in-time-universe.ts'

export interface Exclusion {
  readonly reason: string
  readonly value: number | null
  readonly limit: number | null
}

export interface ScreenCheck extends Exclusion {
  readonly passed: boolean
}

/** What is known of an asset at an instant beside its bars. */
export interface Circumstances {
  readonly standing: Standing
  readonly delisted: boolean
}

/**
 * Every screen of an asset at the close of day `d`, in the order that makes the first failure the true one: dead,
 * prelisting, delisted, then the rest.
 *
 * A number that cannot be computed fails its screen: nothing passes for being unknown. A screen whose table the lake does
 * not have is left out, and `inactiveScreens` names it; where the table exists and the asset has no row, the reason is
 * `no_data:SCREEN`.
 */
export function* screenChecks(
  table: AssetDays,
  a: number,
  d: number,
  {standing, delisted}: Circumstances,
  config: SelectionConfig,
): Generator<ScreenCheck> {
  const {screens} = config
  yield holds('dead', standing !== 'dead')
  yield holds('prelisting', standing !== 'prelisting' && standing !== 'unborn')
  yield holds('delisted', !delisted)
  yield holds('quarantine', !screens.quarantine?.includes(table.assets[a]!))

  const bars = table.bars[a]!
  const born = bars.findIndex((count) => count > 0)
  const from = Math.max(born, d - screens.lookback_days + 1)
  let history = 0
  for (let i = Math.max(0, born); i <= d; i++) if (bars[i]! > 0) history++
  yield atLeast('history_days', history, screens.min_history_days)
  if (screens.min_listing_age_days !== undefined) {
    yield atLeast('listing_age_days', d - born + 1, screens.min_listing_age_days)
  }
  let [present, traded] = [0, 0]
  for (let i = from; i <= d; i++) {
    present += bars[i]!
    traded += table.traded[a]![i]!
  }
  yield atMost('gap_share', 1 - present / ((d - from + 1) * table.barsPerDay), screens.max_gap_share)
  yield atMost('stale_share', present === 0 ? 1 : 1 - traded / present, screens.max_stale_share)
  const notional = from < 0 ? Number.NaN : knownMedian(table.notional[a]!, from, d + 1)
  yield atLeast('median_daily_notional', notional, screens.min_median_daily_notional_usd)
  yield* bookChecks(table, a, d, config)
  yield* venueChecks(table, a, d, config)
}

/** Screens that need recorded books. */
function* bookChecks(table: AssetDays, a: number, d: number, config: SelectionConfig): Generator<ScreenCheck> {
  const {screens} = config
  if (screens.max_half_spread_bps !== undefined && table.halfSpread) {
    const spread = knownMedian(trailing(table.halfSpread[a]!, d, screens.lookback_days))
    yield Number.isNaN(spread) ? missing('half_spread') : atMost('half_spread', spread, screens.max_half_spread_bps)
  }
  if (screens.min_depth_positions !== undefined && table.depth) {
    const depth = knownMedian(trailing(table.depth[a]!, d, screens.lookback_days))
    const limit = screens.min_depth_positions * positionOf(config)
    yield Number.isNaN(depth) ? missing('depth') : atLeast('depth', depth, limit)
  }
}

/** Screens that need what the venue says of its coins. */
function* venueChecks(table: AssetDays, a: number, d: number, config: SelectionConfig): Generator<ScreenCheck> {
  const {screens} = config
  if (screens.max_share_of_open_interest !== undefined && table.openInterest) {
    const coins = trailing(table.openInterest[a]!, d, screens.lookback_days)
    const prices = trailing(table.close[a]!, d, screens.lookback_days)
    const share = positionOf(config) / knownMedian(coins.map((interest, i) => interest * prices[i]!))
    yield Number.isNaN(share)
      ? missing('share_of_open_interest')
      : atMost('share_of_open_interest', share, screens.max_share_of_open_interest)
  }
  if (screens.exclude_at_open_interest_cap && table.atOpenInterestCap) {
    const flag = table.atOpenInterestCap[a]![d]!
    yield Number.isNaN(flag) ? missing('open_interest_cap') : holds('open_interest_cap', flag === 0)
  }
  if (screens.exclude_isolated_only && table.isolatedOnly) {
    const flag = table.isolatedOnly[a]![d]!
    yield Number.isNaN(flag) ? missing('isolated_only') : holds('isolated_only', flag === 0)
  }
}

/** The first screen an asset fails at the close of day `d`, or null when it passes all. */
export function firstFailedScreen(
  table: AssetDays,
  a: number,
  d: number,
  circumstances: Circumstances,
  config: SelectionConfig,
): Exclusion | null {
  for (const {passed, reason, value, limit} of screenChecks(table, a, d, circumstances, config)) {
    if (!passed) return {reason, value, limit}
  }
  return null
}

/** Screens that the configuration asks for and the lake has no table for, by name. */
export function inactiveScreens(table: AssetDays, {screens}: SelectionConfig): string[] {
  const wanted: [string, boolean, unknown][] = [
    ['half_spread', screens.max_half_spread_bps !== undefined, table.halfSpread],
    ['depth', screens.min_depth_positions !== undefined, table.depth],
    ['share_of_open_interest', screens.max_share_of_open_interest !== undefined, table.openInterest],
    ['open_interest_cap', screens.exclude_at_open_interest_cap === true, table.atOpenInterestCap],
    ['isolated_only', screens.exclude_isolated_only === true, table.isolatedOnly],
  ]
  return wanted.filter(([, asked, column]) => asked && column === undefined).map(([name]) => name)
}

/** Quote currency of one position of the declared capital. */
const positionOf = ({capital_usd, top}: SelectionConfig): number => capital_usd / top

const holds = (reason: string, passed: boolean): ScreenCheck => ({reason, value: null, limit: null, passed})
const missing = (screen: string): ScreenCheck => holds(`no_data:${screen}`, false)
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
const atLeast = (reason: string, value: number, limit: number): ScreenCheck => ({
  reason,
  value: orNull(value),
  limit,
  passed: value >= limit,
})
const atMost = (reason: string, value: number, limit: number): ScreenCheck => ({
  reason,
  value: orNull(value),
  limit,
  passed: value <= limit,
})
