import type {Kind} from './subscription.ts'
import {type Cadence, TickClock} from './tick-clock.ts'

/** A block of the chain, and how often each channel speaks. @see spec hyperliquid.md §2, measured */
const CADENCE = {
  block: {min: 45, mean: 70, max: 156},
  l2Book: {min: 5000, mean: 5380, max: 5600},
  l2BookFast: {min: 470, mean: 540, max: 660},
  candle: {min: 560, mean: 780, max: 1110},
  activeAssetCtx: {min: 1000, mean: 1000, max: 1000},
  allMids: {min: 5000, mean: 5000, max: 5000},
  allDexsAssetCtxs: {min: 13_500, mean: 13_636, max: 13_800},
  fastAssetCtxs: {min: 1000, mean: 1000, max: 1000},
} as const satisfies Record<string, Cadence>

export type Timed = Exclude<Kind, 'bbo' | 'trades'>
const TIMED = [
  'l2Book',
  'l2BookFast',
  'candle',
  'activeAssetCtx',
  'allMids',
  'allDexsAssetCtxs',
  'fastAssetCtxs',
] as const

/** When blocks come and when each channel speaks. */
export interface Clocks extends Readonly<Record<Timed, TickClock>> {
  readonly block: TickClock
}

export function venueClocks(seed: number): Clocks {
  const clock = (name: keyof typeof CADENCE): TickClock => new TickClock(`${name}|${seed}`, CADENCE[name])
  const timed = Object.fromEntries(TIMED.map((kind) => [kind, clock(kind)])) as Record<Timed, TickClock>
  return {...timed, block: clock('block')}
}

/** Channels that follow blocks rather than a clock of their own. */
export const isTimed = (kind: Kind): kind is Timed => kind !== 'bbo' && kind !== 'trades'
