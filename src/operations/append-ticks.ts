import type {Table} from '../contracts/artifact.ts'
import type {Desk, LakeAppended} from '../desk.ts'
import type {Ticks} from '../sensory/ticks.ts'
import type {MarketBatch} from './append-market.ts'

/**
 * Commit imported trades, quotes or books. They were available at the venue's time; a silence between two recordings
 * cannot be fetched any more.
 */
export function appendTicks(
  desk: Desk,
  table: Table,
  {count, coin, ts, columns, lists}: Ticks,
  {venue, source, gaps, quarantined, notes}: MarketBatch,
): Promise<LakeAppended> {
  return desk.lake.append({
    table,
    venue,
    source,
    quarantined,
    receivedAt: desk.asOf,
    gaps: gaps.map(({coin: name, from, to}) => ({
      ...{coin: name, from, to},
      state: 'UNRECOVERABLE',
      cause: `nothing recorded in ${source}`,
    })),
    ...(notes ? {notes} : {}),
    rows: {count, columns: {coin, ts, ...columns, available_at: ts}, lists},
  })
}
