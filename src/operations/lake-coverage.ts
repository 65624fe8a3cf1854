import type {Desk} from '../desk.ts'
import type {Coverage} from '../sensory/plan-requests.ts'
import {ledgerOf, type Partition} from './lake-ledger.ts'

/** What the lake has of one coin, as far as it says what to ask for. */
export type Stored = Omit<Coverage, 'delisted'> & {readonly firstTs: number}

/**
 * Per coin of a partition: first and last row, and the holes of the coverage ledger that are still open.
 *
 * Time before a life, between two of them and after its end is no hole. What was recorded as missing behind the last row
 * is asked for with the next ones and not by itself.
 */
export async function coverageOf(desk: Desk, partition: Partition): Promise<Map<string, Stored>> {
  const coverage = await ledgerOf(desk, partition)
  return new Map(
    coverage.flatMap(({coin, from, to, gaps}): [string, Stored][] => {
      if (from === null || to === null) return []
      return [[coin, {firstTs: from, lastTs: to, gaps: gaps.filter((gap) => gap.state === 'OPEN' && gap.from < to)}]]
    }),
  )
}
