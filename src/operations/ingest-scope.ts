import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {Interval} from '../kernel/instant.ts'
import type {Listed} from '../sensory/venue-rows.ts'
import {readIngestConfig} from './read-lake.ts'

/** Tables that REST can fill. */
export const REST_TABLES = ['universe', 'asset_ctx', 'candles', 'funding'] as const
type RestTable = (typeof REST_TABLES)[number]

/** What the command line narrows down; what it does not name is as in configs/ingest.yaml. */
export interface IngestAsked {
  readonly tables?: readonly RestTable[]
  readonly coins?: readonly string[]
  readonly intervals?: readonly Interval[]
}

/** Configuration and command line as one. */
export async function ingestScope(
  desk: Desk,
  asked: IngestAsked,
): Promise<{
  tables: readonly RestTable[]
  intervals: readonly Interval[]
  of: (all: readonly Listed[]) => readonly Listed[]
}> {
  const config = await readIngestConfig(desk)
  return {
    tables: asked.tables ?? REST_TABLES.filter((table) => table !== 'funding' || config.funding),
    intervals: asked.intervals ?? (config.intervals as readonly Interval[]),
    of(all) {
      const stranger = asked.coins?.find((coin) => all.every((listed) => listed.coin !== coin))
      if (stranger !== undefined) throw unknownCoin(stranger)
      const coins = asked.coins ?? config.coins
      return coins.length === 0 ? all : all.filter(({coin}) => coins.includes(coin))
    },
  }
}

function unknownCoin(coin: string): Fault {
  return new Fault('ingest.unknown_coin', {
    family: 'usage',
    what: `The venue lists no '${coin}'.`,
    why: 'Names are the venue’s own, with their case: kPEPE, xyz:GOLD.',
    next: ['qo lake sql "SELECT DISTINCT coin FROM universe"'],
  })
}
