import {IngestConfig, type QualityLimits} from '../contracts/ingest.ts'
import {Candles, Funding} from '../contracts/market.ts'
import type {Desk, LakeQuery, Rows} from '../desk.ts'
import {type Interval, parseInstant} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import {onePerSettlement} from '../sensory/context-funding.ts'
import type {Redenomination} from '../sensory/incarnations.ts'

type Scope = Pick<LakeQuery, 'venue' | 'asOf' | 'purpose'> & {commit?: number | undefined}

const scoped = ({venue, asOf, purpose, commit}: Scope): Scope => ({
  venue,
  asOf,
  purpose,
  ...(commit === undefined ? {} : {commit}),
})

const BAR_COLUMNS = ['open', 'high', 'low', 'close', 'volume', 'trades'] as const

/**
 * All bars of a venue and interval that the purpose may see, in lake order. Their holes are the caller's to judge.
 *
 * @param only  value columns to read, the others stay empty: two years of hourly bars of a venue are 28 MB a column
 */
export async function readBars(
  desk: Desk,
  scope: Scope & {interval: Interval},
  only: readonly (typeof BAR_COLUMNS)[number][] = BAR_COLUMNS,
): Promise<Bars> {
  const columns = [...only, 'available_at']
  const query = {...scoped(scope), interval: scope.interval, table: Candles, columns, holes: 'allow'} as LakeQuery
  return barsOf(await desk.lake.read(query))
}

/** All funding payments, in the same way; null when the lake has none. */
export async function readPayments(desk: Desk, scope: Scope): Promise<Payments | null> {
  const columns = ['settles', 'rate', 'available_at']
  const rows = await desk.lake.read({...scoped(scope), table: Funding, columns, holes: 'allow'} as LakeQuery)
  if (rows.count === 0) return null
  return onePerSettlement({
    count: rows.count,
    coin: texts(rows, 'coin'),
    ts: numbers(rows, 'ts'),
    settles: numbers(rows, 'settles'),
    rate: numbers(rows, 'rate'),
    availableAt: numbers(rows, 'available_at'),
  })
}

/** The ingest configuration; the defaults of a workspace that has none. */
export async function readIngestConfig(desk: Desk): Promise<IngestConfig> {
  if (await desk.files.exists(IngestConfig.path)) return desk.files.read(IngestConfig)
  return IngestConfig.schema.parse({
    artifact: 'ingest@1',
    intervals: ['1d', '1h'],
    funding: true,
    outlier_robust_sd: 8,
  })
}

/** What the figures of a set of bars depend on. */
export const figureLimits = (
  config: IngestConfig,
  venue: string,
): {outlierSd: number; redenominations: Redenomination[]; marks: QualityLimits} => ({
  outlierSd: config.outlier_robust_sd,
  redenominations: redenominationsOf(config, venue),
  marks: config.quality,
})

/** Declared changes of unit at one venue. */
export const redenominationsOf = ({redenominations}: IngestConfig, venue: string): Redenomination[] =>
  redenominations
    .filter(({asset}) => asset.startsWith(`${venue}:`))
    .map(({asset, day, factor}) => ({
      coin: asset.slice(venue.length + 1),
      from: parseInstant(day),
      factor,
    }))

export const numbers = ({columns}: Rows, name: string): Float64Array => columns[name] as Float64Array
export const texts = ({columns}: Rows, name: string): readonly string[] => columns[name] as readonly string[]

export function barsOf(rows: Rows): Bars {
  const unread = new Float64Array(0)
  const column = (name: string): Float64Array => (rows.columns[name] === undefined ? unread : numbers(rows, name))
  return {
    count: rows.count,
    coin: texts(rows, 'coin'),
    ts: numbers(rows, 'ts'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
    trades: column('trades'),
    availableAt: numbers(rows, 'available_at'),
  }
}
