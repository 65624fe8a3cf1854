import type {OrderState} from '../contracts/orders.ts'
import type {Guard} from './guard.ts'
import {readStatus} from './read-answer.ts'
import {sendAction} from './send-action.ts'
import {OrderStatusReply} from './venue-replies.ts'

/** Past its expiry by this much, an order that the venue does not know was never placed. */
const EXPIRY_MARGIN_MS = 2_000
const LOOKS = 3
const PAUSE_MS = 150

/**
 * Ask the venue about one order and write down what it says.
 *
 * @returns null when the venue does not know the order
 */
export async function lookUp(guard: Guard, order: OrderState): Promise<OrderState | null> {
  const reply = await guard.link.ask(OrderStatusReply, {type: 'orderStatus', user: guard.account, oid: order.cloid})
  const found = readStatus(order, reply)
  if (found !== null) await settle(guard, [found])
  return found
}

/** Journal first, then memory. */
export async function settle(guard: Guard, orders: readonly OrderState[]): Promise<void> {
  if (orders.length === 0) return
  await guard.journal.appendAll(orders.map((order) => ({ts: guard.clock.now(), kind: 'order', body: {order}})))
  for (const order of orders) guard.log.apply(order)
}

/**
 * Settle the fate of orders that were sent without a readable answer. Nothing is ever sent again.
 *
 * First orderStatus by cloid, a few times: a fresh order can be unknown for a moment. Then a noop under the same nonce:
 * accepted, it proves that the order was not and can no longer be; a duplicate nonce proves that it was. Last, expiry.
 * What stays unsettled stays unknown and is tried again by the next caller.
 */
export async function resolveOrders(guard: Guard, orders: readonly OrderState[]): Promise<void> {
  let left = [...orders]
  for (let look = 0; look < LOOKS && left.length > 0; look++) {
    if (look > 0) await guard.clock.sleep(PAUSE_MS)
    left = await stillUnknown(guard, left)
    if (left.length === 0) return
    // Together: one nonce may have carried several orders, and one noop burns it for all of them.
    for (const nonce of new Set(left.map(({cloid}) => guard.log.sendOf(cloid)?.nonce))) {
      left = await burn(guard, nonce, left)
    }
  }
}

async function stillUnknown(guard: Guard, orders: readonly OrderState[]): Promise<OrderState[]> {
  const found = await Promise.all(orders.map(async (order) => ((await lookUp(guard, order)) === null ? order : null)))
  return found.filter((order) => order !== null)
}

/** Burn one nonce with a noop; returns the orders that are not settled by it. */
async function burn(guard: Guard, nonce: number | undefined, orders: readonly OrderState[]): Promise<OrderState[]> {
  const carried = orders.filter(({cloid}) => guard.log.sendOf(cloid)?.nonce === nonce)
  const others = orders.filter((order) => !carried.includes(order))
  if (carried.length === 0) return others
  const at = guard.view.venueTime ?? guard.clock.now()
  if (nonce === undefined) {
    // Decided but never signed: a crash came between the verdict and the send.
    await settle(
      guard,
      carried.map((order) => ({...order, phase: 'never_placed', reason: 'it was never signed', at})),
    )
    return others
  }
  const cloids = carried.map(({cloid}) => cloid)
  const outcome = await sendAction(guard, {
    kind: 'noop',
    action: {type: 'noop'},
    cloids,
    messages: 1,
    nonce,
    stoppable: false,
  })
  if (outcome.kind === 'ok') {
    const reason = 'its nonce was burned by a noop before it arrived'
    await settle(
      guard,
      carried.map((order) => ({...order, phase: 'never_placed', reason, at})),
    )
    return others
  }
  await guard.view.refreshAccount()
  const now = guard.view.venueTime ?? 0
  const expired = carried.filter(
    ({cloid}) => now > (guard.log.sendOf(cloid)?.expiresAfter ?? Number.POSITIVE_INFINITY) + EXPIRY_MARGIN_MS,
  )
  const gone = await stillUnknown(guard, expired)
  await settle(
    guard,
    gone.map((order) => ({...order, phase: 'expired', reason: 'unknown to the venue after its expiry', at: now})),
  )
  return [...others, ...carried.filter((order) => !expired.includes(order))]
}
