import type {GuardReply} from '../contracts/orders.ts'
import {HaltRecord} from '../contracts/risk.ts'
import {isoOf} from '../kernel/instant.ts'
import {haltStatus, lastHalt} from '../reflex/halt-log.ts'
import {judgeRelease, momentsOf} from '../reflex/release-gate.ts'
import type {Guard} from './guard.ts'

/** Release a halt: judged by the same rules as without a guard, then written down, then the latch is taken away. */
export async function releaseHalt(guard: Guard, phrase: string): Promise<GuardReply<'release'>> {
  const marks = guard.latch.marks()
  const note = guard.latch.note()
  const halt = lastHalt(await guard.events.read())
  const path = `reports/risk/halt-${halt?.id ?? ''}.yaml`
  const verdict = judgeRelease({
    status: haltStatus(guard.latch.look(), note?.id ?? null, halt),
    halt,
    engages: momentsOf([note, ...guard.latch.joins()], halt),
    now: {wall: guard.clock.now(), ...guard.latch.evidence()},
    phrase,
    hasRecord: await guard.files.exists(path),
  })
  const state = guard.halt.state ?? 'HALTED_CLEAN'
  if (!verdict.ok || halt === null)
    return {released: false, state, reason: verdict.ok ? 'nothing is halted' : verdict.reason}
  await guard.events.append(guard.clock.now(), 'released', {id: halt.id, phrase})
  if (note !== null && !guard.latch.release(note.id, marks)) {
    // Somebody engaged meanwhile: the latch wins over the log, and the sequence begins again.
    guard.halt.clear()
    guard.halt.adopt()
    return {released: false, state, reason: 'somebody engaged the latch while the release was decided'}
  }
  guard.halt.clear()
  guard.latch.reserve()
  const record = await guard.files.read(HaltRecord, path)
  await guard.files.write(HaltRecord, {...record, released_at: isoOf(guard.clock.now())}, path)
  return {released: true, state: 'ARMED', reason: null}
}
