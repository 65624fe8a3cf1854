import type {ExchangeOutcome} from '../io/venues/hyperliquid/exchange-client.ts'
import {signL1Action} from '../io/venues/hyperliquid/signing.ts'
import {type Guard, isHalted} from './guard.ts'

/** Orders die at the venue this long after they were signed: it bounds how long one can be in flight. */
export const EXPIRES_AFTER_MS = 15_000

export interface Outgoing {
  readonly kind: 'order' | 'cancel' | 'noop'
  readonly action: Readonly<Record<string, unknown>>
  /** the orders this action is about */
  readonly cloids: readonly string[]
  /** what the order log counts messages under */
  readonly messages: number
  /** a noop goes out under the nonce of the order it burns */
  readonly nonce?: number
  /** true when a latch must stop it: everything but cancels, noops and the halt's own orders */
  readonly stoppable: boolean
}

export type Outcome = ExchangeOutcome | {readonly kind: 'stopped'; readonly reason: string}

/**
 * Sign one action and send it, once.
 *
 * The signed bytes are durable before they leave, so that whatever dies can be looked up by cloid and nonce. After
 * signing and right before the send the latch is looked at again; nothing else runs between that look and the send.
 */
export async function sendAction(
  guard: Guard,
  {kind, action, cloids, messages, nonce, stoppable}: Outgoing,
): Promise<Outcome> {
  if (guard.view.venueTime === null) await guard.view.refreshAccount()
  const send = await guard.link.line()
  const venueTime = guard.view.venueTime!
  const envelope = {
    action,
    nonce: nonce ?? guard.nonces.next(venueTime),
    ...(kind === 'order' ? {expiresAfter: venueTime + EXPIRES_AFTER_MS} : {}),
  }
  const signature = signL1Action({...envelope, privateKey: guard.privateKey, network: 'testnet'})
  const body = {kind, cloids, ...envelope, signature}
  await guard.journal.append(guard.clock.now(), kind === 'order' ? 'send' : kind, body)
  if (kind === 'order') guard.log.sent({nonce: envelope.nonce, expiresAfter: venueTime + EXPIRES_AFTER_MS, cloids})
  if (stoppable && isHalted(guard)) {
    const reason = 'the latch was engaged after signing: not sent'
    await guard.journal.append(guard.clock.now(), 'stopped', {nonce: envelope.nonce, cloids, reason})
    return {kind: 'stopped', reason}
  }
  guard.view.spend(messages)
  const outcome = await send({...envelope, signature})
  await guard.journal.append(guard.clock.now(), 'answer', {nonce: envelope.nonce, cloids, outcome: {...outcome}})
  return outcome
}
