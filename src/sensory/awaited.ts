import {HOUR_MS} from '../kernel/instant.ts'

/** Rows that were due when a live answer was given and did not stand in it: when they come, they come late. */
export interface Awaited {
  readonly coin: string
  /** open of the first such bar and close of the last; of payments, the first settlement and an hour past the last, epoch ms */
  readonly from: number
  readonly to: number
}

/** What was asked for: opens from `from` on, of bars closed by `to`, epoch ms; settlements between the two. */
export interface Asked {
  readonly from: number
  readonly to: number
}

/**
 * What lies behind the newest bar of an answer, though it was closed when it was asked for.
 *
 * A minute without a trade appears at Hyperliquid a minute or more after its close, and a halted market has none: neither
 * is a hole yet, but whoever decided meanwhile did so without it.
 *
 * @param ts  opens of the bars that came, any order
 */
export function awaitedBars(coin: string, asked: Asked, ts: Float64Array, barMs: number): Awaited | null {
  let from = Math.ceil(asked.from / barMs) * barMs
  for (const open of ts) from = Math.max(from, open + barMs)
  const to = Math.floor(asked.to / barMs) * barMs
  return from < to ? {coin, from, to} : null
}

/**
 * Hourly payments behind the newest of an answer that were due when it was asked for.
 *
 * @param settles  settlements that came, epoch ms, any order
 */
export function awaitedPayments(coin: string, asked: Asked, settles: Iterable<number>): Awaited | null {
  let from = Math.ceil(asked.from / HOUR_MS) * HOUR_MS
  for (const at of settles) from = Math.max(from, Math.floor(at / HOUR_MS) * HOUR_MS + HOUR_MS)
  const to = Math.floor(asked.to / HOUR_MS) * HOUR_MS + HOUR_MS
  return from < to ? {coin, from, to} : null
}

/** What of it no earlier answer had lacked already. */
export function newlyAwaited(awaited: readonly Awaited[], before: readonly Awaited[]): Awaited[] {
  return awaited.flatMap(({coin, from, to}) => {
    let left = [{coin, from, to}]
    for (const known of before) {
      if (known.coin !== coin) continue
      left = left.flatMap((part) => without(part, known))
    }
    return left
  })
}

function without(part: Awaited, known: Awaited): Awaited[] {
  if (known.to <= part.from || known.from >= part.to) return [part]
  return [
    {...part, to: known.from},
    {...part, from: known.to},
  ].filter(({from, to}) => from < to)
}
