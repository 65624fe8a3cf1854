import type {TradeRule, TradeVeto} from '../contracts/trade.ts'

/** Names of the controls as the catalogue has them. */
const CONTROLS: Readonly<Record<string, string>> = {
  C01: 'limits file',
  C02: 'latch',
  C05: 'allowed instruments',
  C06: 'order notional',
  C07: 'order size',
  C08: 'price collar',
  C09: 'reference price',
  C10: 'position limit',
  C11: 'leverage',
  C15: 'message rate',
  C17: 'duplicate order',
  C20: 'open orders',
  C21: 'daily loss',
}

/** What each rule says, with its numbers, to a person who wants to know why an asset was left alone. */
const SENTENCES: Readonly<Record<string, (rule: TradeRule) => string>> = {
  not_on_venue: () => 'the venue does not trade it',
  no_opinion: () => 'no hypothesis has an opinion on it',
  no_price: ({value}) => `its book is ${value.replaceAll('_', ' ')}, and that is not a price`,
  at_target: () => 'the position is the target already',
  no_trade_band: ({value, limit}) => `${value} coins from its target, inside the no-trade band of ${limit}`,
  no_volume: () => 'its 24 h volume is unknown',
  participation_cap: ({value, limit}) => `${value} is more than the share of 24 h volume one cycle may trade: ${limit}`,
  lot: ({value, limit}) => `${value} coins is less than one lot of ${limit}`,
  min_notional: ({value, limit}) => `${value} USD is below the smallest order of ${limit} USD`,
  unresolved_order: ({value}) => `order ${value} of an earlier cycle has no known state yet`,
  handed_back: ({value, limit}) => `${limit}; ${value} coins are handed back`,
  stopped: () => 'a signal ended the cycle',
  plan_only: () => 'nothing is sent in this mode',
}

export const explainRule = (rule: TradeRule): string =>
  SENTENCES[rule.id]?.(rule) ?? `${CONTROLS[rule.id] ?? rule.id}: ${rule.value} against a limit of ${rule.limit}`

/** `C06 order notional refused buy 0.2 BTC …: the order is too large, 12000 USD against a limit of 5000 USD`. */
export function explainVeto({control, intent, reason, value, limit}: Omit<TradeVeto, 'says'>): string {
  const numbers = value === null ? '' : limit === null ? ` (${value})` : `: ${value} against a limit of ${limit}`
  return `${control} ${CONTROLS[control] ?? ''} refused ${intent}: ${reason}${numbers}`
}
