/**
 * Who asks. Each lane may fill the minute up to its own mark, so that what matters more always finds room:
 * `bulk` (history) 900 of 1,200, `read` (small reads of any command) 1,000, `guard` (risk reads) 1,160. `cancel` never
 * waits: it is counted and sent.
 */
export type Lane = 'bulk' | 'read' | 'guard' | 'cancel'

const SHARE: Readonly<Record<Exclude<Lane, 'cancel'>, number>> = {
  bulk: 900 / 1200,
  read: 1000 / 1200,
  guard: 1160 / 1200,
}

/** Weight that one venue address has spent, by second, and what refusals did to its rate. */
export interface WeightWindow {
  /** host time of the last change, ms since the host started */
  readonly at: number
  /** weight by whole second of host time, oldest first */
  readonly spent: readonly (readonly [second: number, weight: number])[]
  /** share of the venue's limit that refusals left, 1 when healthy */
  readonly health: number
  /** refusals without a healthy minute between them */
  readonly refusals: number
  /** host time of the last refusal, or of the last step back to health */
  readonly refusedAt: number
  /** nobody but the guard asks before this host time */
  readonly pausedUntil: number
}

export const EMPTY_WINDOW: WeightWindow = {
  at: 0,
  spent: [],
  health: 1,
  refusals: 0,
  refusedAt: 0,
  pausedUntil: 0,
}

const SECOND_MS = 1000
/** The venue's minute, and a second more: a slow request and a fast one may arrive closer than they were sent. */
const WINDOW_MS = 61_000
const HEALTHY_MS = 60_000
/** Least share that repeated refusals leave: one full page of history must still fit. */
const LEAST_HEALTH = 1 / 8
const PAUSE_BASE_MS = 1000
const PAUSE_CAP_MS = 30_000
/** Host time that runs backwards means another boot: what was spent before counts as spent now. */
const BACKWARDS_MS = 1000

/** The window at `now`: what is older than a minute is gone, and each healthy minute doubles a reduced rate. */
export function windowAt(window: WeightWindow, now: number): WeightWindow {
  const {at, health, refusedAt} = window
  if (at > now + BACKWARDS_MS) return windowAt(shifted(window, now - at), now)
  const spent = window.spent.filter(([second]) => (second + 1) * SECOND_MS + WINDOW_MS > now)
  const steps = health < 1 ? Math.floor((now - refusedAt) / HEALTHY_MS) : 0
  if (steps <= 0) return {...window, at: now, spent}
  const restored = Math.min(1, health * 2 ** steps)
  return {...window, at: now, spent, health: restored, refusals: 0, refusedAt: refusedAt + steps * HEALTHY_MS}
}

/** Weight spent in the minute that `windowAt` kept. */
export const usedIn = ({spent}: WeightWindow): number => spent.reduce((sum, [, weight]) => sum + weight, 0)

/** How long this lane has to wait until `weight` is affordable, ms; 0 when it is. `limit` is the venue's, a minute. */
export function waitFor(window: WeightWindow, lane: Lane, weight: number, limit: number): number {
  if (lane === 'cancel') return 0
  const pause = lane === 'guard' ? 0 : Math.max(0, window.pausedUntil - window.at)
  const mark = limit * window.health * SHARE[lane]
  // A request dearer than the whole mark goes when the minute is empty, not never.
  let excess = usedIn(window) + Math.min(weight, mark) - mark
  if (excess <= 0) return pause
  for (const [second, spent] of window.spent) {
    excess -= spent
    if (excess <= 0) return Math.max(pause, (second + 1) * SECOND_MS + WINDOW_MS - window.at)
  }
  return pause
}

/** Weight this lane may still spend now. */
export const leftFor = (window: WeightWindow, lane: Exclude<Lane, 'cancel'>, limit: number): number =>
  Math.max(0, Math.floor(limit * window.health * SHARE[lane] - usedIn(window)))

export function spend(window: WeightWindow, weight: number): WeightWindow {
  const second = Math.floor(window.at / SECOND_MS)
  const last = window.spent.at(-1)
  if (last && last[0] >= second) return {...window, spent: [...window.spent.slice(0, -1), [last[0], last[1] + weight]]}
  return {...window, spent: [...window.spent, [second, weight]]}
}

/** Take a reservation back, as far as its second is still in the window. */
export function refund(window: WeightWindow, at: number, weight: number): WeightWindow {
  const second = Math.floor(at / SECOND_MS)
  const spent = window.spent.map(([when, sum]): readonly [number, number] =>
    when === second ? [when, Math.max(0, sum - weight)] : [when, sum],
  )
  return {...window, spent}
}

/** The venue said 429: half the rate, and a pause that grows with each refusal. `chance` is uniform on [0, 1). */
export function refuse(window: WeightWindow, chance: number, retryAfterMs: number | null): WeightWindow {
  const refusals = window.refusals + 1
  const jittered = chance * Math.min(PAUSE_CAP_MS, PAUSE_BASE_MS * 2 ** refusals)
  return {
    ...window,
    health: Math.max(LEAST_HEALTH, window.health / 2),
    refusals,
    refusedAt: window.at,
    pausedUntil: Math.max(window.pausedUntil, window.at + (retryAfterMs ?? jittered)),
  }
}

function shifted(window: WeightWindow, by: number): WeightWindow {
  return {
    ...window,
    at: window.at + by,
    spent: window.spent.map(([second, weight]) => [Math.ceil(second + by / SECOND_MS), weight]),
    refusedAt: window.refusedAt + by,
    pausedUntil: window.pausedUntil + by,
  }
}
