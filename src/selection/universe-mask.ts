import {BAR, type Panel} from '../contracts/panel.ts'
import {type AssetDays, lastClosedDay} from './asset-days.ts'
import type {Replay} from './replay.ts'

/**
 * The replayed selection on a panel's bars: which assets a decision at the close of bar t may hold.
 *
 * Between rebalances the list stands still, except that an asset found dead or delisted leaves at once.
 *
 * @returns shape [N][T], 1 = in the universe
 */
export function universeMask(
  panel: Panel,
  table: AssetDays,
  {rebalances, standing}: Replay,
  delistedFrom: ReadonlyMap<number, number> = new Map(),
): Uint8Array[] {
  const column = new Map(table.assets.map((asset, a) => [asset, a]))
  const mask = panel.assets.map(() => new Uint8Array(panel.ts.length))
  let next = 0
  let members = new Set<number>()
  for (let t = 0; t < panel.ts.length; t++) {
    const close = panel.ts[t]! + panel.barMs
    while (next < rebalances.length && rebalances[next]!.at <= close) {
      members = new Set(rebalances[next]!.since.keys())
      next++
    }
    if (members.size === 0) continue
    const d = lastClosedDay(table, close)
    for (let i = 0; i < panel.assets.length; i++) {
      const a = column.get(panel.assets[i]!)
      const bar = panel.state[i]![t]!
      // Not `live` alone: a bar is marked dead in hindsight, and only `standing` says what was known that day.
      if (a === undefined || !members.has(a) || bar === BAR.absent || bar === BAR.prelisting) continue
      if (standing[a]![d] !== 'trading' || close >= (delistedFrom.get(a) ?? Number.POSITIVE_INFINITY)) continue
      mask[i]![t] = 1
    }
  }
  return mask
}
