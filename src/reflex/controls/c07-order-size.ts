import {abs, compare, decimal, decimalText, multiply} from '../../kernel/decimal.ts'
import {isOnPriceGrid} from '../price-grid.ts'
import type {Control, ControlInput} from './control-input.ts'
import {exact, exactPositive, isAbove, usdText} from './exact.ts'
import {reducesRisk} from './reduces-risk.ts'

/** Lot, tick, the venue's smallest notional, and a ceiling in coins. Closing a whole position may be smaller. */
export const c07OrderSize: Control = {
  id: 'C07',
  name: 'order size and grid',
  scope: 'every',
  check(input) {
    const {intent, limits, market} = input
    const [px, sz] = [exactPositive(intent.px), exactPositive(intent.sz)]
    const floor = exactPositive(limits?.order_size.min_notional_usd)
    if (limits === null || px === null || sz === null || floor === null)
      return {reason: 'price, size or limit is unreadable'}
    const lots = market?.sizeDecimals
    if (lots === undefined || !Number.isInteger(lots) || lots < 0)
      return {reason: `the lot size of ${intent.coin} is unknown`}
    if (decimal(decimalText(sz)).scale > lots) {
      return {reason: 'the size is not a whole number of lots', value: intent.sz, limit: `${lots} decimals`}
    }
    if (!isOnPriceGrid(intent.px, lots)) return {reason: 'the price is not a tick', value: intent.px}
    const ceiling = limits.order_size.max_units[intent.coin]
    if (ceiling !== undefined) {
      const most = exactPositive(ceiling)
      if (most === null || isAbove(sz, most)) return {reason: 'too many coins', value: intent.sz, limit: ceiling}
    }
    const notional = multiply(px, sz)
    if (compare(notional, floor) >= 0 || closesWhole(input)) return null
    return {reason: "below the venue's smallest order", value: usdText(notional), limit: usdText(floor)}
  },
}

function closesWhole(input: ControlInput): boolean {
  const position = exact(input.account?.positions.get(input.intent.coin))
  const size = exact(input.intent.sz)
  return position !== null && size !== null && reducesRisk(input) && compare(abs(position), size) === 0
}
