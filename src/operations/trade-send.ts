import {cloidOf, type Intent, type SubmitResult} from '../contracts/orders.ts'
import type {TradeRow, TradeRowKind} from '../contracts/trade.ts'
import type {Desk, GuardPort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {advance, type Child, isOver, plannedChild} from '../reflex/order-machine.ts'

/** The router's hand: writes down what it is about to do, hands it to the guard, believes only what comes back. */
export interface OrderDesk {
  /** journal first, then the guard; in the order given */
  submit(
    intents: readonly {intent: Omit<Intent, 'cloid'>; why: string}[],
  ): Promise<{child: Child; result: SubmitResult | null}[]>
  cancel(children: readonly Child[]): Promise<Child[]>
  /** the guard's word on one order; an unknown one is resolved first */
  ask(child: Child): Promise<Child>
  journal<K extends TradeRowKind>(kind: K, body: TradeRow<K>): Promise<void>
}

/** How many intents one request to the guard may carry. */
const BATCH = 20

export function openOrderDesk(desk: Desk, guard: GuardPort, cycle: string): OrderDesk {
  const chain = desk.journal('trade')
  const journal = async <K extends TradeRowKind>(kind: K, body: TradeRow<K>): Promise<void> => {
    await chain.append(desk.clock.now(), kind, body)
  }
  const ended = async (child: Child): Promise<Child> => {
    if (isOver(child)) {
      const {intent, phase, filled} = child
      await journal('order_ended', {cycle, cloid: intent.cloid, phase, filled})
    }
    return child
  }

  async function submitBatch(
    batch: readonly {intent: Intent; why: string}[],
  ): Promise<{child: Child; result: SubmitResult | null}[]> {
    for (const {intent, why} of batch) await journal('intent', {cycle, why, intent})
    const sent = batch.map(({intent}) =>
      [{kind: 'journaled' as const}, {kind: 'sent' as const, at: desk.clock.monotonic()}].reduce(
        advance,
        plannedChild(intent),
      ),
    )
    try {
      const {results} = await guard.request({type: 'submit', orders: batch.map(({intent}) => intent)})
      return await Promise.all(
        sent.map(async (child) => {
          const result = results.find(({cloid}) => cloid === child.intent.cloid) ?? null
          return {child: await ended(told(child, result)), result}
        }),
      )
    } catch (cause) {
      // A lost answer is a state of the orders, not an error: they may be at the venue.
      if (!(cause instanceof Fault) || cause.code !== 'guard.lost') throw cause
      return sent.map((child) => ({child: advance(child, {kind: 'no_answer', reason: cause.what}), result: null}))
    }
  }

  return {
    journal,
    async submit(intents) {
      const whole = intents.map(({intent, why}) => ({why, intent: {...intent, cloid: cloidOf(intent)}}))
      const outcomes: {child: Child; result: SubmitResult | null}[] = []
      for (let i = 0; i < whole.length; i += BATCH) outcomes.push(...(await submitBatch(whole.slice(i, i + BATCH))))
      return outcomes
    },
    async cancel(children) {
      if (children.length === 0) return []
      await guard.request({type: 'cancel', cloids: children.map(({intent}) => intent.cloid)})
      // A cancel is not the end of an order: it may have filled in between. Only its status says how it ended.
      return Promise.all(children.map((child) => ask(child)))
    },
    ask,
  }

  async function ask(child: Child): Promise<Child> {
    const {order} = await guard.request({type: 'order', cloid: child.intent.cloid})
    // The guard writes an order down before it signs: what it never heard of was never sent.
    if (order === null) {
      const gone = {kind: 'reported', phase: 'never_placed', filledSz: '0', reason: 'the guard never had it'} as const
      return ended(advance(child, gone))
    }
    return ended(advance(child, {kind: 'reported', phase: order.phase, filledSz: order.filledSz, reason: order.reason}))
  }
}

/** What the guard answered about one intent; no word about it at all leaves it unknown. */
function told(child: Child, result: SubmitResult | null): Child {
  if (result === null) return advance(child, {kind: 'no_answer', reason: 'the guard did not mention it'})
  const {phase, filledSz, reason} = result.order
  return advance(child, {kind: 'reported', phase, filledSz, reason})
}
