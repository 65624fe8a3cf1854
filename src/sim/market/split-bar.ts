import type {Random} from '../../kernel/random.ts'
import type {Bar} from './bars.ts'
import {nearestPx, usdOf} from './price-grid.ts'

/** How wide a bar without finer detail is around its open and close, in its own volatilities. */
const WICK = 0.35
/** Quotes move a little between one bar's last and the next bar's first trade. */
const GAP_VOL = 0.0001

export interface Whole {
  readonly t: number
  readonly o: number
  readonly c: number
  readonly v: number
  /** volatility of the whole span, log return */
  readonly sigma: number
}

/**
 * Cut one bar into `parts` bars that add up to it: same open, same close, same volume to the lot.
 *
 * The path between open and close is a Brownian bridge. The whole's high and low are by definition those of the parts,
 * so every coarser bar agrees with the finer ones that exist.
 *
 * @param silent  parts in which nothing trades: price stands still, volume 0
 */
export function splitBar(
  whole: Whole,
  ms: number,
  parts: number,
  szDecimals: number,
  random: Random,
  silent: ReadonlySet<number> = new Set(),
): Bar[] {
  const sigma = whole.sigma / Math.sqrt(parts)
  const steps = Array.from({length: parts}, (_, k) => (silent.has(k) ? 0 : sigma * random.normal()))
  const drift = (Math.log(whole.c / whole.o) - total(steps)) / (parts - silent.size)
  const weights = Array.from({length: parts}, (_, k) => (silent.has(k) ? 0 : 0.4 + random.unit() + random.unit()))
  const weightSum = total(weights)
  const bars: Bar[] = []
  let level = Math.log(usdOf(whole.o))
  let last = whole.o
  let weightSoFar = 0
  let given = 0
  for (let k = 0; k < parts; k++) {
    const t = whole.t + k * (ms / parts)
    weightSoFar += weights[k]!
    const due = k === parts - 1 ? whole.v : Math.floor((whole.v * weightSoFar) / weightSum)
    if (silent.has(k)) {
      bars.push({t, o: last, h: last, l: last, c: last, v: 0, n: 0})
      continue
    }
    level += steps[k]! + drift
    const o = k === 0 ? whole.o : nearestPx(usdOf(last) * Math.exp(GAP_VOL * random.normal()), szDecimals)
    const c = k === parts - 1 ? whole.c : nearestPx(Math.exp(level), szDecimals)
    bars.push({
      t,
      ...withWicks(o, c, sigma, szDecimals, random),
      v: due - given,
      n: tradesIn(due - given, c, szDecimals),
    })
    given = due
    last = c
  }
  return bars
}

/** High and low of a bar that has no finer detail. */
export function withWicks(
  o: number,
  c: number,
  sigma: number,
  szDecimals: number,
  random: Random,
): {o: number; h: number; l: number; c: number} {
  const up = Math.exp(WICK * sigma * Math.abs(random.normal()))
  const down = Math.exp(-WICK * sigma * Math.abs(random.normal()))
  return {
    o,
    h: Math.max(o, c, nearestPx(usdOf(Math.max(o, c)) * up, szDecimals)),
    l: Math.min(o, c, nearestPx(usdOf(Math.min(o, c)) * down, szDecimals)),
    c,
  }
}

/** A print is worth some 2,000 USD on average. */
export const tradesIn = (lots: number, px: number, szDecimals: number): number =>
  lots === 0 ? 0 : Math.max(1, Math.round(((lots / 10 ** szDecimals) * usdOf(px)) / 2000))

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
