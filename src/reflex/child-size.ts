import {
  compare,
  type Decimal,
  decimal,
  decimalText,
  decimalTextOfNumber,
  divide,
  isZero,
  multiply,
  subtract,
} from '../kernel/decimal.ts'
import {notional, roundLots} from './price-grid.ts'

export interface ChildRules {
  /** largest notional of one order, USD */
  readonly capUsd: string
  readonly minNotionalUsd: string
  /** fraction by which a slice may differ from an equal one, 0 … 0.5 */
  readonly jitter: number
}

/**
 * Size of the next child: all of it when it fits under the cap, else about an equal slice.
 *
 * Slices differ by up to ±jitter, so that they are not the same order twice. What a slice leaves behind is either
 * nothing or at least the minimum notional, otherwise it could never be traded.
 *
 * @param remaining  coins, unsigned, on the lot grid
 * @param draw       uniform on [0, 1), from the cycle's seeded stream
 * @returns          coins on the lot grid, 0 < size <= remaining
 */
export function childSize(
  remaining: string,
  px: string,
  sizeDecimals: number,
  draw: number,
  rules: ChildRules,
): string {
  const [left, price, cap] = [decimal(remaining), decimal(px), decimal(rules.capUsd)]
  const total = notional(left, price)
  if (compare(total, cap) <= 0) return decimalText(left)
  // Slices are planned below the cap by the jitter, so that the largest of them still fits.
  const room = multiply(cap, decimal(decimalTextOfNumber(1 - rules.jitter)))
  const slices = divide(total, room, 0, 'up')
  const equal = divide(left, slices, sizeDecimals + 4, 'down')
  const spread = decimal(decimalTextOfNumber(Number((1 + rules.jitter * (2 * draw - 1)).toFixed(6))))
  const slice = roundLots(multiply(equal, spread), sizeDecimals)
  if (isZero(slice)) return decimalText(left)
  const rest = notional(subtract(left, slice), price)
  return decimalText(compare(rest, decimal(rules.minNotionalUsd)) < 0 ? halved(left, sizeDecimals) : slice)
}

/** Two slices that both can be ordered beat one that leaves dust. */
const halved = (left: Decimal, sizeDecimals: number): Decimal =>
  roundLots(divide(left, decimal('2'), sizeDecimals + 1, 'down'), sizeDecimals)
