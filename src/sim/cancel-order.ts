import type {Order} from './order.ts'
import type {VenueState} from './venue-state.ts'

export type CancelStatus = 'success' | {readonly error: string}

const NOT_THERE = {error: 'Order was never placed, already canceled, or filled.'} as const

/** Give an order its final status and take it out of the book. A final status never changes. */
export function closeOrder(state: VenueState, order: Order, status: string, time: number): void {
  if (order.status !== 'open') return
  order.status = status
  order.statusTimestamp = time
  state.books[order.asset]!.remove(order)
}

export function cancelByOid(state: VenueState, user: string, asset: number, oid: number, time: number): CancelStatus {
  const order = state.orders.get(oid)
  if (!order || order.user !== user || order.asset !== asset || order.status !== 'open') return NOT_THERE
  closeOrder(state, order, 'canceled', time)
  return 'success'
}

export function cancelByCloid(
  state: VenueState,
  user: string,
  asset: number,
  cloid: string,
  time: number,
): CancelStatus {
  const book = state.books[asset]
  const order = book && [...book.bids, ...book.asks].find((open) => open.user === user && open.cloid === cloid)
  if (!order) return NOT_THERE
  closeOrder(state, order, 'canceled', time)
  return 'success'
}
