import type {Costs, VenueCosts} from '../../contracts/costs.ts'
import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {quantile} from './trailing-median.ts'

/**
 * What a unit of notional pays in funding per bar, by side; negative is received. Shapes [N][T].
 *
 * `before` is what settles at the bar's open or earlier and falls on the position held before the bar's fills; `after` is
 * the rest of the bar and falls on the position held after them.
 */
export interface FundingCosts {
  readonly longBefore: readonly Float64Array[]
  readonly shortBefore: readonly Float64Array[]
  readonly longAfter: readonly Float64Array[]
  readonly shortAfter: readonly Float64Array[]
  readonly flags: readonly string[]
}

/** Settlements seen before a coin has a history to take a decile of. */
const LEAST_HISTORY = 30

/**
 * Funding as recorded; where a payment is missing, the worst decile of the coin's own past on the paying side, else the
 * venue's, and never zero; where the venue has no funding table, a fixed rate against the position whichever side.
 *
 * Nobody pays on a spot market, whatever table somebody filled.
 *
 * A decile at a bar uses payments of earlier months only: history that grows cannot change an old bar.
 */
export function fundingCosts(panel: Panel, costs: Costs, {funding_interval}: VenueCosts): FundingCosts {
  const T = panel.ts.length
  const rates = panel.series.get('funding')
  const perHour = (costs.funding_missing_bps_per_8h.value * 1e-4) / 8
  const made = {
    longBefore: panel.assets.map(() => new Float64Array(T)),
    shortBefore: panel.assets.map(() => new Float64Array(T)),
    longAfter: panel.assets.map(() => new Float64Array(T)),
    shortAfter: panel.assets.map(() => new Float64Array(T)),
  }
  if (funding_interval === null) return {...made, flags: ['spot:no_funding']}
  const schedule = settlements(panel, funding_interval)
  const deciles = rates ? worstDeciles(panel, rates, schedule.count) : null
  let missing = 0
  for (let a = 0; a < panel.assets.length; a++) {
    for (let t = 0; t < T; t++) {
      const n = schedule.count[t]!
      const rate = rates?.[a]?.[t] ?? Number.NaN
      const beforeShare = n > 0 && schedule.atOpen[t] === 1 ? 1 / n : 0
      if (!Number.isNaN(rate)) {
        const before = panel.fundingAtOpen?.[a]?.[t] ?? rate * beforeShare
        made.longBefore[a]![t] = before
        made.shortBefore[a]![t] = -before
        made.longAfter[a]![t] = rate - before
        made.shortAfter[a]![t] = before - rate
        continue
      }
      if (n === 0) continue
      const assumed = perHour * schedule.hours[t]!
      const worst = deciles === null ? {long: assumed, short: assumed} : deciles(a, t)
      if (panel.state[a]![t] !== 0) missing++
      const long = n * Math.max(assumed, worst.long)
      const short = n * Math.max(assumed, worst.short)
      made.longBefore[a]![t] = long * beforeShare
      made.shortBefore[a]![t] = short * beforeShare
      made.longAfter[a]![t] = long * (1 - beforeShare)
      made.shortAfter[a]![t] = short * (1 - beforeShare)
    }
  }
  const flags = !rates ? ['funding:assumed'] : missing > 0 ? ['funding:worst_decile'] : []
  return {...made, flags}
}

interface Schedule {
  /** settlements scheduled in [open, next open) */
  readonly count: Float64Array
  /** 1 when one is scheduled exactly at the open */
  readonly atOpen: Uint8Array
  /** hours between settlements */
  readonly hours: Float64Array
}

function settlements({ts, barMs}: Panel, interval: NonNullable<VenueCosts['funding_interval']>): Schedule {
  const spans = interval.spans.map(({from, hours}) => ({from: Date.parse(from), hours}))
  const count = new Float64Array(ts.length)
  const atOpen = new Uint8Array(ts.length)
  const hours = new Float64Array(ts.length)
  for (let t = 0; t < ts.length; t++) {
    const span = spans.findLast(({from}) => from <= ts[t]!) ?? spans[0]!
    const step = span.hours * HOUR_MS
    hours[t] = span.hours
    count[t] = Math.ceil((ts[t]! + barMs) / step) - Math.ceil(ts[t]! / step)
    atOpen[t] = ts[t]! % step === 0 ? 1 : 0
  }
  return {count, atOpen, hours}
}

interface Worst {
  readonly long: number
  readonly short: number
}

/** Deciles are refreshed once in this many days: a month more of history does not move them, a sort a bar is slow. */
const REFRESH_DAYS = 30

/** Worst decile per settlement on each side, from payments before the month of bar t; computed only when asked. */
function worstDeciles(
  {ts, assets}: Panel,
  rates: readonly Float64Array[],
  count: Float64Array,
): (a: number, t: number) => Worst {
  const ofCoin = new Map<number, Worst | null>()
  const ofVenue = new Map<number, Worst>()
  const blockOf = (t: number): number => Math.floor(ts[t]! / (REFRESH_DAYS * DAY_MS))
  const coin = (a: number, t: number): Worst | null => {
    const key = blockOf(t) * assets.length + a
    const found = ofCoin.get(key)
    if (found !== undefined) return found
    const past: number[] = []
    for (let s = 0; s < t && blockOf(s) < blockOf(t); s++) {
      const rate = rates[a]![s]!
      if (!Number.isNaN(rate) && count[s]! > 0) past.push(rate / count[s]!)
    }
    const values = Float64Array.from(past)
    const worst = past.length < LEAST_HISTORY ? null : {long: quantile(values, 0.9), short: -quantile(values, 0.1)}
    ofCoin.set(key, worst)
    return worst
  }
  const venue = (t: number): Worst => {
    const found = ofVenue.get(blockOf(t))
    if (found) return found
    const all = assets.map((_, a) => coin(a, t)).filter((worst) => worst !== null)
    const side = (of: (worst: Worst) => number): number =>
      all.length === 0 ? 0 : quantile(Float64Array.from(all, of), 0.9)
    const worst = {long: side((w) => w.long), short: side((w) => w.short)}
    ofVenue.set(blockOf(t), worst)
    return worst
  }
  return (a, t) => coin(a, t) ?? venue(t)
}
