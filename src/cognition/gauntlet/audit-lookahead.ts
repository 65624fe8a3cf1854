import type {Random} from '../../kernel/random.ts'
import {auditCuts, SCRAMBLES, type Scramble, scrambleView, truncateView, type View} from './audit-panel.ts'

/** Everything a rule decides on a view: shape [gridPoint][asset][bar]; NaN = no opinion. */
export type Decide = (view: View, gridPoints: readonly number[]) => readonly (readonly Float64Array[])[]

export interface LookaheadPlan {
  readonly view: View
  readonly decide: Decide
  readonly gridSize: number
  readonly primary: number
  /** bar before which nothing is decided */
  readonly first: number
  readonly cuts: number
  readonly scrambleCuts: number
  readonly gridCuts: number
  readonly tolerance: number
  readonly random: Random
}

/** A decision that changed when only the future did. */
export interface Leak {
  readonly how: 'truncation' | Scramble
  readonly cut: number
  readonly gridPoint: number
  readonly asset: number
  readonly bar: number
}

export interface LookaheadAudit {
  readonly cuts: number
  readonly scrambles: number
  readonly compared: number
  /** runs on the same view whose bytes differ */
  readonly unstable: number
  /** decisions that changed, over all audits; the search goes on after the first */
  readonly truncationLeaks: number
  readonly scrambleLeaks: number
  readonly firstLeak: Leak | null
}

/**
 * Does any decision at or before a bar change when what came after it is cut off, or replaced?
 *
 * The complete decision vector at all bars up to the cut is compared, not only the last one: a leak may show far from
 * its cut. Zero differences pass; there is no "weak" look-ahead.
 *
 * @see gauntlet stage 2; freqtrade's lookahead-analysis misses one-bar leaks because it compares trades, not vectors
 */
export function auditLookahead(plan: LookaheadPlan): LookaheadAudit {
  const {view, decide, gridSize, primary, random} = plan
  const every = Array.from({length: gridSize}, (_, g) => g)
  const full = decide(view, every)
  const again = decide(view, [primary])[0]!
  const unstable = differences(full[primary]!, again, view.panel.ts.length, 0).count
  const phases = Math.max(1, Math.round(86_400_000 / view.panel.barMs))
  const cuts = auditCuts(view.panel.ts.length, plan.first, plan.cuts, phases, random)
  const spread = (wanted: number): number[] =>
    cuts.filter((_, i) => i % Math.max(1, Math.floor(cuts.length / wanted)) === 0).slice(0, wanted)
  const wholeGrid = new Set(spread(plan.gridCuts))

  let [compared, truncationLeaks, scrambleLeaks] = [0, 0, 0]
  let firstLeak: Leak | null = null
  const compare = (how: Leak['how'], cut: number, other: View, points: readonly number[]): number => {
    const decided = decide(other, points)
    let found = 0
    points.forEach((gridPoint, i) => {
      const {count, first} = differences(full[gridPoint]!, decided[i]!, cut + 1, plan.tolerance)
      compared += (cut + 1) * view.panel.assets.length
      found += count
      if (first !== null) firstLeak ??= {how, cut, gridPoint, ...first}
    })
    return found
  }
  for (const cut of cuts) {
    truncationLeaks += compare('truncation', cut, truncateView(view, cut), wholeGrid.has(cut) ? every : [primary])
    // One proof is enough to void the result; the count of a hopeless rule is not worth minutes.
    if (truncationLeaks > 0) break
  }
  let scrambles = 0
  for (const cut of truncationLeaks > 0 ? [] : spread(plan.scrambleCuts)) {
    for (const kind of SCRAMBLES) {
      scrambleLeaks += compare(kind, cut, scrambleView(view, cut, kind, random), wholeGrid.has(cut) ? every : [primary])
      scrambles += 1
    }
    if (scrambleLeaks > 0) break
  }
  return {cuts: cuts.length, scrambles, compared, unstable, truncationLeaks, scrambleLeaks, firstLeak}
}

/** Decisions that differ over bars [0, length): NaN equals NaN, numbers agree to a relative tolerance. */
export function differences(
  a: readonly Float64Array[],
  b: readonly Float64Array[],
  length: number,
  tolerance: number,
): {count: number; first: {asset: number; bar: number} | null} {
  let count = 0
  let first: {asset: number; bar: number} | null = null
  for (let asset = 0; asset < a.length; asset++) {
    const [x, y] = [a[asset]!, b[asset]!]
    for (let bar = 0; bar < length; bar++) {
      const [p, q] = [x[bar]!, y[bar]!]
      if (p === q || (Number.isNaN(p) && Number.isNaN(q))) continue
      if (Math.abs(p - q) <= tolerance * Math.max(Math.abs(p), Math.abs(q))) continue
      count += 1
      if (first === null || bar < first.bar) first = {asset, bar}
    }
  }
  return {count, first}
}
