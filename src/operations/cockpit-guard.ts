import type {GuardView} from '../cockpit/view.ts'
import type {GuardReply} from '../contracts/orders.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {haltStatus, lastHalt} from '../reflex/halt-log.ts'
import {readChain} from './read-chain.ts'

/** How long a frame waits for the guard before it says that the guard is silent. */
const PATIENCE_MS = 300

/**
 * State of guard and latch: by the running guard where one answers, else by the latch and the guard's own log.
 * Throws for nothing: what cannot be read is shown, and counts as halted.
 */
export async function readGuard(desk: Desk): Promise<GuardView> {
  const latch = desk.latch.look()
  const note = latch === 'engaged' ? desk.latch.note() : null
  const trouble: string[] = []
  const logged = await readChain(desk.state, 'guard/events.jsonl').then(lastHalt, (cause: Error) => {
    trouble.push(cause.message.split('\n')[0]!)
    return undefined
  })
  const status = await askGuard(desk).catch((cause: Error) => {
    trouble.push(`the guard does not answer: ${cause.message.split('\n')[0]}`)
    return null
  })
  const known = haltStatus(latch, note?.id ?? null, logged ?? null)
  const halt = logged && !logged.released ? logged : null
  return {
    latch,
    state: status?.state ?? (logged === undefined ? null : known.state),
    mode: status?.mode ?? null,
    account: status?.account ?? halt?.account ?? null,
    cause: note?.cause ?? halt?.cause ?? null,
    reason: note?.reason ?? halt?.reason ?? null,
    engagedAt: note?.at ?? (halt ? isoOf(halt.engagedAt) : null),
    unresolved: status?.unresolved ?? null,
    intact: logged !== undefined,
    trouble: trouble.length === 0 ? null : trouble.join('; '),
  }
}

async function askGuard(desk: Desk): Promise<GuardReply<'status'> | null> {
  const guard = await desk.guard()
  if (guard === null) return null
  try {
    const silence = desk.clock.sleep(PATIENCE_MS).then((): never => {
      throw new Error(`silent for ${PATIENCE_MS} ms`)
    })
    return await Promise.race([guard.request({type: 'status'}), silence])
  } finally {
    guard.close()
  }
}
