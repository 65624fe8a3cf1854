import type {HaltCause, HaltPolicy, HaltState} from '../contracts/orders.ts'
import {HaltCause as Cause, HaltPolicy as Policy, HaltState as State} from '../contracts/orders.ts'

/** One line of the guard's event log, as far as a halt is concerned. */
export interface HaltEvent {
  readonly ts: number
  readonly kind: string
  readonly body: Readonly<Record<string, unknown>>
}

/** The last halt that the event log tells of. */
export interface LoggedHalt {
  readonly id: string
  readonly state: HaltState
  readonly cause: HaltCause
  readonly policy: HaltPolicy
  readonly reason: string
  /** wall clock at engage, epoch ms, with the machine's own evidence of when that was */
  readonly engagedAt: number
  readonly uptime: string
  readonly boot: string
  /** null when no account was ever used */
  readonly account: string | null
  /** USD text at the last verification */
  readonly equity: string | null
  readonly released: boolean
}

/**
 * Read the last halt out of the event log.
 *
 * @returns null when nothing was ever halted here
 */
export function lastHalt(events: readonly HaltEvent[]): LoggedHalt | null {
  const start = events.findLastIndex(({kind}) => kind === 'engaged')
  const engaged = events[start]
  if (engaged === undefined) return null
  const id = textOf(engaged.body['id']) ?? 'unknown'
  const later = events.slice(start + 1).filter(({body}) => body['id'] === id)
  const states = later.filter(({kind}) => kind === 'state')
  const last = states.at(-1)?.body ?? {}
  return {
    id,
    state: State.safeParse(last['state']).data ?? 'ENGAGING',
    cause: Cause.safeParse(engaged.body['cause']).data ?? 'unknown',
    policy: Policy.safeParse(last['policy'] ?? engaged.body['policy']).data ?? 'cancel',
    reason: textOf(engaged.body['reason']) ?? '',
    engagedAt: engaged.ts,
    uptime: textOf(engaged.body['uptime']) ?? '',
    boot: textOf(engaged.body['boot']) ?? '',
    account: textOf(last['account']),
    equity: textOf(last['equity']),
    released: later.some(({kind}) => kind === 'released'),
  }
}

export interface HaltStatus {
  readonly latched: boolean
  readonly state: HaltState
  readonly id: string | null
}

/**
 * What holds now, from the latch and the log. Where they disagree the stricter wins: a latch that the log does not know
 * is engaging; a halt that was not released stands even when somebody removed the file.
 */
export function haltStatus(
  look: 'absent' | 'engaged' | 'unreadable',
  latchId: string | null,
  logged: LoggedHalt | null,
): HaltStatus {
  const open = logged !== null && !logged.released ? logged : null
  if (look === 'absent') {
    return open === null
      ? {latched: false, state: 'DISARMED', id: null}
      : {latched: true, state: open.state, id: open.id}
  }
  const isKnown = open !== null && (latchId === null || latchId === open.id)
  return {latched: true, state: isKnown ? open.state : 'ENGAGING', id: latchId ?? open?.id ?? null}
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
