import type {Panel} from '../../contracts/panel.ts'
import {dailyReturns, daysKnown, LEAST_ESTIMATE_DAYS} from './daily-returns.ts'

/** Beta of each asset at a decision bar: shape [N]; not to be written to. */
export type BetaAt = (t: number) => Float64Array

const known = new WeakMap<readonly Uint8Array[], {panel: Panel; at: BetaAt}>()

/**
 * Beta of every asset to the equal-weighted universe over the last 60 days, known at the decision bar.
 *
 * The market is the universe as it was on that bar. Computed once per bar and shared by all runs over the same universe.
 *
 * @param universe  shape [N][T]; 1: member
 * @returns         1 for an asset with fewer than 20 days in common with its market
 */
export function marketBeta(panel: Panel, universe: readonly Uint8Array[]): BetaAt {
  const found = known.get(universe)
  if (found?.panel === panel) return found.at
  const rows = new Map<number, Float64Array>()
  const at: BetaAt = (t) => {
    const seen = rows.get(t)
    if (seen) return seen
    const made = betasAt(panel, universe, t)
    rows.set(t, made)
    return made
  }
  known.set(universe, {panel, at})
  return at
}

function betasAt(panel: Panel, universe: readonly Uint8Array[], t: number): Float64Array {
  const {returns, N, dayBars} = dailyReturns(panel)
  const days = daysKnown(t, dayBars)
  const market = new Float64Array(days)
  for (let day = 0; day < days; day++) {
    const row = (t - day * dayBars) * N
    let [sum, count] = [0, 0]
    for (let a = 0; a < N; a++) {
      const r = universe[a]![t] === 1 ? returns[row + a]! : Number.NaN
      if (Number.isNaN(r)) continue
      sum += r
      count++
    }
    market[day] = count > 0 ? sum / count : 0
  }
  return Float64Array.from({length: N}, (_, a) => {
    let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0]
    for (let day = 0; day < days; day++) {
      const y = returns[(t - day * dayBars) * N + a]!
      if (Number.isNaN(y)) continue
      const x = market[day]!
      n++
      sx += x
      sy += y
      sxx += x * x
      sxy += x * y
    }
    const variance = sxx - (sx * sx) / n
    return n >= LEAST_ESTIMATE_DAYS && variance > 0 ? (sxy - (sx * sy) / n) / variance : 1
  })
}
