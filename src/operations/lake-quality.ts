import type {Table} from '../contracts/artifact.ts'
import {Bbo, Book, Trades} from '../contracts/market.ts'
import type {Desk, Rows} from '../desk.ts'
import type {Interval} from '../kernel/instant.ts'
import {type Summary, summarizeBars} from '../sensory/import-summary.ts'
import {quotesQuality, type TickQuality, tradesQuality} from '../sensory/tick-quality.ts'
import {figureLimits, numbers, readBars, readIngestConfig, texts} from './read-lake.ts'
import type {TableLine} from './table-line.ts'

export interface BarQuality {
  readonly venue: string
  readonly interval: string
  readonly coins: Summary['coins']
}

/** Figures per coin of the bars that research may see. */
export async function barQuality(
  desk: Desk,
  tables: readonly TableLine[],
  commit: number | undefined,
): Promise<BarQuality[]> {
  const config = await readIngestConfig(desk)
  const found: BarQuality[] = []
  for (const {table, venue, interval} of tables) {
    if (table !== 'candles' || interval === null) continue
    const scope = {venue, interval: interval as Interval, asOf: desk.asOf, commit, purpose: {kind: 'research'} as const}
    const bars = await readBars(desk, scope)
    const limits = figureLimits(config, venue)
    if (bars.count > 0) found.push({venue, interval, coins: summarizeBars(bars, scope.interval, limits).coins})
  }
  return found
}

export interface StreamQuality {
  readonly table: string
  readonly venue: string
  readonly coins: readonly TickQuality[]
}

const STREAMS: readonly (readonly [Table, readonly string[]])[] = [
  [Trades, ['available_at']],
  [Bbo, []],
  [Book, ['bid_px', 'ask_px']],
]

/** The same for trades, quotes and books. */
export async function streamQuality(
  desk: Desk,
  tables: readonly TableLine[],
  commit: number | undefined,
): Promise<StreamQuality[]> {
  const {quality: limits} = await readIngestConfig(desk)
  const found: StreamQuality[] = []
  for (const [table, columns] of STREAMS) {
    const name = table.id.split('@')[0]!
    for (const {venue} of tables.filter((line) => line.table === name)) {
      const rows = await desk.lake.read({
        ...{table, venue, columns, asOf: desk.asOf, purpose: {kind: 'research'}, holes: 'allow'},
        ...(commit === undefined ? {} : {commit}),
      })
      if (rows.count === 0) continue
      const ticks = {coin: texts(rows, 'coin'), ts: numbers(rows, 'ts')}
      const coins =
        table === Trades
          ? tradesQuality({...ticks, tid: texts(rows, 'tid'), availableAt: numbers(rows, 'available_at')}, limits)
          : quotesQuality({...ticks, bid: best(rows, 'bid_px'), ask: best(rows, 'ask_px')}, limits)
      found.push({table: name, venue, coins})
    }
  }
  return found
}

/** Best price of a side: the column of `bbo`, the first level of a book. */
const best = (rows: Rows, side: string): Float64Array =>
  rows.lists?.[side] === undefined
    ? numbers(rows, side)
    : Float64Array.from(rows.lists[side], (levels) => levels[0] ?? Number.NaN)
