import type {Gap} from './find-gaps.ts'

/** The venue keeps this many bars of each interval; what is older is gone for good. */
export const KEPT_BARS = 5000

/** Holes younger than this are asked for again: the venue fills in bars without trades late. */
const RETRY_MS = 48 * 3_600_000

/** What one coin needs of one interval. */
export interface Coverage {
  /** open of the newest stored bar; null when there is none */
  readonly lastTs: number | null
  readonly gaps: readonly Gap[]
  readonly delisted: boolean
}

export interface BarRequest {
  readonly startTime: number
  readonly endTime: number
}

/**
 * The one request that brings a coin up to date, or null when nothing can be new.
 *
 * @param now  venue time, epoch ms
 */
export function planBars({lastTs, gaps, delisted}: Coverage, now: number, barMs: number): BarRequest | null {
  const newest = Math.floor(now / barMs) * barMs - barMs
  const oldest = newest - (KEPT_BARS - 1) * barMs
  if (lastTs === null) return {startTime: oldest, endTime: now}
  // A contract that stopped trading gets no more bars.
  if (delisted && lastTs < newest - RETRY_MS) return null
  const holes = gaps.filter(({to}) => to > now - RETRY_MS).map(({from}) => from)
  const startTime = Math.max(oldest, Math.min(lastTs + barMs, ...holes))
  return startTime <= newest ? {startTime, endTime: now} : null
}
