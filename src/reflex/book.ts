import type {BookConfig} from '../contracts/book.ts'
import {annualVol, shrunkCorrelation} from './covariance.ts'

/** A hypothesis as the book sees it. */
export interface Member {
  readonly id: string
  readonly state: 'validated' | 'pilot' | 'scaled'
  /** asset -> standalone target, fraction of the capital the hypothesis runs on */
  readonly weights: ReadonlyMap<string, number>
  /** standalone daily net returns on one shared calendar, oldest first; NaN = none that day */
  readonly dailyReturns: Float64Array
  /** largest capital the hypothesis was judged for, USD */
  readonly capitalUsd: number
}

export interface Budget {
  readonly hypothesis: string
  /** fraction of equity this hypothesis runs on, after share, ladder, groups, volatility and capacity */
  readonly budget: number
  readonly share: number
  readonly volAnnual: number
  /** why it is smaller than its share, in the order applied */
  readonly cuts: readonly string[]
}

export interface BookTarget {
  readonly asset: string
  /** fraction of equity */
  readonly weight: number
  /** hypothesis -> its part of `weight`; the parts sum to it */
  readonly parts: ReadonlyMap<string, number>
  /** sum of |parts| that met inside the book and needed no order, fraction of equity */
  readonly crossed: number
  /** the cap that shrank the asset, if any */
  readonly cap: string | null
}

export interface Book {
  readonly budgets: readonly Budget[]
  readonly targets: readonly BookTarget[]
  readonly volAnnual: number
  readonly gross: number
  readonly net: number
}

/**
 * Many hypotheses, one target: budgets, then netting, then caps.
 *
 * budget = share × ladder fraction, cut when a group of correlated hypotheses holds too much, scaled so that the book
 * meets its volatility target (never above a hypothesis' own standalone risk), cut to the capital it was judged for.
 * Assets are netted with attribution kept per hypothesis; caps by asset, cluster, gross and net shrink all parts alike.
 * A hypothesis without enough daily returns counts at the book's volatility target and as fully correlated.
 *
 * @param equityUsd  account equity, USD > 0
 * @returns          targets by asset name, ascending; empty without members
 * @see execution.md 0
 */
export function buildBook(members: readonly Member[], config: BookConfig, equityUsd: number): Book {
  const {min_days: minDays} = config.correlation
  const shares = sharesOf(members, config)
  const correlation = shrunkCorrelation(
    members.map(({dailyReturns}) => dailyReturns),
    minDays,
  )
  const measured = members.map(({dailyReturns}) => annualVol(dailyReturns, minDays))
  const vols = measured.map((vol) => (vol > 0 ? vol : config.vol_target_annual))
  const cuts = members.map(() => [] as string[])
  const ladder = members.map((member, i) => shares[i]! * config.ladder[member.state])
  const grouped = capGroups(ladder, correlation, config, cuts)
  const own = bookVol(grouped, vols, correlation)
  // At most to its full standalone risk: a thin book is left thin, not levered up.
  const largest = Math.max(0, ...grouped)
  const scale = own > 0 ? Math.min(config.vol_target_annual / own, largest > 0 ? 1 / largest : 1) : 1
  const budgets = members.map((member, i): Budget => {
    const scaled = grouped[i]! * scale
    const capacity = member.capitalUsd / equityUsd
    if (scale < 1) cuts[i]!.push(`volatility ${own.toFixed(3)} above ${config.vol_target_annual}`)
    if (scaled > capacity) cuts[i]!.push(`judged for ${member.capitalUsd} USD`)
    const budget = Math.min(scaled, capacity)
    return {hypothesis: member.id, budget, share: shares[i]!, volAnnual: measured[i]!, cuts: cuts[i]!}
  })
  const targets = capTargets(netted(members, budgets), config)
  return {
    budgets,
    targets,
    volAnnual: bookVol(
      budgets.map(({budget}) => budget),
      vols,
      correlation,
    ),
    gross: targets.reduce((sum, {weight}) => sum + Math.abs(weight), 0),
    net: targets.reduce((sum, {weight}) => sum + weight, 0),
  }
}

