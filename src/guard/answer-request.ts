import type {z} from 'zod'
import {
  GUARD_REPLIES,
  GUARD_REQUESTS,
  type GuardReply,
  type GuardRequest,
  type GuardRequestType,
} from '../contracts/orders.ts'
import {Fault} from '../kernel/fault.ts'
import {cancelByOid, cancelOrders} from './cancel-orders.ts'
import type {Guard} from './guard.ts'
import {isHalted} from './guard.ts'
import {type FillLog, reconcile} from './reconcile.ts'
import {releaseHalt} from './release-halt.ts'
import {lookUp, resolveOrders} from './resolve-order.ts'
import {submitOrders} from './submit-orders.ts'

type Requests = {readonly [T in GuardRequestType]: z.infer<(typeof GUARD_REQUESTS)[T]>}
type Answers = {readonly [T in GuardRequestType]: (request: Requests[T]) => Promise<GuardReply<T>>}

/** What the guard does for a request that passed its schema. */
function answersOf(guard: Guard, known: FillLog): Answers {
  return {
    submit: async ({orders}) => ({results: await submitOrders(guard, orders)}),
    cancel: async ({cloids}) => ({results: await cancelOrders(guard, cloids)}),
    async cancelIncreasing() {
      await guard.view.refresh([])
      const orders = guard.view.openOrders.filter(({reduceOnly}) => !reduceOnly)
      const outcomes = orders.length === 0 ? [] : await cancelByOid(guard, orders)
      const cancelled = outcomes.filter(({outcome}) => outcome !== 'unknown').length
      return {cancelled, left: orders.length - cancelled}
    },
    async order({cloid}) {
      const order = guard.log.get(cloid)
      if (order === null) return {order: null}
      if (order.phase === 'open') await lookUp(guard, order)
      if (order.phase === 'unknown' || order.phase === 'signed') await resolveOrders(guard, [order])
      return {order: guard.log.get(cloid)}
    },
    sequence: async ({strategy, bar, coin}) => ({next: guard.log.nextSeq(strategy, bar, coin)}),
    account: () =>
      guard.turn(async () => {
        const snapshot = await reconcile(guard, known)
        return {snapshot, fills: guard.now.undelivered.splice(0)}
      }),
    async status() {
      if (guard.latch.look() !== 'absent') guard.halt.adopt()
      const {sha} = await guard.rules.now()
      await guard.view.refreshAccount().catch(() => undefined)
      const isMemory = guard.now.memoryLatch
      return {
        state: guard.halt.state ?? (guard.now.reduceOnly === null ? 'ARMED' : 'REDUCE_ONLY'),
        latched: isMemory ? 'memory' : isHalted(guard),
        haltId: guard.halt.id,
        mode: guard.mode,
        account: guard.account,
        agent: guard.agent,
        venue: guard.link.name(),
        limitsSha: sha,
        unresolved: guard.log.unresolved().length,
        venueTime: guard.view.venueTime,
      }
    },
    async halt({cause, reason, policy}) {
      const {id, latched} = guard.halt.engage({cause, reason, policy})
      return {
        id,
        latched,
        state: guard.halt.state ?? 'ENGAGING',
        policy: policy ?? (await guard.rules.policyFor(cause)),
      }
    },
    release: ({phrase}) => releaseHalt(guard, phrase),
  }
}

/** One request line, parsed -> the reply body. @throws Fault `guard.unknown_request`, and those of the work */
export function openAnswers(guard: Guard, known: FillLog): (message: unknown) => Promise<object> {
  const answers = answersOf(guard, known)
  return async (message) => {
    const type = (message as {type?: unknown} | null)?.type
    if (typeof type !== 'string' || !Object.hasOwn(GUARD_REQUESTS, type))
      throw malformed(`there is no request '${String(type)}'`)
    const name = type as GuardRequestType
    const parsed = GUARD_REQUESTS[name].safeParse(message)
    if (!parsed.success) {
      throw malformed(parsed.error.issues.map(({path, message: why}) => `${path.join('.')}: ${why}`).join('; '))
    }
    const answer = answers[name] as (request: GuardRequest) => Promise<object>
    return GUARD_REPLIES[name].parse(await answer(parsed.data))
  }
}

function malformed(why: string): Fault {
  return new Fault('guard.unknown_request', {
    family: 'usage',
    what: 'The guard does not understand the request.',
    why,
    next: ['use a router of the same version as the guard'],
  })
}
