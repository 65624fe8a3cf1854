import {HOUR_MS} from '../kernel/instant.ts'

/** A payment is recorded at most this long after the settlement it belongs to. */
const LATEST_MS = 30 * 60_000

/**
 * Scheduled settlement of a funding payment. Venues settle on whole hours and record seconds to minutes later; a record
 * that is more than 30 minutes late fits no schedule and keeps its own time.
 */
export function settlesAt(ts: number): number {
  const hour = Math.floor(ts / HOUR_MS) * HOUR_MS
  return ts - hour <= LATEST_MS ? hour : ts
}
