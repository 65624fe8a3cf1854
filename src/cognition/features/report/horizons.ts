import {Fault} from '../../../kernel/fault.ts'
import {DAY_MS, HOUR_MS} from '../../../kernel/instant.ts'
import {LEAST_WINDOWS} from './coefficient.ts'

const MINUTE_MS = 60_000
const SPANS = [
  ...[5, 15].map((minutes) => minutes * MINUTE_MS),
  ...[1, 4].map((hours) => hours * HOUR_MS),
  ...[1, 3, 7, 14, 28].map((days) => days * DAY_MS),
]
const MOST_BARS = 336

/** One bar, then the spans people hold things for, as whole bars and up to `MOST_BARS` of them. */
export function defaultHorizons(barMs: number): number[] {
  const spans = SPANS.filter((ms) => ms > barMs && ms % barMs === 0).map((ms) => ms / barMs)
  return [1, ...spans.filter((bars) => bars <= MOST_BARS)]
}

/**
 * `1,24,168` -> bars, ascending.
 *
 * @throws Fault `feature.horizons` (usage)
 */
export function parseHorizons(text: string): number[] {
  const bars = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN))
  const rising = bars.every((value, i) => value >= 1 && value <= 1e6 && (i === 0 || value > bars[i - 1]!))
  if (rising) return bars
  throw new Fault('feature.horizons', {
    family: 'usage',
    what: `'${text}' is not a list of horizons.`,
    why: 'Horizons are whole numbers of bars, 1 or more, each longer than the one before.',
    next: ['--horizons 1,24,168'],
  })
}

/**
 * @param usable   per horizon: bars with enough assets that have a forward return of it
 * @throws Fault `feature.horizon_too_long` (data)
 */
export function requireReach(horizons: readonly number[], usable: readonly number[]): void {
  const short = horizons.findIndex((horizon, i) => usable[i]! < LEAST_WINDOWS * horizon)
  if (short < 0) return
  const [horizon, bars] = [horizons[short]!, usable[short]!]
  throw new Fault('feature.horizon_too_long', {
    family: 'data',
    what: `A horizon of ${horizon} bars was asked for, and ${bars} bars of research have enough assets with such a return.`,
    why: `Fewer than ${LEAST_WINDOWS} returns of that length do not overlap: their mean says nothing.`,
    next: [`ask for at most ${Math.max(1, Math.floor(bars / LEAST_WINDOWS))} bars`, 'bring in more history: qo ingest'],
  })
}
