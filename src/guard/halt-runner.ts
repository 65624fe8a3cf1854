import {
  HaltCause as Causes,
  cloidOf,
  type HaltCause,
  type HaltPolicy,
  type HaltState,
  type Intent,
} from '../contracts/orders.ts'
import {newLatchNote} from '../io/latch.ts'
import {Random} from '../kernel/random.ts'
import type {HaltSlice} from '../reflex/flatten-slice.ts'
import {type HaltProgress, type HaltStep, planHalt, startHalt} from '../reflex/halt-machine.ts'
import {cancelByOid} from './cancel-orders.ts'
import type {Guard, HaltDesk, HaltOrder} from './guard.ts'
import {HaltReport} from './halt-report.ts'
import {resolveOrders} from './resolve-order.ts'
import {EXPIRES_AFTER_MS} from './send-action.ts'
import {sendOrders} from './submit-orders.ts'

const BACKOFF_BASE_MS = 250
const BACKOFF_CAP_MS = 15_000
/** A venue that refuses is asked again a little later: each try costs a message of the address budget. */
const REFUSED_PAUSE_MS = 500

/**
 * The halt sequence: the latch is down before this begins, and it ends only with proof.
 *
 * Each turn reads the venue, asks the pure machine for the next step, and carries it out. Whatever fails, the answer is
 * another read after a jittered pause, for ever: there is no state of giving up.
 */
export function openHaltDesk(guardOf: () => Guard): HaltDesk {
  let running: {id: string; cause: HaltCause; policy: HaltPolicy} | null = null
  let state: HaltState | null = null
  let stopped = false
  let isWorking = false
  let done: Promise<void> = Promise.resolve()
  /** engages that the last turn of the sequence knew of */
  let marksMet = 0
  /** policies asked for by an engage that no file could take */
  const spoken: (HaltPolicy | null)[] = []

  function adopt(reason = ''): void {
    const guard = guardOf()
    guard.now.halting = true
    if (stopped || isWorking || (state === 'HALTED_CLEAN' && guard.latch.marks().length <= marksMet)) return
    isWorking = true
    const note = guard.latch.note()
    const id = note?.id ?? `memory-${Math.floor(guard.clock.now()).toString(36)}`
    const cause = Causes.safeParse(note?.cause).data ?? 'operator'
    running = {id, cause, policy: 'cancel'}
    state = guard.now.memoryLatch ? 'HALTED_MEMORY' : 'ENGAGING'
    done = run(guard, running, note?.reason ?? reason).catch(async (cause: unknown) => {
      // A bug in the sequence must not look like an end of it.
      state = 'HALTED_DIRTY'
      await guard.events.append(guard.clock.now(), 'failed', {id, why: String(cause)}).catch(() => undefined)
    })
    done = done.finally(() => {
      isWorking = false
    })
  }

  /** The policy somebody asked for, at the engage or by joining it; flatten outranks cancel. */
  function policyAsked({latch}: Guard): HaltPolicy | null {
    marksMet = latch.marks().length
    const asked = [latch.note(), ...latch.joins()].map((note) => note?.policy)
    const all = [...asked, ...spoken]
    return all.includes('flatten') ? 'flatten' : all.includes('cancel') ? 'cancel' : null
  }

  async function run(guard: Guard, halt: NonNullable<typeof running>, reason: string): Promise<void> {
    halt.policy = policyAsked(guard) ?? (await guard.rules.policyFor(halt.cause))
    const report = new HaltReport(guard, {...halt, reason})
    const enter = async (next: HaltState, trouble: string | null = null): Promise<void> => {
      // Said only once it is on record: a clean state that nobody can read about is not clean.
      await report.enter(next, trouble)
      state = next
    }
    await report.engaged()
    if (!guard.log.everSent && !guard.now.recordLost) {
      await enter('HALTED_CLEAN')
      return
    }
    const jitter = new Random(`halt|${halt.id}|${process.pid}`)
    let progress = startHalt(halt.policy, guard.clock.monotonic())
    let failures = 0
    while (!stopped) {
      try {
        if (policyAsked(guard) === 'flatten') halt.policy = 'flatten'
        const planned = await look(guard, {...progress, policy: halt.policy})
        progress = planned.progress
        report.saw(guard, halt.policy)
        await enter(progress.state, planned.step.do === 'wait' ? planned.step.why : null)
        if (planned.step.do === 'finish') return
        progress = await act(guard, halt.id, planned.step, progress, report)
        failures = 0
      } catch (cause) {
        // Without an answer nothing is proven: dirty, and again.
        progress = {...progress, cleanReads: []}
        await enter('HALTED_DIRTY', cause instanceof Error ? cause.message.replaceAll('\n', ' ') : String(cause))
        const longest = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures++)
        await guard.clock.sleep(jitter.unit() * longest)
      }
    }
  }

  return {
    engage({cause, reason, policy}: HaltOrder) {
      const guard = guardOf()
      const outcome = guard.latch.engage(newLatchNote({cause, reason, policy: policy ?? ''}, guard.clock.now()))
      // From here on nothing increases risk, whatever became of the file.
      if (outcome.latched === 'memory') {
        guard.now.memoryLatch = true
        spoken.push(policy)
        // No file can say that somebody engaged again.
        if (state === 'HALTED_CLEAN') state = 'ENGAGING'
      }
      adopt(reason)
      return {id: running?.id ?? outcome.id, latched: outcome.latched}
    },
    adopt,
    restoreLatch() {
      const {latch, clock} = guardOf()
      if (running === null) return
      const {id, cause, policy} = running
      latch.engage({
        ...newLatchNote({cause, policy, reason: 'the latch was removed without a release'}, clock.now()),
        id,
      })
    },
    get state() {
      return state
    },
    get id() {
      return running?.id ?? null
    },
    get policy() {
      return running?.policy ?? null
    },
    get done() {
      return done
    },
    stop() {
      stopped = true
    },
    clear() {
      running = null
      state = null
      marksMet = 0
      spoken.length = 0
      const {now} = guardOf()
      now.halting = false
      now.memoryLatch = false
    },
  }
}

