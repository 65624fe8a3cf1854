import type {Control} from './control-input.ts'
import {reducesRisk} from './reduces-risk.ts'

/**
 * Only listed, allowed instruments. A coin that left the list may still be closed, a delisted one may not be traded at
 * all, and a builder-dex coin (`dex:NAME`) passes only when the list names it.
 */
export const c05InstrumentAllowed: Control = {
  id: 'C05',
  name: 'instrument allowed',
  scope: 'every',
  check(input) {
    const {intent, limits, market, selected, venueTime} = input
    if (limits === null) return {reason: 'no list of instruments'}
    if (venueTime === null) return {reason: 'the venue does not answer'}
    if (market === null || market.coin !== intent.coin) return {reason: `the venue does not list ${intent.coin}`}
    if (market.delisted !== false) return {reason: `${intent.coin} is delisted`}
    if (reducesRisk(input)) return null
    const {allow, deny} = limits.instruments
    if (deny.includes(intent.coin)) return {reason: `${intent.coin} is on the deny list`}
    const named = allow !== 'selected' && allow.includes(intent.coin)
    if (intent.coin.includes(':') && !named)
      return {reason: `${intent.coin} is on a builder dex and not named in the list`}
    const allowed = allow === 'selected' ? (selected?.includes(intent.coin) ?? false) : named
    if (allowed) return null
    return {
      reason:
        selected === null && allow === 'selected'
          ? 'there is no readable list of selected assets'
          : `${intent.coin} is not on the list`,
      value: intent.coin,
      limit: allow === 'selected' ? 'configs/selected_assets.yaml' : allow.join(' '),
    }
  },
}
