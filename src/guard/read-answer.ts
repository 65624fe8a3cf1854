import {z} from 'zod'
import type {OrderState} from '../contracts/orders.ts'
import {compare, decimal, decimalText} from '../kernel/decimal.ts'
import type {Outcome} from './send-action.ts'
import type {OrderStatusReply} from './venue-replies.ts'

const Amount = z.string().regex(/^\d+(\.\d+)?$/)
const Status = z.union([
  z.object({resting: z.object({oid: z.number()})}),
  z.object({filled: z.object({totalSz: Amount, avgPx: Amount, oid: z.number()})}),
  z.object({error: z.string()}),
])

/**
 * What the reply to an order action says about each of its orders, in their order.
 *
 * An item that cannot be read, or a reply with the wrong number of items, leaves those orders unknown: HTTP 200 says
 * nothing by itself.
 */
export function readAnswer(orders: readonly OrderState[], outcome: Outcome, at: number): OrderState[] {
  if (outcome.kind === 'stopped')
    return orders.map((order) => ({...order, phase: 'never_placed', reason: outcome.reason, at}))
  if (outcome.kind === 'unknown')
    return orders.map((order) => ({...order, phase: 'unknown', reason: outcome.reason, at}))
  if (outcome.kind === 'err') {
    // One error for the whole batch: nothing of it was placed.
    const phase = outcome.message.includes('already expired') ? 'expired' : 'rejected'
    return orders.map((order) => ({...order, phase, reason: outcome.message, at}))
  }
  const statuses = outcome.response.data?.statuses
  return orders.map((order, i) => {
    const status = statuses?.length === orders.length ? Status.safeParse(statuses[i]).data : undefined
    return status === undefined
      ? {...order, phase: 'unknown', reason: 'the reply does not say what became of it', at}
      : {...order, ...phaseOf(order, status), at}
  })
}

function phaseOf(order: OrderState, status: z.infer<typeof Status>): Partial<OrderState> {
  if ('error' in status) return {phase: 'rejected', reason: status.error}
  if ('resting' in status) return {phase: 'open', oid: String(status.resting.oid), reason: null}
  const {totalSz, avgPx, oid} = status.filled
  const isWhole = compare(decimal(totalSz), decimal(order.sz)) >= 0
  const rest = order.tif === 'Ioc' ? 'cancelled' : 'open'
  return {
    phase: isWhole ? 'filled' : rest,
    oid: String(oid),
    filledSz: decimalText(decimal(totalSz)),
    avgPx: decimalText(decimal(avgPx)),
    reason: isWhole || rest === 'open' ? null : 'partly filled, the rest had no match',
  }
}

/** What orderStatus says about one order; null when the venue does not know it. */
export function readStatus(order: OrderState, reply: z.infer<typeof OrderStatusReply>): OrderState | null {
  if (reply.status === 'unknownOid') return null
  const {order: found, status, statusTimestamp: at} = reply.order
  const left = decimal(found.sz)
  const whole = decimal(found.origSz)
  const filled = {
    units: whole.units * 10n ** BigInt(left.scale) - left.units * 10n ** BigInt(whole.scale),
    scale: whole.scale + left.scale,
  }
  const common = {
    ...order,
    oid: String(found.oid),
    at,
    reason: status === 'open' || status === 'filled' ? null : status,
  }
  // A status of no known name ends in Canceled or Rejected when it is final; anything else is still alive.
  if (status === 'filled') return {...common, phase: 'filled', filledSz: order.sz}
  const filledSz = decimalText(filled)
  if (/cancel/i.test(status))
    return {...common, phase: filledSz === '0' && status === 'iocCancelRejected' ? 'rejected' : 'cancelled', filledSz}
  if (/reject/i.test(status)) return {...common, phase: 'rejected', filledSz}
  return {...common, phase: 'open', filledSz}
}
