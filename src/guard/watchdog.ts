import {closeFinishedDays} from '../io/journal-day.ts'
import {dayOf} from '../kernel/instant.ts'
import {dailyLoss} from '../reflex/controls/c21-daily-loss.ts'
import {type Guard, isHalted} from './guard.ts'
import {isThere} from './guard-files.ts'
import {type FillLog, reconcile} from './reconcile.ts'

const LATCH_MS = 200
const RULES_MS = 1_000
const RECONCILE_MS = 10_000
/** Broken limits are reduce-only at once (no order passes) and a halt after this long. */
const LIMITS_GRACE_MS = 2_000

/** The guard's eyes when nobody asks: latch, limits file, the day's loss. */
export async function watch(guard: Guard, known: FillLog, isOver: () => boolean): Promise<void> {
  let [rulesAt, reconciledAt] = [Number.NEGATIVE_INFINITY, guard.clock.monotonic()]
  let brokenSince: number | null = null
  let day = ''
  while (!isOver()) {
    const now = guard.clock.monotonic()
    if (guard.latch.look() !== 'absent') guard.halt.adopt()
    else if (guard.now.halting && !guard.now.memoryLatch && isThere(guard.paths)) guard.halt.restoreLatch()
    if (!isHalted(guard) && now - rulesAt >= RULES_MS) {
      rulesAt = now
      const {limits, trouble} = await guard.rules.now()
      brokenSince = limits === null ? (brokenSince ?? now) : null
      if (brokenSince !== null && now - brokenSince >= LIMITS_GRACE_MS) {
        guard.halt.engage({cause: 'limits', reason: trouble ?? 'risk limits cannot be used', policy: null})
      }
    }
    if (!isHalted(guard) && guard.log.everSent && now - reconciledAt >= RECONCILE_MS) {
      reconciledAt = now
      await watchLoss(guard, known).catch(() => undefined)
    }
    const today = dayOf(guard.clock.now())
    if (today !== day) {
      day = today
      await closeYesterday(guard).catch(() => undefined)
    }
    await guard.clock.sleep(LATCH_MS)
  }
}

/** The journal's finished days as Parquet; the JSONL stays the record, so a failure costs nothing but the copy. */
async function closeYesterday({paths, journal, clock}: Guard): Promise<void> {
  await closeFinishedDays(paths.journal, await journal.read(), clock.now())
}

async function watchLoss(guard: Guard, known: FillLog): Promise<void> {
  await guard.turn(() => reconcile(guard, known))
  const {limits, dailySigma} = await guard.rules.now()
  const account = guard.view.account([])
  if (limits === null || account === null) return
  const loss = dailyLoss(limits, account, dailySigma)
  guard.now.reduceOnly = loss?.action === 'reduce_only' ? loss.reason : null
  if (loss?.action === 'halt') guard.halt.engage({cause: 'loss', reason: `${loss.reason}: ${loss.value}`, policy: null})
}
