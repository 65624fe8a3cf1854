import type {Desk, JournalEntry, LatchNote} from '../desk.ts'
import {type HaltStatus, haltStatus, type LoggedHalt, lastHalt} from '../reflex/halt-log.ts'
import {judgeRelease, momentsOf, type ReleaseVerdict} from '../reflex/release-gate.ts'
import {readChain} from './read-chain.ts'

export interface Standing {
  readonly status: HaltStatus
  readonly halt: LoggedHalt | null
  readonly note: (Partial<LatchNote> & {readonly id: string}) | null
  readonly marks: readonly string[]
  /** why the event log cannot be read, or null */
  readonly trouble: string | null
  readonly path: string | null
  /** what a release with this phrase would be told */
  judge(phrase: string | null): ReleaseVerdict
}

/** Where the halt of this workspace stands, from latch and log alone. A log that cannot be read never means released. */
export async function readStanding(desk: Desk): Promise<Standing> {
  const note = desk.latch.note()
  const marks = desk.latch.marks()
  let trouble: string | null = null
  const events = await readChain(desk.state, 'guard/events.jsonl').catch((cause: Error): JournalEntry[] => {
    trouble = cause.message.split('\n')[0]!
    return []
  })
  const halt = lastHalt(events)
  const look = trouble === null ? desk.latch.look() : 'unreadable'
  const status = haltStatus(look, note?.id ?? null, halt)
  const path = status.id === null ? null : `reports/risk/halt-${status.id}.yaml`
  const hasRecord = path !== null && (await desk.files.exists(path))
  const now = {wall: desk.clock.now(), ...desk.latch.evidence()}
  const engages = momentsOf([note, ...desk.latch.joins()], halt)
  return {
    ...{status, halt, note, marks, trouble, path},
    judge: (phrase) => judgeRelease({status, halt, engages, now, phrase, hasRecord}),
  }
}
