import {cutView, type View} from './audit-panel.ts'

/** A decision that another beginning of history changed. */
export interface Restless {
  /** bars of history that were dropped */
  readonly dropped: number
  readonly part: 'signal' | 'weights'
  /** asset and bar of the whole view */
  readonly asset: number
  readonly bar: number
}

export interface WarmupAudit {
  /** how many bars were dropped each time that left something to compare */
  readonly drops: readonly number[]
  readonly compared: number
  /** decisions after the declared warm-up that changed */
  readonly changed: number
  readonly first: Restless | null
}

export interface WarmupPlan {
  readonly view: View
  /** shapes [N][T]; NaN: no opinion, or no order */
  readonly decide: (view: View) => Record<Restless['part'], readonly Float64Array[]>
  /** bars of history after which the first value is promised */
  readonly warmupBars: number
  /** bars the signal is given to forget where its history began; at least `warmupBars` */
  readonly settleBars: number
  /** bars the book needs beside it: volatility and beta look back on their own */
  readonly bookBars: number
  readonly tolerance: number
}

/** A rule without memory is still shown other beginnings. */
const LEAST_DROP = 32

/**
 * Do decisions depend on where history begins?
 *
 * History is dropped by once, twice and four times the warm-up, and by half of it; whatever is decided once the shorter
 * one has warmed up must be what was decided on the whole. Zero changes pass; a history too short to leave anything to
 * compare passes nothing, `compared` is 0 then.
 *
 * @see gauntlet M21 (d)
 */
export function auditWarmup(plan: WarmupPlan): WarmupAudit {
  const {view, decide, warmupBars, settleBars, bookBars, tolerance} = plan
  const T = view.panel.ts.length
  const unit = Math.max(LEAST_DROP, warmupBars)
  const wanted = [unit, 2 * unit, 4 * unit, Math.floor(T / 2)]
  const fitting = [...new Set(wanted)].sort((a, b) => a - b).filter((drop) => drop >= 1 && drop + settleBars < T)
  // A history of two or three warm-ups still shows a beginning that is a little later.
  const drops = fitting.length > 0 || LEAST_DROP + settleBars >= T ? fitting : [LEAST_DROP]
  const whole = drops.length > 0 ? decide(view) : null
  let [compared, changed] = [0, 0]
  let first: Restless | null = null
  for (const dropped of drops) {
    const short = decide(dropHistory(view, dropped))
    for (const part of ['signal', 'weights'] as const) {
      const from = dropped + Math.max(settleBars, part === 'weights' ? bookBars : 0)
      for (const [asset, column] of whole![part].entries()) {
        const other = short[part][asset]!
        const scale = largest(column)
        for (let bar = from; bar < T; bar++) {
          compared += 1
          if (isSame(column[bar]!, other[bar - dropped]!, tolerance, scale)) continue
          changed += 1
          first ??= {dropped, part, asset, bar}
        }
      }
    }
  }
  return {drops, compared, changed, first}
}

/** The view as if history had begun so many bars later. Columns are views of the same memory. */
export const dropHistory = (view: View, bars: number): View =>
  cutView(view, (column) => column.subarray(bars) as typeof column)

/**
 * Equal to a relative tolerance; where large values have cancelled, to the same share of a thousandth of their size.
 *
 * @param scale  that size; left out: nothing is known to have cancelled
 */
export function isSame(p: number, q: number, tolerance: number, scale = 0): boolean {
  if (p === q || (Number.isNaN(p) && Number.isNaN(q))) return true
  return Math.abs(p - q) <= tolerance * Math.max(Math.abs(p), Math.abs(q), 1e-3 * scale)
}

function largest(column: Float64Array): number {
  let most = 0
  for (let t = 0; t < column.length; t++) {
    const size = Math.abs(column[t]!)
    if (size > most && size < Number.POSITIVE_INFINITY) most = size
  }
  return most
}
