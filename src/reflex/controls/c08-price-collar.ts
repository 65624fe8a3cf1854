import {abs, compare, type Decimal, subtract} from '../../kernel/decimal.ts'
import type {Control, ControlInput} from './control-input.ts'
import {exactPositive, isAbove, portion, ratioText} from './exact.ts'

/**
 * A price near both mark and oracle; an order that may trade at once must be nearer.
 *
 * A book that does not show two sides cannot prove that an order rests, so the tight collar holds.
 */
export const c08PriceCollar: Control = {
  id: 'C08',
  name: 'price collar',
  scope: 'every',
  check(input) {
    const {intent, limits, market} = input
    const px = exactPositive(intent.px)
    const references = {mark: exactPositive(market?.markPx), oracle: exactPositive(market?.oraclePx)}
    if (limits === null || px === null) return {reason: 'price or limit is unreadable'}
    const collar = mayTradeAtOnce(input, px) ? limits.price_collar.cross : limits.price_collar.rest
    if (exactPositive(collar) === null) return {reason: 'the collar is unreadable'}
    for (const [name, reference] of Object.entries(references)) {
      if (reference === null) return {reason: `${intent.coin} has no ${name} price`}
      const distance = abs(subtract(px, reference))
      if (isAbove(distance, portion(reference, collar))) {
        return {
          reason: `the price is too far from ${name}`,
          value: `${ratioText(distance, {units: reference.units, scale: reference.scale + 2})} %`,
          limit: `${collar * 100} %`,
        }
      }
    }
    return null
  },
}

function mayTradeAtOnce({intent, market}: ControlInput, px: Decimal): boolean {
  const [bid, ask] = [exactPositive(market?.bidPx), exactPositive(market?.askPx)]
  if (intent.tif === 'Ioc' || bid === null || ask === null || compare(bid, ask) >= 0) return true
  return intent.side === 'buy' ? compare(px, ask) >= 0 : compare(px, bid) <= 0
}
