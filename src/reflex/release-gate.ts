import type {HaltCause} from '../contracts/orders.ts'
import {HOUR_MS} from '../kernel/instant.ts'
import type {HaltStatus, LoggedHalt} from './halt-log.ts'

/** How long a halt stands, by cause. It starts again with every engage. */
export const COOL_DOWN_MS: Readonly<Record<HaltCause, number>> = {
  operator: HOUR_MS / 4,
  loss: 24 * HOUR_MS,
  liquidation: 24 * HOUR_MS,
  compromise: 72 * HOUR_MS,
  blind: 72 * HOUR_MS,
  limits: 72 * HOUR_MS,
  unknown: 72 * HOUR_MS,
}

/** A moment by the wall clock (epoch ms) and by the machine: seconds since boot, and which boot. */
export interface Moment {
  readonly wall: number
  readonly uptime: string
  readonly boot: string
}

export interface ReleaseRequest {
  readonly status: HaltStatus
  readonly halt: LoggedHalt | null
  /** the engage and every later one that joined it */
  readonly engages: readonly Moment[]
  readonly now: Moment
  readonly phrase: string | null
  /** true when reports/risk/halt-<id>.yaml exists */
  readonly hasRecord: boolean
}

export type ReleaseVerdict =
  | {readonly ok: true; readonly phrase: string}
  | {
      readonly ok: false
      readonly code: ReleaseRefusal
      readonly reason: string
      readonly phrase: string | null
      readonly waitMs: number
    }

export type ReleaseRefusal = 'not_halted' | 'not_clean' | 'no_record' | 'cooling_down' | 'wrong_phrase'

/**
 * Ms that have certainly passed: the smaller of the wall clock's answer and the machine's own.
 *
 * Setting the clock forward therefore releases nothing. Within one boot the machine's answer is the difference of
 * uptimes; after a reboot at least the new uptime has passed.
 */
export function certainlyElapsed(from: Moment, now: Moment): number {
  const [then, up] = [Number.parseFloat(from.uptime), Number.parseFloat(now.uptime)]
  if (!Number.isFinite(up)) return 0
  const isSameBoot = from.boot === now.boot && Number.isFinite(then) && up >= then
  const machine = (isSameBoot ? up - then : up) * 1000
  return Math.max(0, Math.min(now.wall - from.wall, machine))
}

/** `RELEASE acct-7f3a EQUITY 41,250 CAUSE operator`: built from what is true now, so it cannot be typed ahead. */
export function releasePhrase({account, equity, cause}: Pick<LoggedHalt, 'account' | 'equity' | 'cause'>): string {
  const whole = (equity ?? '0').split('.')[0]!.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `RELEASE acct-${account === null ? 'none' : account.slice(-4)} EQUITY ${whole} CAUSE ${cause}`
}

/** May this halt be released? Every reason but the phrase is settled before the phrase is compared. */
export function judgeRelease({status, halt, engages, now, phrase, hasRecord}: ReleaseRequest): ReleaseVerdict {
  const refuse = (code: ReleaseRefusal, reason: string, waitMs = 0): ReleaseVerdict => ({
    ok: false,
    code,
    reason,
    waitMs,
    phrase: halt === null || code === 'not_halted' || code === 'not_clean' ? null : releasePhrase(halt),
  })
  if (!status.latched || halt === null) return refuse('not_halted', 'nothing is halted')
  if (status.state !== 'HALTED_CLEAN')
    return refuse('not_clean', `the halt is ${status.state}: only HALTED_CLEAN is released`)
  if (!hasRecord) return refuse('no_record', `reports/risk/halt-${halt.id}.yaml is missing: the incident has no record`)
  // Where no account was ever used there was no position to cool down from.
  const coolDown = halt.account === null ? 0 : COOL_DOWN_MS[halt.cause]
  const elapsed = Math.min(...engages.map((engage) => certainlyElapsed(engage, now)), Number.POSITIVE_INFINITY)
  if (!(elapsed >= coolDown)) {
    const left = coolDown - elapsed
    return refuse('cooling_down', `cause ${halt.cause} cools down for another ${Math.ceil(left / 60_000)} min`, left)
  }
  const expected = releasePhrase(halt)
  if (phrase?.trim() !== expected)
    return refuse('wrong_phrase', phrase === null ? 'type the phrase' : 'that is not the phrase')
  return {ok: true, phrase: expected}
}

/** Every engage of this halt as a moment; a latch made by hand is dated by the log. */
export function momentsOf(
  notes: readonly ({readonly at?: string; readonly uptime?: string; readonly boot?: string} | null)[],
  halt: {readonly engagedAt: number; readonly uptime: string; readonly boot: string} | null,
): Moment[] {
  const said = notes.flatMap((note) => {
    const wall = Date.parse(note?.at ?? '')
    return Number.isNaN(wall) ? [] : [{wall, uptime: note?.uptime ?? '', boot: note?.boot ?? ''}]
  })
  return halt === null ? said : [{wall: halt.engagedAt, uptime: halt.uptime, boot: halt.boot}, ...said]
}
