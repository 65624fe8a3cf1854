import type {Payments} from './bars.ts'
import {coinSpans} from './check-interval.ts'

export interface FundingOfCoin {
  /** shape [T], sum of rates available in (open, close] of each bar; NaN where a payment is missing or none is known */
  readonly inBar: Float64Array
  /** shape [T], the part whose settlement is at or before the bar's open */
  readonly atOpen: Float64Array
}

/**
 * Sum funding payments into bars by the time they became available.
 *
 * A bar without a payment is 0 when the schedule had none there and NaN when it had one: a lost payment is not a free
 * one. Outside a coin's first and last payment nothing is known, so NaN.
 *
 * @param ts     shape [T], open of each bar, step `barMs`
 * @returns      coin -> its bars
 */
export function fundingInBars(payments: Payments, ts: Float64Array, barMs: number): Map<string, FundingOfCoin> {
  const T = ts.length
  const t0 = ts[0] ?? 0
  const barOf = (instant: number): number => Math.ceil((instant - t0) / barMs) - 1
  const found = new Map<string, FundingOfCoin>()
  for (const {coin, from, to} of coinSpans(payments.coin)) {
    const inBar = new Float64Array(T).fill(Number.NaN)
    const atOpen = new Float64Array(T).fill(Number.NaN)
    const [first, last] = [barOf(payments.availableAt[from]!), barOf(payments.availableAt[to - 1]!)]
    for (let t = Math.max(0, first); t <= Math.min(T - 1, last); t++) inBar[t] = atOpen[t] = 0
    const paid = new Uint8Array(T)
    for (let i = from; i < to; i++) {
      const t = barOf(payments.availableAt[i]!)
      if (t < 0 || t >= T) continue
      paid[t] = 1
      inBar[t]! += payments.rate[i]!
      if (payments.settles[i]! <= ts[t]!) atOpen[t]! += payments.rate[i]!
    }
    for (const settlement of missingSettlements(payments, from, to)) {
      // Recorded in time it would have been in the bar that opens at it, or, to the millisecond, in the one before.
      for (const t of [barOf(settlement + 1), barOf(settlement)]) {
        if (t >= 0 && t < T && paid[t] === 0) inBar[t] = atOpen[t] = Number.NaN
      }
    }
    found.set(coin, {inBar, atOpen})
  }
  return found
}

/** Settlements that the schedule around them says should be there. */
function missingSettlements({settles}: Payments, from: number, to: number): number[] {
  const missing: number[] = []
  for (let i = from + 1; i < to; i++) {
    const step = settles[i]! - settles[i - 1]!
    const before = i - 1 > from ? settles[i - 1]! - settles[i - 2]! : step
    const after = i + 1 < to ? settles[i + 1]! - settles[i]! : step
    // The longer side: at a change of regime the long step belongs to the schedule that ends.
    const schedule = Math.max(before, after)
    if (schedule <= 0) continue
    for (let at = settles[i - 1]! + schedule; at < settles[i]!; at += schedule) missing.push(at)
  }
  return missing
}
