import {lowerBound} from '../../kernel/bounds.ts'
import type {Random} from '../../kernel/random.ts'
import {auditCuts, SCRAMBLES, type Scramble, scrambleView, truncateView, type View} from './audit-panel.ts'

/** Everything a rule decides on a view, signal and target weights; NaN = no opinion. */
export interface Decided {
  /** shape [column][bar] */
  readonly columns: readonly Float64Array[]
  /** the bars that are decided, ascending; null: all of them */
  readonly bars: Int32Array | null
}

export type Decide = (view: View, gridPoints: readonly number[]) => readonly Decided[]

export interface LookaheadPlan {
  readonly view: View
  readonly decide: Decide
  readonly gridSize: number
  readonly primary: number
  /** bar before which nothing is decided */
  readonly first: number
  /** truncations of the primary rule */
  readonly cuts: number
  /** cuts at which its future is replaced, three ways each */
  readonly scrambleCuts: number
  /** cuts at which every other grid point is truncated */
  readonly gridCuts: number
  readonly tolerance: number
  readonly random: Random
}

/** A decision that changed when only the future did. */
export interface Leak {
  readonly how: 'truncation' | Scramble
  readonly cut: number
  readonly gridPoint: number
  readonly column: number
  readonly bar: number
}

export interface LookaheadAudit {
  readonly cuts: number
  readonly scrambles: number
  readonly compared: number
  /** decisions of the primary rule that differ between two runs on the same view */
  readonly unstable: number
  /** decisions that changed; the search stops at the first cut with any */
  readonly truncationLeaks: number
  readonly scrambleLeaks: number
  readonly firstLeak: Leak | null
}

/** Decisions held in memory at a time: 32 M numbers are 256 MB. */
const HELD = 32e6

/**
 * Does any decision at or before a bar change when what came after it is cut off, or replaced?
 *
 * The complete decision vector at all bars up to the cut is compared, not only the last one: a leak may show far from
 * its cut. The declared rule is audited at every cut, the other grid points at a few: they share its expressions.
 * Zero differences pass; there is no "weak" look-ahead.
 *
 * @see gauntlet stage 2; freqtrade's lookahead-analysis misses one-bar leaks because it compares trades, not vectors
 */
export function auditLookahead(plan: LookaheadPlan): LookaheadAudit {
  const {view, decide, primary, random} = plan
  const T = view.panel.ts.length
  const phases = Math.max(1, Math.round(86_400_000 / view.panel.barMs))
  const cuts = auditCuts(T, plan.first, plan.cuts, phases, random)
  const some = (wanted: number): number[] =>
    cuts.filter((_, i) => i % Math.max(1, Math.floor(cuts.length / wanted)) === 0).slice(0, wanted)
  const seen = {compared: 0, truncation: 0, scramble: 0, scrambles: 0}
  let firstLeak: Leak | null = null
  const compare = (
    how: Leak['how'],
    cut: number,
    other: View,
    full: ReturnType<Decide>,
    points: readonly number[],
  ): void => {
    decide(other, points).forEach(({columns}, i) => {
      const {columns: own, bars} = full[i]!
      const length = bars === null ? cut + 1 : lowerBound(bars, cut + 1)
      const {count, first} = differences(own, columns, length, plan.tolerance)
      seen.compared += length * columns.length
      seen[how === 'truncation' ? 'truncation' : 'scramble'] += count
      if (first === null) return
      firstLeak ??= {how, cut, gridPoint: points[i]!, column: first.column, bar: bars?.[first.bar] ?? first.bar}
    })
  }
  const clean = (): boolean => seen.truncation + seen.scramble === 0

  const own = decide(view, [primary])
  const unstable = differences(own[0]!.columns, decide(view, [primary])[0]!.columns, T, 0).count
  for (const cut of cuts) if (clean()) compare('truncation', cut, truncateView(view, cut), own, [primary])
  for (const cut of some(plan.scrambleCuts)) {
    for (const kind of SCRAMBLES) {
      if (!clean()) break
      compare(kind, cut, scrambleView(view, cut, kind, random), own, [primary])
      seen.scrambles += 1
    }
  }
  const others = Array.from({length: plan.gridSize}, (_, g) => g).filter((g) => g !== primary)
  const chunk = Math.max(1, Math.floor(HELD / (T * view.panel.assets.length)))
  for (let from = 0; from < others.length && clean(); from += chunk) {
    const points = others.slice(from, from + chunk)
    const full = decide(view, points)
    for (const cut of some(plan.gridCuts)) compare('truncation', cut, truncateView(view, cut), full, points)
  }
  return {
    cuts: cuts.length,
    scrambles: seen.scrambles,
    compared: seen.compared,
    unstable,
    truncationLeaks: seen.truncation,
    scrambleLeaks: seen.scramble,
    firstLeak,
  }
}

/** Decisions that differ over bars [0, length): NaN equals NaN, numbers agree to a relative tolerance. */
export function differences(
  a: readonly Float64Array[],
  b: readonly Float64Array[],
  length: number,
  tolerance: number,
): {count: number; first: {column: number; bar: number} | null} {
  let count = 0
  let first: {column: number; bar: number} | null = null
  for (let column = 0; column < a.length; column++) {
    const [x, y] = [a[column]!, b[column]!]
    for (let bar = 0; bar < length; bar++) {
      const [p, q] = [x[bar]!, y[bar]!]
      if (p === q || (Number.isNaN(p) && Number.isNaN(q))) continue
      if (Math.abs(p - q) <= tolerance * Math.max(Math.abs(p), Math.abs(q))) continue
      count += 1
      if (first === null || bar < first.bar) first = {column, bar}
    }
  }
  return {count, first}
}
