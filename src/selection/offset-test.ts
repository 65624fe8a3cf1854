import type {SelectionConfig} from '../contracts/selection.ts'
import {DAY_MS, dayOf} from '../kernel/instant.ts'
import type {AssetDays} from './asset-days.ts'
import type {EntryCosts} from './components/index.ts'
import {type ListReturns, listReturns, type ReturnFigures, returnFigures} from './list-returns.ts'
import {listsOf, type Outside, type Replay, replaySelection} from './replay.ts'

export interface Offset {
  /** days by which the anchor is moved */
  readonly days: number
  readonly anchor: string
  readonly series: ListReturns
  readonly figures: ReturnFigures
  /** mean share of the list that is new at a date */
  readonly turnover: number
  /** mean over days of the share of names in common with the list of the declared anchor */
  readonly overlap: number
}

export interface OffsetTest {
  readonly offsets: readonly Offset[]
  /** highest minus lowest growth a year over the anchors, fraction */
  readonly spread: number
  /** standard deviation of the growth a year over the anchors, fraction */
  readonly deviation: number
  /** rank of the declared anchor by growth, 1 is best */
  readonly rank: number
}

/** More anchors than this say nothing more. */
const MOST_OFFSETS = 31

/**
 * How much the result depends on the day the calendar is anchored to: the rule on every possible anchor, everything else
 * equal, over the days that all of them cover.
 *
 * A rule whose result stands or falls with the weekday it was anchored to has found the weekday.
 *
 * @param from days that close after it count
 * @see Hoffstein, Faber & Braun (2019), Rebalance timing luck
 */
export function offsetTest(
  table: AssetDays,
  config: SelectionConfig,
  costs: EntryCosts,
  {from, until}: {from: number; until: number},
  outside: Outside,
): OffsetTest {
  const every = config.rebalance.every_days
  const count = Math.min(every, MOST_OFFSETS)
  const anchor = Date.parse(`${config.rebalance.anchor}T00:00:00Z`)
  const runs = Array.from({length: count}, (_, k) => {
    const days = Math.round((k * every) / count)
    const moved = dayOf(anchor + days * DAY_MS)
    const rule = {...config, rebalance: {...config.rebalance, anchor: moved}}
    return {days, anchor: moved, replay: replaySelection(table, rule, costs, until, outside)}
  })
  // Every anchor has a list by then, and no anchor has a day that another lacks.
  const start = Math.max(from, ...runs.map(({replay}) => firstList(replay)))
  const base = runs[0]!.replay
  const offsets = runs.map(({days, anchor: moved, replay}): Offset => {
    const series = after(listReturns(table, listsOf(replay), replay.standing, until), start)
    return {
      ...{days, anchor: moved, series, figures: returnFigures(series)},
      turnover: turnoverOf(replay, start),
      overlap: overlapOf(base, replay, series.ts),
    }
  })
  const growth = offsets.map(({figures}) => figures.annual)
  const mean = growth.reduce((sum, x) => sum + x, 0) / growth.length
  return {
    offsets,
    spread: Math.max(...growth) - Math.min(...growth),
    deviation: Math.sqrt(growth.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, growth.length - 1)),
    rank: growth.filter((x) => x > growth[0]!).length + 1,
  }
}

const firstList = ({rebalances}: Replay): number =>
  rebalances.find(({since}) => since.size > 0)?.at ?? Number.POSITIVE_INFINITY

function after({ts, returns}: ListReturns, start: number): ListReturns {
  const first = ts.findIndex((close) => close > start)
  return first < 0
    ? {ts: new Float64Array(), returns: new Float64Array()}
    : {ts: ts.subarray(first), returns: returns.subarray(first)}
}

function turnoverOf({rebalances}: Replay, start: number): number {
  const turns = rebalances.flatMap(({at, since}, i) => {
    if (i === 0 || at <= start || since.size === 0) return []
    const before = rebalances[i - 1]!.since
    return [[...since.keys()].filter((asset) => !before.has(asset)).length / since.size]
  })
  return turns.length === 0 ? 0 : turns.reduce((sum, x) => sum + x, 0) / turns.length
}

/** Names in both lists over names in either, averaged over the days. */
function overlapOf(base: Replay, other: Replay, ts: Float64Array): number {
  const inForce = ({rebalances}: Replay, close: number): ReadonlyMap<number, number> =>
    rebalances.findLast(({at}) => at < close)?.since ?? new Map()
  let sum = 0
  for (const close of ts) {
    const [x, y] = [inForce(base, close), inForce(other, close)]
    const common = [...x.keys()].filter((asset) => y.has(asset)).length
    sum += common / Math.max(1, x.size + y.size - common)
  }
  return sum / ts.length
}
