import {abs, add, compare, divide, subtract} from '../../kernel/decimal.ts'
import type {Control} from './control-input.ts'
import {exactPositive, isAbove, portion, ratioText} from './exact.ts'

/** A venue timestamp may run this far ahead of the venue's clock reading: the two are not taken at the same instant. */
const AHEAD_MS = 1_000

/**
 * The reference price is fresh and two sources agree on it.
 *
 * Freshness is measured in venue time, and the venue's clock must itself be moving: a feed that repeats one moment for
 * ever would otherwise stay fresh.
 */
export const c09ReferencePrice: Control = {
  id: 'C09',
  name: 'reference price fresh',
  scope: 'increasing',
  check({intent, limits, market, venueTime, venueStalledMs}) {
    if (limits === null || market === null) return {reason: 'no reference price'}
    const {max_age_s, reduce_only_after_s, max_disagreement} = limits.reference_price
    for (const [name, time] of [
      ['book', market.bookTime],
      ['mark', market.markTime],
    ] as const) {
      const age = venueTime === null || time === null ? Number.NaN : venueTime - time
      if (!(age >= -AHEAD_MS)) return {reason: `the ${name} of ${intent.coin} has no usable time`}
      const oldest = Math.max(age, venueStalledMs)
      if (!(oldest <= max_age_s * 1000)) {
        const action = oldest > reduce_only_after_s * 1000 ? 'reduce_only' : 'reject'
        return {
          reason: `the ${name} of ${intent.coin} is stale`,
          value: `${oldest} ms`,
          limit: `${max_age_s} s`,
          action,
        }
      }
    }
    const [bid, ask, mark] = [market.bidPx, market.askPx, market.markPx].map(exactPositive)
    if (!bid || !ask || !mark) return {reason: `${intent.coin} has no two-sided book or no mark`}
    if (compare(bid, ask) >= 0)
      return {reason: `the book of ${intent.coin} is crossed`, value: `${market.bidPx} / ${market.askPx}`}
    const mid = divide(add(bid, ask), {units: 2n, scale: 0}, 12, 'half')
    const apart = abs(subtract(mid, mark))
    if (!isAbove(apart, portion(mark, max_disagreement))) return null
    return {
      reason: 'mark and mid disagree',
      value: `${ratioText(apart, {units: mark.units, scale: mark.scale + 2})} %`,
      limit: `${max_disagreement * 100} %`,
    }
  },
}
