import {setTimeout as timeout} from 'node:timers/promises'
import {LIGHT_REQUESTS, ROWS_PER_WEIGHT_UNIT} from '../../../contracts/venue.ts'
import type {Clock, VenueWeight} from '../../../desk.ts'
import {INTERVAL_MS, type Interval} from '../../../kernel/instant.ts'
import {systemClock} from '../../clock.ts'
import {hostWindow, ownWindow, type WindowStore} from './host-window.ts'
import {type Lane, leftFor, refund, refuse, spend, type WeightWindow, waitFor, windowAt} from './weight-window.ts'

/** Weight of a request before its reply is known. @see spec hyperliquid.md §1 and §4, rate limits */
export const baseWeight = (type: string): number => (LIGHT_REQUESTS.has(type) ? 2 : type === 'userRole' ? 60 : 20)

/** Weight that the rows of a reply add. */
export const rowWeight = (type: string, rows: number): number => {
  const perUnit = ROWS_PER_WEIGHT_UNIT[type]
  return perUnit === undefined ? 0 : Math.floor(rows / perUnit)
}

/** Most rows a reply can have; the venue's pages end there. */
const MOST_ROWS: Readonly<Record<string, number>> = {candleSnapshot: 5000, userFills: 2000, userFillsByTime: 2000}
const MOST_ROWS_ELSE = 500

/** What a request can cost at most: reserved before it is sent, because others spend while its reply is on the way. */
export function mostWeight(request: Readonly<Record<string, unknown>>): number {
  const type = String(request['type'])
  const {startTime, endTime, interval} = (request['req'] ?? {}) as Record<string, unknown>
  const asked = (Number(endTime) - Number(startTime)) / INTERVAL_MS[interval as Interval] + 1
  const most = MOST_ROWS[type] ?? MOST_ROWS_ELSE
  return (
    baseWeight(type) + rowWeight(type, Number.isFinite(asked) ? Math.min(most, Math.max(1, Math.ceil(asked))) : most)
  )
}

/** What was reserved, when, and by whom. */
export interface Ticket {
  readonly lane: Lane
  readonly at: number
  readonly weight: number
}

export interface WeightBudget {
  /** wait until this lane may spend `weight`, then reserve it */
  take(lane: Lane, weight: number): Promise<Ticket>
  /** what it really was, once the reply is here */
  settle(ticket: Ticket, weight: number): Promise<void>
  /** the venue said 429; `chance` is uniform on [0, 1) */
  refused(lane: Lane, chance: number, retryAfterMs: number | null): Promise<void>
  look(): Promise<VenueWeight>
}

/** The guard asks anyway after this long: a refusal costs less than a guard that does not look. */
const GUARD_WAIT_MS = 1500
/** How long the guard, and anybody else, waits for the file. */
const GUARD_FILE_MS = 50
const FILE_MS = 5000
/** Part of the limit that a process allows itself while it cannot see what the others spend. */
const BLIND_SHARE = 1 / 20
/** Looked at again at least this often: others give back what they reserved. */
const LOOK_AGAIN_MS = 5000

/** A budget of this process alone. */
export const ownBudget = (limit: number, clock: Clock): WeightBudget =>
  budgetOn(
    ownWindow(() => clock.monotonic()),
    limit,
    clock,
  )

/** The budget that all qo processes of this user on this host share for one venue address. */
export const hostBudget = (url: string, limit: number, folder?: string): WeightBudget =>
  budgetOn(hostWindow(url, folder), limit, systemClock)

type Change<T> = (window: WeightWindow, limit: number) => {readonly window: WeightWindow | null; readonly value: T}

/**
 * A weighted budget over a window that may be shared.
 *
 * When the shared window cannot be read or written, everybody but the guard falls back to a twentieth of the limit; the
 * guard goes on at once with its own count. A cancel never waits for anything.
 */
function budgetOn(store: WindowStore, limit: number, clock: Clock): WeightBudget {
  const blind = ownWindow(() => store.now())
  let isShared = true

  async function update<T>(lane: Lane, change: Change<T>): Promise<T> {
    const isUrgent = lane === 'guard' || lane === 'cancel'
    const now = store.now()
    try {
      const done = store.update((window) => change(windowAt(window, now), limit))
      const value = await within(done, isUrgent ? GUARD_FILE_MS : FILE_MS)
      isShared = true
      return value
    } catch {
      isShared = false
      return blind.update((window) => change(windowAt(window, now), isUrgent ? limit : limit * BLIND_SHARE))
    }
  }

  return {
    async take(lane, weight) {
      let patience = lane === 'guard' ? GUARD_WAIT_MS : Number.POSITIVE_INFINITY
      for (;;) {
        const {wait, at} = await update(lane, (window, most) => {
          const needed = patience > 0 ? waitFor(window, lane, weight, most) : 0
          return {window: needed > 0 ? null : spend(window, weight), value: {wait: needed, at: window.at}}
        })
        if (wait === 0) return {lane, at, weight}
        const nap = Math.min(wait, patience, LOOK_AGAIN_MS)
        patience -= nap
        await clock.sleep(nap)
      }
    },
    settle: ({lane, at, weight}, actual) =>
      // What it cost counts from now: the venue may have counted it when it answered.
      update(lane, (window) => ({window: spend(refund(window, at, weight), actual), value: undefined})),
    refused: (lane, chance, retryAfterMs) =>
      update(lane, (window) => ({window: refuse(window, chance, retryAfterMs), value: undefined})),
    look: () =>
      update('read', (window, most) => {
        const value = {left: leftFor(window, 'bulk', most), perMinute: Math.round(most * window.health), isShared}
        return {window: null, value}
      }),
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const timer = new AbortController()
  const late = timeout(ms, undefined, {signal: timer.signal}).then((): never => {
    throw new Error(`no answer within ${ms} ms`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
    late.catch(() => undefined)
    promise.catch(() => undefined)
  }
}
