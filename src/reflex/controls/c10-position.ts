import {multiply} from '../../kernel/decimal.ts'
import type {Control} from './control-input.ts'
import {exactPositive, isAbove, portion, ratioText} from './exact.ts'
import {positionRange, worstSize} from './worst-position.ts'

/** The position this order could lead to, every open, in-flight and unknown order counted as filled. */
export const c10Position: Control = {
  id: 'C10',
  name: 'position',
  scope: 'increasing',
  check({intent, limits, account, market}) {
    const [equity, mark] = [exactPositive(account?.equity), exactPositive(market?.markPx)]
    if (limits === null || account === null || equity === null) return {reason: 'equity is unknown or not positive'}
    if (mark === null) return {reason: `${intent.coin} has no mark price`}
    const range = positionRange(account, intent.coin, intent)
    if (range === null) return {reason: 'a position or an order cannot be read'}
    const fraction = limits.position.per_coin[intent.coin] ?? limits.position.max_equity_fraction
    const exposure = multiply(worstSize(range), mark)
    if (!isAbove(exposure, portion(equity, fraction))) return null
    return {
      reason: `the position in ${intent.coin} could become too large`,
      value: `${ratioText(exposure, equity)} x equity`,
      limit: `${fraction} x equity`,
    }
  },
}
