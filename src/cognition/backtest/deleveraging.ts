import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS, dayOf} from '../../kernel/instant.ts'
import {median} from '../../kernel/median.ts'
import type {BacktestResult} from './backtest-result.ts'

/** Days on which venues closed winning positions against the losses of others. */
const MARKED_DAYS = ['2025-10-10'] as const

export interface Deleveraged {
  readonly net: Float64Array
  /** days stressed, ISO */
  readonly days: readonly string[]
}

/**
 * The run with auto-deleveraging on marked days and on the wildest day of its window.
 *
 * On such a day a position that wins is closed by the venue at the price before it won: its gains of the day are nothing,
 * its losses stay. In the bar after, the positions that were closed are missing and those that lost are naked.
 *
 * @param from  first bar that counts
 */
export function deleveraged(panel: Panel, {net, assetPnl, ts}: BacktestResult, from: number): Deleveraged {
  const marked = new Set<string>(MARKED_DAYS)
  const wildest = wildestDay(panel, from)
  if (wildest !== null) marked.add(wildest)
  const out = net.slice()
  const days = new Set<string>()
  const closed = new Uint8Array(assetPnl.length)
  let wasMarked = false
  for (let t = from; t < out.length; t++) {
    const day = dayOf(ts[t]!)
    const isMarked = marked.has(day)
    if (!isMarked && !wasMarked) continue
    if (isMarked) days.add(day)
    for (let a = 0; a < assetPnl.length; a++) {
      const pnl = assetPnl[a]![t]!
      if (isMarked && pnl > 0) closed[a] = 1
      // Closed in this bar or the one before: nothing is earned, nor, after the day, lost.
      if (closed[a] === 1 && (pnl > 0 || !isMarked)) out[t] = out[t]! - pnl
    }
    if (!isMarked) closed.fill(0)
    wasMarked = isMarked
  }
  return {net: out, days: [...days].sort()}
}

/** The day of the largest median move of all assets from its first open to its last close; null without a price. */
function wildestDay({ts, series, barMs}: Panel, from: number): string | null {
  const open = series.get('open')!
  const close = series.get('close')!
  const perDay = Math.max(1, Math.round(DAY_MS / barMs))
  let best: {day: string; size: number} | null = null
  for (let t = from; t + perDay <= ts.length; t++) {
    if (ts[t]! % DAY_MS !== 0) continue
    const moves = open
      .map((column, a) => Math.abs(Math.log(close[a]![t + perDay - 1]! / column[t]!)))
      .filter((move) => Number.isFinite(move))
    if (moves.length === 0) continue
    const size = median(Float64Array.from(moves))
    if (best === null || size > best.size) best = {day: dayOf(ts[t]!), size}
  }
  return best?.day ?? null
}
