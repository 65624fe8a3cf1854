import type {SelectionConfig} from '../contracts/selection.ts'
import {DAY_MS} from '../kernel/instant.ts'
import type {AssetDays} from './asset-days.ts'
import type {EntryCosts} from './components/index.ts'
import {type ListAt, type ListReturns, listReturns, type ReturnFigures, returnFigures} from './list-returns.ts'
import {listsOf, type Outside, replaySelection} from './replay.ts'

export interface Arm {
  readonly name: 'point in time' | 'survivors only' | "today's list"
  readonly series: ListReturns
  readonly figures: ReturnFigures
  readonly dates: number
}

export interface Survivorship {
  readonly arms: readonly [Arm, Arm, Arm]
  /** what leaving out the dead adds, fraction a year: difference of mean daily returns × 365 */
  readonly premium: number
  /** standard error of `premium` over days */
  readonly premiumError: number
  /** the same for holding the last list all along */
  readonly listPremium: number
  readonly listPremiumError: number
  /** assets that died by the end; of them, those that were ever chosen, with the dates in force */
  readonly dead: readonly number[]
  readonly held: readonly {readonly asset: number; readonly from: number; readonly to: number; readonly moved: number}[]
}

/**
 * What it would have been worth to know who survives: the rule replayed thrice.
 *
 * Point in time ranks every asset that was there; `survivors only` ranks, with the same data on the same dates, only
 * those that are not dead at `until`; `today's list` holds the last list through all of the past, each asset from its
 * first close on. All start at the first list. The differences are bias and nothing else: no signal, no cost, no parameter changes.
 *
 * @see Brown, Goetzmann, Ibbotson & Ross (1992), Survivorship bias in performance studies
 */
export function survivorship(
  table: AssetDays,
  config: SelectionConfig,
  costs: EntryCosts,
  until: number,
  outside: Outside,
): Survivorship {
  const whole = replaySelection(table, config, costs, until, outside)
  const {standing} = whole
  const lastDay = Math.max(0, table.days - 1)
  const dead = table.assets.flatMap((_, a) => (standing[a]![lastDay] === 'dead' ? [a] : []))
  const isDead = new Set(dead)
  const alive = survivorsOf(table, isDead)
  const kept = replaySelection(alive.table, config, costs, until, {
    ...outside,
    ...alive.outside(outside),
    standing: alive.assets.map((a) => standing[a]!),
  })
  const all = listsOf(whole)
  // Before its first list the rule is in cash: comparing that with somebody's holdings would compare nothing with luck.
  const full = all.slice(
    Math.max(
      0,
      all.findIndex(({members}) => members.length > 0),
    ),
  )
  const start = full[0]?.at ?? until
  const survivors = listsOf(kept)
    .filter(({at}) => at >= start)
    .map(({at, members}) => ({at, members: members.map((a) => alive.assets[a]!)}))
  const last = full.at(-1)?.members ?? []
  const today = full.map(({at}) => ({
    at,
    members: last.filter((a) => firstDay(table, a) * DAY_MS + table.day0 < at),
  }))
  const arm = (name: Arm['name'], lists: readonly ListAt[]): Arm => {
    const series = listReturns(table, lists, standing, until)
    return {name, series, figures: returnFigures(series), dates: lists.length}
  }
  const arms = [arm('point in time', full), arm('survivors only', survivors), arm("today's list", today)] as const
  const [base, without, hindsight] = arms
  const dropped = difference(without.series, base.series)
  const listed = difference(hindsight.series, base.series)
  return {
    arms,
    premium: dropped.mean,
    premiumError: dropped.error,
    listPremium: listed.mean,
    listPremiumError: listed.error,
    dead,
    held: heldDead(table, full, isDead, until),
  }
}

const firstDay = ({bars}: AssetDays, a: number): number => bars[a]!.findIndex((count) => count > 0)

/** The table without the dead, and what was said of the assets by their new indices. */
function survivorsOf(table: AssetDays, isDead: ReadonlySet<number>) {
  const assets = table.assets.flatMap((_, a) => (isDead.has(a) ? [] : [a]))
  const pick = <T>(columns: readonly T[]): T[] => assets.map((a) => columns[a]!)
  const {openInterest, depth, halfSpread, isolatedOnly, atOpenInterestCap} = table
  const extra = {openInterest, depth, halfSpread, isolatedOnly, atOpenInterestCap}
  const kept: AssetDays = {
    ...table,
    assets: pick(table.assets),
    close: pick(table.close),
    notional: pick(table.notional),
    funding: pick(table.funding),
    fundingHours: pick(table.fundingHours),
    bars: pick(table.bars),
    traded: pick(table.traded),
    prelisting: pick(table.prelisting),
    ...Object.fromEntries(Object.entries(extra).flatMap(([name, column]) => (column ? [[name, pick(column)]] : []))),
  }
  const outside = ({delistedFrom = new Map(), decayed}: Outside): Outside => ({
    delistedFrom: new Map(assets.flatMap((a, i) => (delistedFrom.has(a) ? [[i, delistedFrom.get(a)!]] : []))),
    ...(decayed ? {decayed: (i: number, at: number) => decayed(assets[i]!, at)} : {}),
  })
  return {assets, table: kept, outside}
}

/** Mean daily difference × 365 and its standard error, over the days that both have. */
function difference(x: ListReturns, y: ListReturns): {mean: number; error: number} {
  const other = new Map(Array.from(y.ts, (at, i) => [at, y.returns[i]!]))
  const gaps = Array.from(x.ts).flatMap((at, i) => (other.has(at) ? [x.returns[i]! - other.get(at)!] : []))
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1)
  return {mean: mean * 365, error: Math.sqrt(variance / gaps.length) * 365}
}

/** The dead that were on the list, from when to when, and what their price did in that time. */
function heldDead(
  {close, day0}: AssetDays,
  lists: readonly ListAt[],
  isDead: ReadonlySet<number>,
  until: number,
): Survivorship['held'] {
  const stays: {asset: number; from: number; to: number}[] = []
  lists.forEach(({at, members}, i) => {
    const to = lists[i + 1]?.at ?? until
    for (const asset of members.filter((member) => isDead.has(member))) {
      const open = stays.findLast((stay) => stay.asset === asset && stay.to === at)
      if (open) open.to = to
      else stays.push({asset, from: at, to})
    }
  })
  const priceAt = (asset: number, instant: number): number => {
    for (let d = Math.floor((instant - day0) / DAY_MS) - 1; d >= 0; d--) {
      if (!Number.isNaN(close[asset]![d] ?? Number.NaN)) return close[asset]![d]!
    }
    return Number.NaN
  }
  return stays.map(({asset, from, to}) => ({asset, from, to, moved: priceAt(asset, to) / priceAt(asset, from) - 1}))
}
