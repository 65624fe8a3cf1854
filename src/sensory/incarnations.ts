import {DAY_MS} from '../kernel/instant.ts'
import type {Bars} from './bars.ts'
import {type CoinSpan, coinSpans} from './check-interval.ts'

/** A name's life: rows [from, to) of its coin. `LUNA` first, `LUNA#2` when the name comes back as another asset. */
export interface Incarnation {
  /** `NAME` or `NAME#2` */
  readonly asset: string
  readonly coin: string
  readonly number: number
  readonly from: number
  readonly to: number
}

/** Declared change of unit: from `from` (epoch ms) prices are the old ones times `factor`. */
export interface Redenomination {
  readonly coin: string
  readonly from: number
  readonly factor: number
}

const ABSENCE_MS = 3 * DAY_MS
const LONG_ABSENCE_MS = 14 * DAY_MS
const MOST_JUMP = 3

/**
 * Tell reused names apart.
 *
 * A new incarnation begins after 14 missing days whatever the price, or after 3 missing days when the first open is
 * outside [1/3, 3] times the last close, unless a declared redenomination explains it. No return spans the absence.
 *
 * @see layer 0 rules: instrument identity is venue, name and incarnation
 */
export function incarnations(
  bars: Bars,
  barMs: number,
  redenominations: readonly Redenomination[] = [],
): Incarnation[] {
  return coinSpans(bars.coin).flatMap((span) => livesOf(bars, span, barMs, redenominations))
}

/**
 * Whether an absence among the bars is of a length at which only prices tell a reused name from the asset that was away:
 * `incarnations` looks at `open` then, and only then.
 */
export function asksForOpens({ts, coin}: Pick<Bars, 'ts' | 'coin'>, barMs: number): boolean {
  for (let i = 1; i < ts.length; i++) {
    const absent = ts[i]! - (ts[i - 1]! + barMs)
    if (absent >= ABSENCE_MS && absent < LONG_ABSENCE_MS && coin[i] === coin[i - 1]) return true
  }
  return false
}

function livesOf(
  {ts, open, close}: Bars,
  {coin, from, to}: CoinSpan,
  barMs: number,
  redenominations: readonly Redenomination[],
): Incarnation[] {
  const starts = [from]
  for (let i = from + 1; i < to; i++) {
    const absent = ts[i]! - (ts[i - 1]! + barMs)
    if (absent < ABSENCE_MS) continue
    const factor = redenominations
      .filter((change) => change.coin === coin && change.from > ts[i - 1]! && change.from <= ts[i]!)
      .reduce((product, change) => product * change.factor, 1)
    const jump = open[i]! / (close[i - 1]! * factor)
    if (absent >= LONG_ABSENCE_MS || jump > MOST_JUMP || jump < 1 / MOST_JUMP) starts.push(i)
  }
  return starts.map((start, k) => ({
    asset: k === 0 ? coin : `${coin}#${k + 1}`,
    coin,
    number: k + 1,
    from: start,
    to: starts[k + 1] ?? to,
  }))
}
