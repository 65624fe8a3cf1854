import {cloidOf} from '../../contracts/orders.ts'
import {compare} from '../../kernel/decimal.ts'
import type {Control} from './control-input.ts'
import {exact} from './exact.ts'

/**
 * The same order never twice.
 *
 * A cloid is a function of what the order is for, so a replayed intent is recognised after any restart. Beside that, a
 * second order with the same coin, side, size, price and tif is refused while the first still works and is younger than
 * the window: one after the other is a schedule, two at once are a bug.
 */
export const c17Duplicate: Control = {
  id: 'C17',
  name: 'duplicate',
  scope: 'every',
  check({intent, limits, account, cloidSeen, venueTime}) {
    if (intent.cloid !== cloidOf(intent))
      return {reason: 'the cloid does not belong to this intent', value: intent.cloid}
    if (cloidSeen !== false) return {reason: 'this order was already decided', value: intent.cloid}
    if (limits === null || account === null || venueTime === null)
      return {reason: 'working orders or the time are unknown'}
    const windowMs = limits.duplicate.window_s * 1000
    const twin = account.working.find(
      (order) =>
        order.coin === intent.coin &&
        order.side === intent.side &&
        order.tif === intent.tif &&
        equal(order.sz, intent.sz) &&
        equal(order.px, intent.px) &&
        !(venueTime - order.at > windowMs),
    )
    if (!twin) return null
    return {
      reason: 'an identical order is already working',
      value: twin.cloid ?? 'no cloid',
      limit: `${limits.duplicate.window_s} s`,
    }
  },
}

function equal(a: string, b: string): boolean {
  const [x, y] = [exact(a), exact(b)]
  return x === null || y === null || compare(x, y) === 0
}
