import type {Control} from './control-input.ts'

/** Messages of one parent per second and minute, and a reserve of the address budget that only cancels may use. */
export const c15MessageRate: Control = {
  id: 'C15',
  name: 'message rate',
  scope: 'increasing',
  check({limits, messages: {lastSecond, lastMinute, addressLeft}}) {
    if (limits === null) return {reason: 'no message limit'}
    const {per_second, per_minute, address_reserve} = limits.messages
    if (!(lastSecond + 1 <= per_second)) {
      return {reason: 'too many messages in a second', value: String(lastSecond + 1), limit: String(per_second)}
    }
    if (!(lastMinute + 1 <= per_minute)) {
      return {reason: 'too many messages in a minute', value: String(lastMinute + 1), limit: String(per_minute)}
    }
    if (addressLeft === null || !(addressLeft - 1 >= address_reserve)) {
      return {
        reason: 'the address budget is down to the reserve for cancels',
        value: String(addressLeft),
        limit: String(address_reserve),
      }
    }
    return null
  },
}