/** Named shares as they stand, scaled down when they sum above one; the others split what is left. */
function sharesOf(members: readonly Member[], {shares}: BookConfig): number[] {
  const named = members.reduce((sum, {id}) => sum + (shares[id] ?? 0), 0)
  const others = members.filter(({id}) => shares[id] === undefined).length
  const rest = others > 0 ? Math.max(0, 1 - named) / others : 0
  return members.map(({id}) => (shares[id] === undefined ? rest : shares[id] / Math.max(1, named)))
}

/** Connected components of |correlation| above the limit share one cap. */
function capGroups(budgets: readonly number[], r: readonly number[][], config: BookConfig, cuts: string[][]): number[] {
  const {above, group_cap: cap} = config.correlation
  const group = budgets.map((_, i) => i)
  for (let pass = 0; pass < budgets.length; pass++)
    for (const i of group.keys())
      for (const j of group.keys()) if (r[i]![j]! > above) group[i] = Math.min(group[i]!, group[j]!)
  return budgets.map((budget, i) => {
    const members = budgets.filter((_, j) => group[j] === group[i])
    const held = members.reduce((sum, value) => sum + value, 0)
    if (members.length < 2 || held <= cap) return budget
    cuts[i]!.push(`group of ${members.length} correlated above ${above} holds ${held.toFixed(2)}`)
    return (budget * cap) / held
  })
}

function bookVol(budgets: readonly number[], vols: readonly number[], r: readonly number[][]): number {
  let variance = 0
  for (const [i, a] of budgets.entries())
    for (const [j, b] of budgets.entries()) variance += a * b * vols[i]! * vols[j]! * r[i]![j]!
  return Math.sqrt(Math.max(0, variance))
}

function netted(members: readonly Member[], budgets: readonly Budget[]): BookTarget[] {
  const assets = [...new Set(members.flatMap(({weights}) => [...weights.keys()]))].sort()
  return assets.map((asset) => {
    const parts = new Map<string, number>()
    for (const [i, {id, weights}] of members.entries()) {
      const weight = weights.get(asset)
      if (weight !== undefined && Number.isFinite(weight)) parts.set(id, weight * budgets[i]!.budget)
    }
    const values = [...parts.values()]
    const weight = values.reduce((sum, part) => sum + part, 0)
    const gross = values.reduce((sum, part) => sum + Math.abs(part), 0)
    return {asset, weight, parts, crossed: gross - Math.abs(weight), cap: null}
  })
}

/** Caps in the order asset, cluster, gross, net; each shrinks and never grows. */
function capTargets(targets: readonly BookTarget[], {caps}: BookConfig): BookTarget[] {
  let capped = targets.map((target) => {
    const size = Math.abs(target.weight)
    return size > caps.asset ? shrunk(target, caps.asset / size, `asset ${caps.asset}`) : target
  })
  const shrinkWhere = (inside: (target: BookTarget) => boolean, size: number, cap: number, name: string): void => {
    if (size > cap) capped = capped.map((target) => (inside(target) ? shrunk(target, cap / size, name) : target))
  }
  const gross = (list: readonly BookTarget[]): number => list.reduce((sum, {weight}) => sum + Math.abs(weight), 0)
  for (const [name, {assets, cap}] of Object.entries(caps.clusters)) {
    const inside = ({asset}: BookTarget): boolean => assets.includes(asset)
    shrinkWhere(inside, gross(capped.filter(inside)), cap, `cluster ${name} ${cap}`)
  }
  shrinkWhere(() => true, gross(capped), caps.gross, `gross ${caps.gross}`)
  const net = Math.abs(capped.reduce((sum, {weight}) => sum + weight, 0))
  shrinkWhere(() => true, net, caps.net, `net ${caps.net}`)
  return capped
}

const shrunk = (target: BookTarget, factor: number, cap: string): BookTarget => ({
  ...target,
  weight: target.weight * factor,
  parts: new Map([...target.parts].map(([id, part]) => [id, part * factor])),
  crossed: target.crossed * factor,
  cap,
})
