import {add, compare, type Decimal, negate} from '../../kernel/decimal.ts'
import type {ControlInput, WorkingOrder} from './control-input.ts'
import {exact, exactPositive} from './exact.ts'

const ZERO: Decimal = {units: 0n, scale: 0}

/** Coins still to fill on one side of a coin; null when one order cannot be read. */
export function workingSize(working: readonly WorkingOrder[], coin: string, side: 'buy' | 'sell'): Decimal | null {
  let sum: Decimal | null = ZERO
  for (const order of working) {
    if (order.coin !== coin || order.side !== side) continue
    const size = exact(order.sz)
    sum = sum === null || size === null || size.units < 0n ? null : add(sum, size)
  }
  return sum
}

/**
 * True when the order can only bring the position nearer to zero.
 *
 * It must say reduce-only on the wire, stand against the position, and fit into it together with all that already
 * works on the same side: two halves that are each small enough could otherwise flip it.
 */
export function reducesRisk({intent, account}: Pick<ControlInput, 'intent' | 'account'>): boolean {
  if (!intent.reduceOnly || account === null) return false
  const position = exact(account.positions.get(intent.coin) ?? '0')
  const size = exactPositive(intent.sz)
  const working = workingSize(account.working, intent.coin, intent.side)
  if (position === null || size === null || working === null) return false
  const room = intent.side === 'sell' ? position : negate(position)
  return compare(add(size, working), room) <= 0
}
