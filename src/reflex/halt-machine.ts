import type {HaltPolicy, HaltState, OpenOrder} from '../contracts/orders.ts'
import {abs, compare, isZero, multiply} from '../kernel/decimal.ts'
import {exact, exactPositive} from './controls/exact.ts'
import {type HaltMarket, type HaltSlice, MIN_NOTIONAL, sliceOf} from './flatten-slice.ts'

/** Two clean reads must be at least this far apart: an order in flight during the first shows in the second. */
export const VERIFY_GAP_MS = 2_000
/** After this long without proof the halt is called dirty; it goes on all the same. */
export const DIRTY_AFTER_MS = 60_000
const DUST_TRIES = 3
const PAUSE_MS = 500
/** Ours and the venue's clocks are read at different instants: wait a little past the last expiry. */
const FENCE_MARGIN_MS = 1_000

/** One fresh read of the venue, after which the next step is decided. */
export interface HaltView {
  /** venue time, epoch ms */
  readonly at: number
  /** our own clock, ms, never backwards */
  readonly monotonic: number
  readonly orders: readonly OpenOrder[]
  readonly positions: readonly {readonly coin: string; readonly szi: string}[]
  readonly markets: ReadonlyMap<string, HaltMarket>
  /** latest `expiresAfter` (venue time) of our orders whose fate is unknown; null when there is none */
  readonly fenceUntil: number | null
}

export interface HaltProgress {
  readonly policy: HaltPolicy
  readonly state: HaltState
  /** our clock when the halt began or was taken up again */
  readonly since: number
  readonly cleanReads: readonly {readonly at: number; readonly monotonic: number}[]
  /** flattening tries by coin */
  readonly tries: ReadonlyMap<string, number>
  /** coins whose rest is too small for the venue to close */
  readonly dust: ReadonlySet<string>
  /** the venue takes post-only orders alone, for a while after an upgrade */
  readonly postOnly: boolean
}

export type HaltStep =
  | {readonly do: 'cancel'; readonly orders: readonly OpenOrder[]}
  | {readonly do: 'flatten'; readonly slices: readonly HaltSlice[]}
  | {readonly do: 'wait'; readonly ms: number; readonly why: string}
  | {readonly do: 'finish'}

export const startHalt = (policy: HaltPolicy, monotonic: number): HaltProgress => ({
  policy,
  state: 'CANCELLING',
  since: monotonic,
  cleanReads: [],
  tries: new Map(),
  dust: new Set(),
  postOnly: false,
})

/**
 * The next step of a halt, from one fresh read.
 *
 * Order of work: cancel what can increase risk, flatten, cancel what is left over for flat coins, prove it. Stops
 * stay until their position is gone: a naive cancel-all leaves a position naked if the flattening then fails. Nothing
 * is done twice by memory: each step follows from what the venue shows, so a killed guard starts again anywhere.
 */
export function planHalt(progress: HaltProgress, view: HaltView): {progress: HaltProgress; step: HaltStep} {
  const increasing = view.orders.filter((order) => !order.reduceOnly)
  if (increasing.length > 0) return unclean(progress, view, 'CANCELLING', {do: 'cancel', orders: increasing})

  const {held, tried} = settleDust(progress, view)
  if (progress.policy === 'flatten' && held.length > 0) {
    const slices = held.flatMap(({coin, szi}) => sliceFor(coin, szi, tried, view) ?? [])
    if (slices.length === 0) {
      const why = `no price inside the collar for ${held.map(({coin}) => coin).join(', ')}`
      return unclean(tried, view, 'FLATTENING', {do: 'wait', ms: PAUSE_MS, why})
    }
    const tries = new Map(tried.tries)
    for (const {coin} of slices) tries.set(coin, (tries.get(coin) ?? 0) + 1)
    return unclean({...tried, tries}, view, 'FLATTENING', {do: 'flatten', slices})
  }

  const stillHeld = new Set(held.map(({coin}) => coin))
  const leftovers = view.orders.filter(({coin}) => !stillHeld.has(coin))
  if (leftovers.length > 0) return unclean(tried, view, 'CANCELLING', {do: 'cancel', orders: leftovers})
  return prove(tried, view)
}

/** Flat and empty once is not proof: wait out the fence, look twice. */
function prove(progress: HaltProgress, view: HaltView): {progress: HaltProgress; step: HaltStep} {
  const fence = view.fenceUntil === null ? 0 : view.fenceUntil + FENCE_MARGIN_MS - view.at
  if (fence > 0) {
    const why = 'an order in flight may still be accepted'
    return unclean(progress, view, 'VERIFYING', {do: 'wait', ms: Math.min(fence, PAUSE_MS), why})
  }
  const first = progress.cleanReads[0]
  const cleanReads = [...progress.cleanReads, {at: view.at, monotonic: view.monotonic}]
  if (first !== undefined && view.monotonic - first.monotonic >= VERIFY_GAP_MS) {
    return {progress: {...progress, state: 'HALTED_CLEAN', cleanReads}, step: {do: 'finish'}}
  }
  const ms = first === undefined ? VERIFY_GAP_MS : VERIFY_GAP_MS - (view.monotonic - first.monotonic)
  const kept = first === undefined ? cleanReads : progress.cleanReads
  return {
    progress: {...progress, state: dirtyIfLate(progress, view, 'VERIFYING'), cleanReads: kept},
    step: {do: 'wait', ms, why: 'the second read must be 2 s after the first'},
  }
}

function unclean(
  progress: HaltProgress,
  view: HaltView,
  state: HaltState,
  step: HaltStep,
): {progress: HaltProgress; step: HaltStep} {
  return {progress: {...progress, state: dirtyIfLate(progress, view, state), cleanReads: []}, step}
}

const dirtyIfLate = (progress: HaltProgress, view: HaltView, state: HaltState): HaltState =>
  view.monotonic - progress.since >= DIRTY_AFTER_MS ? 'HALTED_DIRTY' : state

/** Positions that still count, with rests that the venue will not close set aside as dust. */
function settleDust(
  progress: HaltProgress,
  {positions, markets}: HaltView,
): {
  held: readonly {coin: string; szi: string}[]
  tried: HaltProgress
} {
  const dust = new Set<string>()
  for (const {coin, szi} of positions) {
    const [size, mark] = [exact(szi), exactPositive(markets.get(coin)?.markPx)]
    const isSmall = size !== null && mark !== null && compare(multiply(abs(size), mark), MIN_NOTIONAL) < 0
    if (isSmall && (progress.tries.get(coin) ?? 0) >= DUST_TRIES) dust.add(coin)
  }
  const held = positions.filter(({coin, szi}) => !dust.has(coin) && !isFlat(szi))
  return {held, tried: {...progress, dust}}
}

/** A size that cannot be read is not flat. */
const isFlat = (szi: string): boolean => {
  const size = exact(szi)
  return size !== null && isZero(size)
}

function sliceFor(coin: string, szi: string, progress: HaltProgress, view: HaltView): HaltSlice | null {
  const market = view.markets.get(coin)
  if (market === undefined) return null
  const rests = view.orders.some((order) => order.coin === coin && order.reduceOnly && !order.isTrigger)
  if (progress.postOnly && rests) return null
  return sliceOf({coin, szi, market, tries: progress.tries.get(coin) ?? 0, postOnly: progress.postOnly})
}
