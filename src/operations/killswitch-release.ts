import {HaltRecord} from '../contracts/risk.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {ReleaseVerdict} from '../reflex/release-gate.ts'
import {readStanding, type Standing} from './killswitch-read.ts'

export interface ReleaseResult {
  readonly artifact: 'killswitch-release@1'
  readonly ok: boolean
  readonly released: boolean
  readonly state: 'DISARMED' | 'ARMED'
  readonly latched: boolean
  readonly id: string
  readonly path: string
}

/**
 * Release a halt that is clean, has cooled down, and whose phrase was typed. The record stays.
 *
 * A running guard releases itself. Without one the log is written first and the latch taken away after: a crash between
 * the two leaves it engaged. Whoever engages meanwhile wins.
 *
 * @throws Fault `killswitch.not_halted` (usage), `killswitch.not_clean`, `killswitch.cooling_down`,
 *         `killswitch.no_record`, `killswitch.overtaken` (halted), `killswitch.wrong_phrase` (usage)
 */
export async function killswitchRelease(desk: Desk, phrase: string | null): Promise<ReleaseResult> {
  const standing = await readStanding(desk)
  const verdict = standing.judge(phrase)
  if (!verdict.ok) throw refused(verdict)
  const {halt, path} = standing
  const result = {
    artifact: 'killswitch-release@1',
    ok: true,
    released: !desk.dryRun,
    id: halt!.id,
    path: path!,
  } as const
  if (desk.dryRun) return {...result, state: 'DISARMED', latched: true}
  const guard = await desk.guard()
  if (guard !== null) {
    const {released, reason} = await guard
      .request({type: 'release', phrase: verdict.phrase})
      .finally(() => guard.close())
    if (!released) throw overtaken(reason ?? 'the guard did not say why')
    return {...result, state: 'ARMED', latched: false}
  }
  await releaseAlone(desk, standing, verdict.phrase)
  return {...result, state: 'DISARMED', latched: false}
}

async function releaseAlone(desk: Desk, {halt, note, marks, path}: Standing, phrase: string): Promise<void> {
  await desk.events.append(desk.clock.now(), 'released', {id: halt!.id, phrase})
  if (note !== null && !desk.latch.release(note.id, marks))
    throw overtaken('somebody engaged the latch at the same time')
  desk.latch.reserve()
  const record = await desk.files.read(HaltRecord, path!)
  await desk.files.write(HaltRecord, {...record, released_at: isoOf(desk.clock.now())}, path!)
}

function refused({code, reason, phrase}: Extract<ReleaseVerdict, {ok: false}>): Fault {
  const isTyping = code === 'wrong_phrase' || code === 'not_halted'
  return new Fault(`killswitch.${code}`, {
    family: isTyping ? 'usage' : 'halted',
    what: 'The halt is not released.',
    why: `${reason[0]!.toUpperCase()}${reason.slice(1)}.`,
    next: [
      ...(code === 'wrong_phrase' && phrase !== null ? [`qo killswitch release --phrase '${phrase}'`] : []),
      'qo killswitch status',
    ],
  })
}

function overtaken(why: string): Fault {
  return new Fault('killswitch.overtaken', {
    family: 'halted',
    what: 'The halt is not released.',
    why: `${why}. An engage wins over a release.`,
    next: ['qo killswitch status'],
  })
}
