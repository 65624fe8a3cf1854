import {DAY_MS} from '../kernel/instant.ts'
import {median} from '../kernel/median.ts'
import type {RawRows} from './check-rows.ts'

/** How long after the venue's time a recorder saw its rows, ms. Below zero its clock was behind the venue's. */
export interface Delay {
  readonly median: number
  readonly longest: number
}

/** Delay of the recorder, where the file says when it received each row; null otherwise or when its unit is another. */
export function delayOf({ts, numbers}: RawRows): Delay | null {
  const received = numbers['received']
  if (!received) return null
  const delays = ts.map((instant, i) => received[i]! - instant).filter((delay) => Math.abs(delay) < DAY_MS)
  if (delays.length < ts.length / 2) return null
  let longest = -Infinity
  for (const delay of delays) longest = Math.max(longest, delay)
  return {median: median(delays), longest}
}
