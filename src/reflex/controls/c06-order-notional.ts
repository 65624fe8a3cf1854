import {multiply} from '../../kernel/decimal.ts'
import type {Control} from './control-input.ts'
import {exactPositive, isAbove, portion, smallest, usdText} from './exact.ts'

/** One order is small against a fixed sum, against equity and against what the market trades in a day. */
export const c06OrderNotional: Control = {
  id: 'C06',
  name: 'order notional',
  scope: 'increasing',
  check({intent, limits, account, market}) {
    const [px, sz] = [exactPositive(intent.px), exactPositive(intent.sz)]
    const cap = exactPositive(limits?.order_notional.max_usd)
    const equity = exactPositive(account?.equity)
    const volume = exactPositive(market?.dayVolumeUsd)
    if (limits === null || px === null || sz === null || cap === null)
      return {reason: 'price, size or limit is unreadable'}
    if (equity === null) return {reason: 'equity is unknown or not positive'}
    if (volume === null) return {reason: `the 24 h volume of ${intent.coin} is unknown`}
    const {max_equity_fraction: ofEquity, max_day_volume_fraction: ofVolume} = limits.order_notional
    const notional = multiply(px, sz)
    const limit = smallest(cap, portion(equity, ofEquity), portion(volume, ofVolume))
    if (!isAbove(notional, limit)) return null
    return {reason: 'the order is too large', value: usdText(notional), limit: usdText(limit)}
  },
}
