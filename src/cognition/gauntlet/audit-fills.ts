import type {Panel} from '../../contracts/panel.ts'
import {dayOf} from '../../kernel/instant.ts'
import type {Fills} from '../backtest/backtest-result.ts'

export interface FillsAudit {
  readonly fills: number
  /** fills at a price that was not traded in their bar, or before anything was decided */
  readonly impossible: number
  /** the first of them in words; null when there is none */
  readonly guilty: string | null
}

/** Prices are compared with this much room: the open of a bar is its low to the last digit. */
const TICK = 1e-9

/**
 * Is every fill at a price that its bar traded, on a bar behind the first decision?
 *
 * @param first  bar at whose close something is decided first; null: nothing ever is
 * @see M21 (g): no fill outside [low, high] of a bar after the decision
 */
export function auditFills(panel: Panel, {bar, asset, px}: Fills, first: number | null): FillsAudit {
  const [high, low] = [panel.series.get('high'), panel.series.get('low')]
  let impossible = 0
  let guilty: string | null = null
  for (let k = 0; k < bar.length; k++) {
    const [t, a, at] = [bar[k]!, asset[k]!, px[k]!]
    // Bounds that are missing hold nothing, and a bar before the first decision has nothing to fill.
    const [least, most] = [low?.[a]?.[t] ?? Number.NaN, high?.[a]?.[t] ?? Number.NaN]
    if (first !== null && t > first && at >= least * (1 - TICK) && at <= most * (1 + TICK)) continue
    impossible++
    guilty ??= `${panel.assets[a]} was filled at ${at} on ${dayOf(panel.ts[t]!)}, a bar of ${least} to ${most}`
  }
  return {fills: bar.length, impossible, guilty}
}