/** One fresh read of everything, then the machine. */
async function look(guard: Guard, progress: HaltProgress): Promise<ReturnType<typeof planHalt>> {
  await guard.view.refreshAccount()
  if (guard.now.recordLost) guard.now.blindUntil ??= guard.view.venueTime! + EXPIRES_AFTER_MS
  await resolveOrders(guard, guard.log.unresolved())
  const coins = guard.view.clearing!.assetPositions.map(({position}) => position.coin)
  await guard.view.refresh(coins)
  const positions = guard.view.clearing!.assetPositions.map(({position: {coin, szi}}) => ({coin, szi}))
  const markets = coins.flatMap((coin) => {
    const market = guard.view.haltMarket(coin)
    return market === null ? [] : [[coin, market] as const]
  })
  return planHalt(progress, {
    at: guard.view.venueTime!,
    monotonic: guard.clock.monotonic(),
    orders: guard.view.openOrders,
    positions,
    markets: new Map(markets),
    fenceUntil: fenceOf(guard),
  })
}

/** Latest venue time at which an order of ours could still be accepted; null when none is in doubt. */
function fenceOf(guard: Guard): number | null {
  const expiries = guard.log.unresolved().map(({cloid}) => guard.log.sendOf(cloid)?.expiresAfter ?? 0)
  const fence = Math.max(guard.now.blindUntil ?? 0, ...expiries)
  return fence === 0 ? null : fence
}

async function act(
  guard: Guard,
  id: string,
  step: Exclude<HaltStep, {do: 'finish'}>,
  progress: HaltProgress,
  report: HaltReport,
): Promise<HaltProgress> {
  if (step.do === 'wait') {
    await guard.clock.sleep(step.ms)
    return progress
  }
  if (step.do === 'cancel') {
    report.cancelling(step.orders)
    const outcomes = await cancelByOid(guard, step.orders)
    if (outcomes.some(({outcome}) => outcome === 'unknown')) await guard.clock.sleep(REFUSED_PAUSE_MS)
    return progress
  }
  const intents = step.slices.map((slice) => intentOf(guard, id, slice))
  const at = guard.view.venueTime!
  const verdict = {
    ...{pass: true, control: null, action: 'none' as const, reason: `halt ${id}: flatten`, value: null, limit: null},
    ...{reduces: true, limitsSha: null},
  }
  await guard.journal.appendAll(
    intents.map((intent) => ({ts: guard.clock.now(), kind: 'verdict', body: {intent, verdict, at}})),
  )
  for (const intent of intents) guard.log.decided(intent, verdict, at)
  await sendOrders(guard, intents, {stoppable: false})
  const orders = intents.map(({cloid}) => guard.log.get(cloid))
  if (orders.every((order) => order?.filledSz === '0')) await guard.clock.sleep(REFUSED_PAUSE_MS)
  const refused = orders.map((order) => order?.reason ?? '')
  return {...progress, postOnly: refused.some((reason) => /only post-only/i.test(reason))}
}

function intentOf({log, clock}: Guard, id: string, {coin, side, sz, px, tif}: HaltSlice): Intent {
  const strategy = 'halt'
  const bar = Math.floor(clock.now())
  const named = {strategy, bar, coin, seq: log.nextSeq(strategy, bar, coin)}
  return {cloid: cloidOf(named), ...named, parent: `halt-${id}`, side, sz, px, tif, reduceOnly: true}
}
