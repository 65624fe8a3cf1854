import type {Intent} from '../contracts/orders.ts'
import {type ResolvedIntent, TRADE_ROWS} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {advance, isOver, isResting, plannedChild} from '../reflex/order-machine.ts'
import type {OrderDesk} from './trade-send.ts'

export interface Resolution {
  readonly resolved: readonly ResolvedIntent[]
  /** coins with an order whose state is still unknown: nothing is sent beside it */
  readonly blocked: ReadonlySet<string>
  /** cloids of every order the journal has ever meant to send */
  readonly known: ReadonlySet<string>
}

/**
 * Finish what an earlier cycle did not live to see: each intent of the journal without an end is looked up by its cloid.
 *
 * One that never reached the guard was never placed. One that rests is cancelled: its cycle is over. One that filled is
 * in the position already. None is ever sent again: this cycle's own orders carry new numbers.
 *
 * @throws Fault `trade.journal_unreadable` (data)
 */
export async function resolveEarlier(desk: Desk, orders: OrderDesk): Promise<Resolution> {
  const entries = await desk.journal('trade').read()
  const open = new Map<string, Intent>()
  const known = new Set<string>()
  for (const {kind, body, seq} of entries) {
    if (kind === 'intent') {
      const {intent} = rowOf('intent', body, seq)
      known.add(intent.cloid)
      open.set(intent.cloid, intent)
    }
    if (kind === 'order_ended') open.delete(rowOf('order_ended', body, seq).cloid)
  }
  const resolved: ResolvedIntent[] = []
  const blocked = new Set<string>()
  for (const intent of open.values()) {
    desk.progress.say(`looking up an order of an earlier cycle: ${intent.coin}`)
    // Planned and sent by a process that is gone: to us its state is unknown until somebody says otherwise.
    const lost = advance(plannedChild(intent), {kind: 'no_answer', reason: 'its cycle did not end'})
    let child = await orders.ask(lost)
    if (isResting(child)) child = (await orders.cancel([child]))[0]!
    if (!isOver(child)) {
      blocked.add(intent.coin)
      continue
    }
    resolved.push({cloid: intent.cloid, coin: intent.coin, phase: child.phase, filled: child.filled})
  }
  return {resolved, blocked, known}
}

/** A row of our own journal that does not parse is damage, not a row to skip: an order may hide behind it. */
export function rowOf<K extends keyof typeof TRADE_ROWS>(kind: K, body: unknown, seq: number) {
  const result = TRADE_ROWS[kind].safeParse(body)
  if (result.success) return result.data as ReturnType<(typeof TRADE_ROWS)[K]['parse']>
  throw new Fault('trade.journal_unreadable', {
    family: 'data',
    what: `Row ${seq} of data/journal/trade.jsonl is not a readable ${kind}.`,
    why: 'Its chain is intact, so it was written by another version; an unfinished order may stand in it.',
    next: ['run the version that wrote it once more', 'qo audit verify'],
  })
}
