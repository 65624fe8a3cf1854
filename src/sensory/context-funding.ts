import {HOUR_MS} from '../kernel/instant.ts'
import type {Payments} from './bars.ts'
import {coinSpans} from './check-interval.ts'

/** A context that is older than this at the hour says nothing about its payment. */
const OLDEST_MS = 10 * 60_000

/** Contexts in lake order; shape [rows] each. */
export interface ContextRates {
  readonly coin: readonly string[]
  readonly ts: Float64Array
  readonly funding: Float64Array
  readonly premium: Float64Array
}

/**
 * Hourly payments as the contexts of an hour foretold them: the rate of the last context before the settlement, stamped
 * with the settlement itself. Hyperliquid pays at each full hour the rate its context shows until then; from the hour on
 * the context is about the next one, so a context of the very hour is not taken.
 *
 * It is an estimate of what was paid, to the last minute's premium; a recorded payment of the same settlement wins.
 *
 * @param isPaid  whether a payment of this coin and settlement is known
 */
export function contextFunding(
  {coin, ts, funding, premium}: ContextRates,
  isPaid: (coin: string, settles: number) => boolean,
): Payments & {readonly premium: Float64Array} {
  const rows: {coin: string; settles: number; row: number}[] = []
  for (const {coin: name, from, to} of coinSpans(coin)) {
    for (let i = from; i < to; i++) {
      const settles = (Math.floor(ts[i]! / HOUR_MS) + 1) * HOUR_MS
      const isLast = i + 1 === to || ts[i + 1]! >= settles
      if (!isLast || settles - ts[i]! > OLDEST_MS || Number.isNaN(funding[i]!) || isPaid(name, settles)) continue
      rows.push({coin: name, settles, row: i})
    }
  }
  const settles = Float64Array.from(rows, (one) => one.settles)
  return {
    count: rows.length,
    coin: rows.map((one) => one.coin),
    ts: settles,
    settles,
    rate: Float64Array.from(rows, ({row}) => funding[row]!),
    premium: Float64Array.from(rows, ({row}) => premium[row]!),
    availableAt: settles,
  }
}

/**
 * One payment per settlement: of two the later one. A payment is recorded at or behind its settlement, an estimate from
 * contexts stands at it; summed both, funding would count twice.
 */
export function onePerSettlement(payments: Payments): Payments {
  const {coin, settles, count} = payments
  const isOlder = (i: number): boolean => i + 1 < count && settles[i] === settles[i + 1] && coin[i] === coin[i + 1]
  const kept: number[] = []
  for (let i = 0; i < count; i++) if (!isOlder(i)) kept.push(i)
  if (kept.length === count) return payments
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (i) => values[i]!)
  return {
    count: kept.length,
    coin: kept.map((i) => coin[i]!),
    ts: pick(payments.ts),
    settles: pick(settles),
    rate: pick(payments.rate),
    availableAt: pick(payments.availableAt),
  }
}
