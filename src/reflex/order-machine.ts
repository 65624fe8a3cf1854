import type {Fill, Intent, OrderPhase} from '../contracts/orders.ts'
import {add, compare, type Decimal, decimal, decimalText, subtract} from '../kernel/decimal.ts'

/**
 * One child order as the router knows it.
 *
 * planned → journaled → sent → vetoed | open | unknown → partly_filled → filled | cancelled | rejected | expired
 */
export type ChildPhase =
  | 'planned'
  | 'journaled'
  | 'sent'
  | 'vetoed'
  | 'open'
  | 'partly_filled'
  | 'filled'
  | 'cancelled'
  | 'rejected'
  | 'expired'
  | 'unknown'

export interface Child {
  readonly intent: Intent
  readonly phase: ChildPhase
  /** unique by (tid, oid), in the order they were learnt */
  readonly fills: readonly Fill[]
  /** coins: the larger of the venue's report and the sum of known fills */
  readonly filled: string
  /** monotonic ms of the last placement, for dwell times */
  readonly placedAt: number
  readonly reason: string | null
  /** more coins filled than were ordered, or a fill of another asset or side: shown, never thrown */
  readonly quarantined: string | null
}

export type ChildEvent =
  | {readonly kind: 'journaled'}
  | {readonly kind: 'sent'; readonly at: number}
  | {
      readonly kind: 'reported'
      readonly phase: OrderPhase
      readonly filledSz: string
      readonly reason: string | null
    }
  | {readonly kind: 'no_answer'; readonly reason: string}
  | {readonly kind: 'fill'; readonly fill: Fill}

const OVER: ReadonlySet<ChildPhase> = new Set(['vetoed', 'filled', 'cancelled', 'rejected', 'expired'])

/** True when nothing more is expected of this order (a late fill is still believed). */
export const isOver = ({phase}: Child): boolean => OVER.has(phase)

/** True while the order may rest at the venue. */
export const isResting = ({phase}: Child): boolean => phase === 'open' || phase === 'partly_filled'

export const plannedChild = (intent: Intent): Child => ({
  intent,
  phase: 'planned',
  fills: [],
  filled: '0',
  placedAt: 0,
  reason: null,
  quarantined: null,
})

/**
 * The next state of a child order. Total: no event throws, whatever the order of arrival.
 *
 * A fill counts once by (tid, oid), before the acknowledgement and after the cancel alike. An order that is over stays
 * over, except that fills may still complete a cancelled one. `unknown` is a state: only a report leaves it.
 *
 * @see execution.md 4
 */
export function advance(child: Child, event: ChildEvent): Child {
  switch (event.kind) {
    case 'journaled':
      return child.phase === 'planned' ? {...child, phase: 'journaled'} : child
    case 'sent':
      return child.phase === 'planned' || child.phase === 'journaled'
        ? {...child, phase: 'sent', placedAt: event.at}
        : child
    case 'no_answer':
      return isOver(child) ? child : {...child, phase: 'unknown', reason: event.reason}
    case 'reported':
      return reported(child, event)
    case 'fill':
      return filledBy(child, event.fill)
  }
}

const PHASE_OF: Readonly<Record<OrderPhase, ChildPhase>> = {
  vetoed: 'vetoed',
  signed: 'sent',
  open: 'open',
  filled: 'filled',
  cancelled: 'cancelled',
  rejected: 'rejected',
  expired: 'expired',
  never_placed: 'expired',
  unknown: 'unknown',
}

function reported(child: Child, event: Extract<ChildEvent, {kind: 'reported'}>): Child {
  const filled = larger(decimal(child.filled), decimal(event.filledSz))
  const told: Child = {...child, filled: decimalText(filled)}
  // A report that was on its way when the order ended cannot reopen it; what it says about fills still counts.
  if (isOver(child)) return completed(told)
  const phase = PHASE_OF[event.phase]
  if (phase === 'open' && filled.units > 0n) return completed({...told, phase: 'partly_filled', reason: event.reason})
  return phase === 'sent' && child.phase !== 'journaled' && child.phase !== 'planned'
    ? completed(told)
    : completed({...told, phase, reason: event.reason})
}

function filledBy(child: Child, fill: Fill): Child {
  if (child.fills.some(({tid, oid}) => tid === fill.tid && oid === fill.oid)) return child
  if (fill.coin !== child.intent.coin || fill.side !== child.intent.side)
    return {...child, quarantined: `fill ${fill.tid} is ${fill.side} ${fill.coin}`}
  const fills = [...child.fills, fill]
  const sum = fills.reduce((total: Decimal, {sz}) => add(total, decimal(sz)), decimal('0'))
  const filled = larger(decimal(child.filled), sum)
  const live = child.phase === 'open' || child.phase === 'sent' || child.phase === 'journaled'
  return completed({...child, fills, filled: decimalText(filled), phase: live ? 'partly_filled' : child.phase})
}

/** A full order is filled, whatever else was said; an overfull one is shown to a person. */
function completed(child: Child): Child {
  const missing = subtract(decimal(child.intent.sz), decimal(child.filled))
  if (missing.units > 0n) return child
  const quarantined = missing.units < 0n ? `filled ${child.filled} of ${child.intent.sz}` : child.quarantined
  return {...child, phase: 'filled', quarantined}
}

const larger = (a: Decimal, b: Decimal): Decimal => (compare(a, b) < 0 ? b : a)
