import type {Table} from '../contracts/artifact.ts'
import {AssetCtx, Bbo, Book, Restrictions} from '../contracts/market.ts'
import type {SelectionConfig} from '../contracts/selection.ts'
import type {Desk, LakeQuery, Rows} from '../desk.ts'
import {DAY_MS} from '../kernel/instant.ts'
import type {AssetDays} from '../selection/asset-days.ts'
import {DayFold, depthWithin, type Observations} from '../selection/fold-days.ts'
import {numbers, texts} from './read-lake.ts'

type Scope = Pick<LakeQuery, 'venue' | 'asOf' | 'purpose' | 'commit' | 'to'>
type Extra = Pick<AssetDays, 'openInterest' | 'depth' | 'halfSpread' | 'isolatedOnly' | 'atOpenInterestCap'>

/** Rows of one read: a few hundred megabytes at most. */
const ROWS_AT_ONCE = 500_000

/**
 * What the rule asks for beyond bars and funding, folded into days: only the tables that it needs are read, in pieces.
 *
 * A table the lake does not have leaves its column out, which makes the screen inactive. Holes in these tables are days
 * without a value: the screen then says `no_data`.
 */
export async function readExtraDays(
  desk: Desk,
  scope: Scope,
  table: AssetDays,
  {screens, score}: SelectionConfig,
): Promise<Extra> {
  const found: {-readonly [K in keyof Extra]: Extra[K]} = {}
  const wantsInterest =
    screens.max_share_of_open_interest !== undefined || (score.open_interest_growth?.weight ?? 0) > 0
  if (wantsInterest) {
    const fold = await folded(desk, scope, table, AssetCtx, ['open_interest'], (rows) => numbers(rows, 'open_interest'))
    if (fold) found.openInterest = fold.last()
  }
  if (screens.max_half_spread_bps !== undefined) {
    const fold = await folded(desk, scope, table, Bbo, [], (rows) => {
      const [bid, ask] = [numbers(rows, 'bid_px'), numbers(rows, 'ask_px')]
      return bid.map((px, i) => ((ask[i]! - px) / (ask[i]! + px)) * 10_000)
    })
    if (fold) found.halfSpread = fold.median()
  }
  if (screens.min_depth_positions !== undefined) {
    const fold = await folded(desk, scope, table, Book, ['bid_px', 'bid_sz', 'ask_px', 'ask_sz'], depthsOf)
    if (fold) found.depth = fold.median()
  }
  if (screens.exclude_isolated_only || screens.exclude_at_open_interest_cap) {
    const flags = ['only_isolated', 'at_oi_cap'] as const
    for (const flag of flags) {
      const fold = await folded(desk, scope, table, Restrictions, [flag], (rows) => numbers(rows, flag))
      const column = fold?.lastKnown()
      // A list that never says it is no list of it.
      if (column?.some((days) => days.some(Number.isFinite))) {
        found[flag === 'only_isolated' ? 'isolatedOnly' : 'atOpenInterestCap'] = column
      }
    }
  }
  return found
}

/** Depth of each snapshot; snapshots of five levels are left out where a deeper feed of the coin is there. */
function depthsOf({count, columns, lists = {}}: Rows): Float64Array {
  const feed = columns['feed'] as readonly string[]
  const coin = columns['coin'] as readonly string[]
  const deep = new Set(coin.filter((_, i) => feed[i] === 'full'))
  const side = (name: string, i: number): Float64Array => lists[name]![i]!
  return Float64Array.from({length: count}, (_, i) =>
    feed[i] !== 'full' && deep.has(coin[i]!)
      ? Number.NaN
      : depthWithin(side('bid_px', i), side('bid_sz', i), side('ask_px', i), side('ask_sz', i)),
  )
}

/** One table of a venue folded into days; null when the lake has none of its rows. */
async function folded(
  desk: Desk,
  {venue, asOf, purpose, commit, to}: Scope,
  table: AssetDays,
  source: Table,
  columns: readonly string[],
  measure: (rows: Rows) => Float64Array,
): Promise<DayFold | null> {
  const query = {
    ...{table: source, venue, asOf, purpose, holes: 'allow' as const},
    ...(commit === undefined ? {} : {commit}),
    ...(to === undefined ? {} : {to}),
  }
  const extents = await desk.lake.extents(query)
  const rows = extents.reduce((sum, extent) => sum + extent.rows, 0)
  if (rows === 0) return null
  const fold = new DayFold(table)
  const first = Math.floor(Math.min(...extents.map(({from}) => from)) / DAY_MS) * DAY_MS
  const last = Math.max(...extents.map(({to}) => to))
  const days = Math.floor((last - first) / DAY_MS) + 1
  const step = Math.max(1, Math.floor((days * ROWS_AT_ONCE) / rows)) * DAY_MS
  for (let from = first; from <= last; from += step) {
    const part = await desk.lake.read({
      ...query,
      ...{from, to: Math.min(from + step, to ?? Number.POSITIVE_INFINITY), columns: [...columns, 'available_at']},
    })
    const observed: Observations = {
      coin: texts(part, 'coin'),
      availableAt: numbers(part, 'available_at'),
      value: measure(part),
    }
    fold.add(observed)
  }
  return fold
}
