import {correlation} from '../statistics/correlation.ts'
import type {DailyReturns} from './daily-returns.ts'

/** |correlation| of research returns from which two hypotheses are one idea. @see gauntlet.md 3.3 */
export const KIN_CORRELATION = 0.5

/** Fewer common days than this and two ideas cannot be told apart. */
export const LEAST_COMMON_DAYS = 30

/** Two hypotheses that are one idea by what they earned. */
export interface ReturnsKinship {
  readonly between: readonly [string, string]
  /** the strongest between any two of their grid points, signed; null: too few common days to tell them apart */
  readonly correlation: number | null
}

/**
 * Pearson correlation over the days both were measured; a day is common when it lies inside both series.
 *
 * @returns null below `LEAST_COMMON_DAYS`; 0 when one of them does not move on the common days
 */
export function commonCorrelation(a: DailyReturns, b: DailyReturns): number | null {
  const [x, y] = commonDays(a, b)
  if (x.length < LEAST_COMMON_DAYS) return null
  const found = correlation(x, y)
  return Number.isNaN(found) ? 0 : found
}

/** What two series earned on the days that both have; views of the same memory. */
export function commonDays(a: DailyReturns, b: DailyReturns): [Float64Array, Float64Array] {
  const from = Math.max(a.first, b.first)
  const to = Math.max(from, Math.min(a.first + a.values.length, b.first + b.values.length))
  const cut = ({first, values}: DailyReturns): Float64Array => values.subarray(from - first, to - first)
  return [cut(a), cut(b)]
}

/**
 * Which hypotheses are one idea by their returns, whatever they call themselves and however they write it.
 *
 * Every grid point of one is compared with every grid point of the other: an idea chosen from a grid is a relative of
 * the whole grid. The sign does not matter, and a scale changes nothing. Where a pair has moving series but too few
 * common days, it cannot be shown that they differ, so they count as kin.
 *
 * @param streams  hypothesis -> series of every configuration of it that was ever evaluated
 * @returns        pairs in alphabetical order
 */
export function kinByReturns(streams: ReadonlyMap<string, readonly DailyReturns[]>): ReturnsKinship[] {
  const ids = [...streams.keys()].sort()
  const moving = new Map(ids.map((id) => [id, streams.get(id)!.filter(({values}) => values.some((r) => r !== 0))]))
  return ids.flatMap((a, i) =>
    ids.slice(i + 1).flatMap((b): ReturnsKinship[] => {
      const strongest = strongestOf(moving.get(a)!, moving.get(b)!)
      const isKin = strongest === null || Math.abs(strongest) >= KIN_CORRELATION
      return isKin ? [{between: [a, b], correlation: strongest}] : []
    }),
  )
}

/** null: some pair cannot be compared and none that can is kin; 0 when one side never moved. */
function strongestOf(left: readonly DailyReturns[], right: readonly DailyReturns[]): number | null {
  let strongest = 0
  let blind = false
  for (const a of left) {
    for (const b of right) {
      const found = commonCorrelation(a, b)
      if (found === null) blind = true
      else if (Math.abs(found) > Math.abs(strongest)) strongest = found
    }
  }
  return blind && Math.abs(strongest) < KIN_CORRELATION ? null : strongest
}
