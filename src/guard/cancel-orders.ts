import {z} from 'zod'
import type {CancelResult, OpenOrder} from '../contracts/orders.ts'
import type {Guard} from './guard.ts'
import {lookUp} from './resolve-order.ts'
import {type Outcome, sendAction} from './send-action.ts'

const CancelStatus = z.union([z.literal('success'), z.object({error: z.string()})])

/** Cancel orders of this guard. Always allowed: no control, no latch and no limit stands in the way of a cancel. */
export async function cancelOrders(guard: Guard, cloids: readonly string[]): Promise<CancelResult[]> {
  const known = cloids.flatMap((cloid) => {
    const order = guard.log.get(cloid)
    return order === null ? [] : [order]
  })
  if (known.some(({coin}) => guard.view.listed(coin) === null)) await guard.view.refresh([])
  const placeable = known.filter(({coin}) => guard.view.listed(coin) !== null)
  for (const {parent} of placeable) guard.log.message(parent, guard.clock.monotonic())
  const statuses =
    placeable.length === 0
      ? []
      : outcomesOf(
          await sendAction(guard, {
            kind: 'cancel',
            action: {
              type: 'cancelByCloid',
              cancels: placeable.map(({coin, cloid}) => ({asset: guard.view.listed(coin)!.index, cloid})),
            },
            cloids: placeable.map(({cloid}) => cloid),
            messages: placeable.length,
            stoppable: false,
          }),
          placeable.length,
        )
  // Only its status says how an order ended: it may have filled before the cancel came.
  await Promise.all(placeable.map((order) => lookUp(guard, order).catch(() => null)))
  return cloids.map((cloid): CancelResult => {
    const status = statuses[placeable.findIndex((order) => order.cloid === cloid)]
    return {cloid, ...(status ?? {outcome: 'gone', reason: 'this guard never placed it'})}
  })
}

/** Cancel orders by the venue's own id: whoever placed them. Returns how many the venue says are gone. */
export async function cancelByOid(guard: Guard, orders: readonly OpenOrder[]): Promise<Omit<CancelResult, 'cloid'>[]> {
  const listed = orders.filter(({coin}) => guard.view.listed(coin) !== null)
  if (listed.length === 0) return orders.map(() => ({outcome: 'unknown', reason: 'the coin is not listed'}))
  const outcome = await sendAction(guard, {
    kind: 'cancel',
    action: {
      type: 'cancel',
      cancels: listed.map(({coin, oid}) => ({a: guard.view.listed(coin)!.index, o: Number(oid)})),
    },
    cloids: listed.flatMap(({cloid}) => (cloid === null ? [] : [cloid])),
    messages: listed.length,
    stoppable: false,
  })
  const statuses = outcomesOf(outcome, listed.length)
  return orders.map(
    (order) => statuses[listed.indexOf(order)] ?? {outcome: 'unknown', reason: 'the coin is not listed'},
  )
}

function outcomesOf(outcome: Outcome, count: number): Omit<CancelResult, 'cloid'>[] {
  const unknown = (reason: string): Omit<CancelResult, 'cloid'>[] =>
    Array.from({length: count}, () => ({outcome: 'unknown', reason}))
  if (outcome.kind === 'stopped' || outcome.kind === 'unknown') return unknown(outcome.reason)
  if (outcome.kind === 'err') return unknown(outcome.message)
  return Array.from({length: count}, (_, i) => {
    const status = CancelStatus.safeParse(outcome.response.data?.statuses?.[i]).data
    if (status === undefined) return {outcome: 'unknown', reason: 'the reply does not say'}
    // "never placed, already canceled, or filled" is progress, not failure.
    return status === 'success' ? {outcome: 'cancelled', reason: null} : {outcome: 'gone', reason: status.error}
  })
}
