import type {Control} from './control-input.ts'

/** Open and in-flight orders bound the time a kill takes: at most max(20, 2 per selected asset). */
export const c20OpenOrders: Control = {
  id: 'C20',
  name: 'open orders',
  scope: 'increasing',
  check({limits, account, selected}) {
    if (limits === null || account === null) return {reason: 'open orders are unknown'}
    const {max, per_selected_asset} = limits.open_orders
    const most = Math.max(max, per_selected_asset * (selected?.length ?? 0))
    const after = account.working.length + 1
    return after <= most ? null : {reason: 'too many open orders', value: String(after), limit: String(most)}
  },
}
