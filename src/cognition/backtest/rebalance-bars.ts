import type {Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'
import {parseDuration} from '../../kernel/instant.ts'

const known = new WeakMap<Float64Array, Map<string, Int32Array>>()

/**
 * Bars at whose close a book is decided: the calendar is anchored at the epoch, so a run that starts elsewhere
 * rebalances at the same instants.
 *
 * @returns      bar indices, ascending; the close of each is a multiple of `rebalance`
 * @throws Fault `portfolio.rebalance_off_grid` (contract) when no whole number of bars makes one interval
 */
export function rebalanceBars({ts, barMs}: Pick<Panel, 'ts' | 'barMs'>, rebalance: string): Int32Array {
  const every = parseDuration(rebalance)
  if (every < barMs || every % barMs !== 0) {
    throw new Fault('portfolio.rebalance_off_grid', {
      family: 'contract',
      what: `A rebalance every ${rebalance} does not fall on bars of ${barMs / 60_000} minutes.`,
      why: 'A book is decided at the close of a bar, so the interval must be a whole number of bars.',
      next: ['set portfolio.rebalance to a multiple of bar', 'choose a shorter bar'],
    })
  }
  const memo = known.get(ts) ?? new Map<string, Int32Array>()
  known.set(ts, memo)
  const found = memo.get(`${rebalance}|${barMs}`)
  if (found) return found
  const bars: number[] = []
  for (let t = 0; t < ts.length; t++) if ((ts[t]! + barMs) % every === 0) bars.push(t)
  const made = Int32Array.from(bars)
  memo.set(`${rebalance}|${barMs}`, made)
  return made
}
