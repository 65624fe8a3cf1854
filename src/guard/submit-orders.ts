import type {ControlVerdict, Intent, OrderState, SubmitResult} from '../contracts/orders.ts'
import {decimal, decimalText} from '../kernel/decimal.ts'
import type {WorkingOrder} from '../reflex/controls/control-input.ts'
import {judgeIntent} from '../reflex/controls/index.ts'
import {type Guard, isHalted} from './guard.ts'
import {readAnswer} from './read-answer.ts'
import {resolveOrders, settle} from './resolve-order.ts'
import {sendAction} from './send-action.ts'

interface Judged {
  readonly intent: Intent
  readonly verdict: ControlVerdict
}

/**
 * Judge intents one after the other, each counting those before it as filled; sign and send what passed.
 *
 * Every verdict is durable before the first signature. Deciding is done one request at a time; the sends are not, so a
 * slow venue does not hold up a latch or a cancel.
 */
export async function submitOrders(guard: Guard, intents: readonly Intent[]): Promise<SubmitResult[]> {
  const judged = await guard.turn(() => judge(guard, intents))
  const passed = judged.filter(({verdict}) => verdict.pass).map(({intent}) => intent)
  // Post-only orders travel apart: the venue puts batches without a crossing order first.
  const groups = [passed.filter(({tif}) => tif === 'Alo'), passed.filter(({tif}) => tif !== 'Alo')]
  await Promise.all(
    groups.filter((group) => group.length > 0).map((group) => sendOrders(guard, group, {stoppable: true})),
  )
  return judged.map(({intent: {cloid}, verdict, order}) => ({
    cloid,
    verdict,
    order: verdict.pass ? guard.log.get(cloid)! : order,
  }))
}

async function judge(guard: Guard, intents: readonly Intent[]): Promise<(Judged & {order: OrderState})[]> {
  const hasLimits = (await guard.rules.now()).limits !== null
  // A refusal that needs no market does not wait for a venue that may be down.
  const coins = [...new Set(intents.map(({coin}) => coin))]
  const needsVenue = !isHalted(guard) && hasLimits
  const reachable = needsVenue && (await guard.view.refresh(coins).then(always(true), always(false)))
  // The venue may have taken its time: what the files say now is what holds.
  const rules = await guard.rules.now()
  const sending: WorkingOrder[] = []
  const seen = new Set<string>()
  const monotonic = guard.clock.monotonic()
  const at = guard.view.venueTime ?? guard.clock.now()
  const judged = intents.map((intent): Judged => {
    const verdict = judgeIntent(
      {
        intent,
        limits: rules.limits,
        limitsTrouble: rules.trouble,
        latched: isHalted(guard),
        reduceOnly: guard.now.reduceOnly,
        venueTime: reachable ? guard.view.venueTime : null,
        venueStalledMs: guard.view.stalledMs,
        market: reachable ? guard.view.market(intent.coin) : null,
        account: reachable ? guard.view.account(sending) : null,
        selected: rules.selected,
        messages: {...guard.log.messages(intent.parent, monotonic), addressLeft: addressLeft(guard, sending.length)},
        cloidSeen: guard.log.has(intent.cloid) || seen.has(intent.cloid),
        dailySigma: rules.dailySigma,
      },
      rules.sha,
    )
    seen.add(intent.cloid)
    if (verdict.pass) {
      guard.log.message(intent.parent, monotonic)
      sending.push({...intent, at})
    }
    return {intent, verdict}
  })
  await guard.journal.appendAll(
    judged.map(({intent, verdict}) => ({ts: guard.clock.now(), kind: 'verdict', body: {intent, verdict, at}})),
  )
  const decided = judged.map((one) => ({...one, order: guard.log.decided(one.intent, one.verdict, at)}))
  const loss = judged.find(({verdict}) => verdict.control === 'C21' && verdict.action === 'halt')
  if (loss) guard.halt.engage({cause: 'loss', reason: loss.verdict.reason, policy: null})
  return decided
}

/** Journaled orders -> signed, sent, and settled as far as the venue's words go. */
export async function sendOrders(
  guard: Guard,
  intents: readonly Intent[],
  {stoppable}: {stoppable: boolean},
): Promise<void> {
  const orders = intents.map((intent) => wireOf(guard, intent))
  const cloids = intents.map(({cloid}) => cloid)
  const outcome = await sendAction(guard, {
    kind: 'order',
    action: {type: 'order', orders, grouping: 'na'},
    cloids,
    messages: intents.length,
    stoppable,
  })
  const at = guard.view.venueTime ?? guard.clock.now()
  const answered = readAnswer(
    cloids.map((cloid) => guard.log.get(cloid)!),
    outcome,
    at,
  )
  await settle(guard, answered)
  // An order without an answer is settled now if the venue can be asked; if not, it stays unknown and blocks a proof.
  const unknown = answered.filter(({phase}) => phase === 'unknown')
  if (unknown.length > 0) await resolveOrders(guard, unknown).catch(() => undefined)
}

/** Key order is part of the signature; numbers carry no trailing zeros. */
function wireOf(guard: Guard, {coin, side, px, sz, reduceOnly, tif, cloid}: Intent): Record<string, unknown> {
  return {
    a: guard.view.listed(coin)?.index,
    b: side === 'buy',
    p: decimalText(decimal(px)),
    s: decimalText(decimal(sz)),
    r: reduceOnly,
    t: {limit: {tif}},
    c: cloid,
  }
}

function addressLeft(guard: Guard, sending: number): number | null {
  const left = guard.view.addressLeft
  return left === null ? null : left - sending
}

const always =
  <T>(value: T) =>
  (): T =>
    value
