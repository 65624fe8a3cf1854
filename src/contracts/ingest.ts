import {z} from 'zod'
import {artifact} from './artifact.ts'
import {StreamChannel} from './stream.ts'
import {IntervalName} from './units.ts'

/** What a file of rows holds: each goes to one table. */
export const ROW_SHAPES = ['ohlcv', 'funding', 'trades', 'book', 'bbo'] as const
export type RowShape = (typeof ROW_SHAPES)[number]

/** What a market-data file holds: rows, a recording of a socket, or a file of the public Binance archive. */
export const SHAPES = [...ROW_SHAPES, 'hl-capture', 'binance-capture', 'binance-vision'] as const
export type Shape = (typeof SHAPES)[number]

/** Units of numeric times. */
export const TIME_UNITS = ['s', 'ms', 'us'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]

const Limit = z.strictObject({
  warn: z.number().nonnegative().describe('above this a figure is marked warn'),
  bad: z.number().nonnegative().describe('above this it is marked bad'),
})

/** Limits of the quality figures. They mark; they refuse nothing: screens and stages have limits of their own. */
const QualityLimits = z.strictObject({
  missing_share: Limit.describe('missing of expected rows, without the time before a listing and after a death'),
  duplicate_share: Limit.describe('exact repeats that were dropped, of the rows read'),
  ohlc_share: Limit.describe('bars with high below, or low above, another price of theirs'),
  zero_volume_share: Limit.describe('bars without a trade'),
  stale_share: Limit.describe('bars with one price, that of the close before'),
  outlier_share: Limit.describe('|return| beyond outlier_robust_sd'),
  off_grid_share: Limit.describe('bars that do not open on the grid of their interval'),
  late_share: Limit.describe('rows that were known later than their time says: late bars and corrections'),
  clock_skew_ms: Limit.describe("our clock against the venue's, either way"),
  out_of_order_share: Limit.describe('trades that came behind a later one'),
  repeated_id_share: Limit.describe('trades whose id stands at another time too'),
  crossed_share: Limit.describe('quotes with the bid above the ask'),
  locked_share: Limit.describe('quotes with the bid at the ask'),
  empty_share: Limit.describe('quotes without a bid or without an ask'),
  silence_ms: Limit.describe('longest time between two rows of a stream'),
})
export type QualityLimits = z.infer<typeof QualityLimits>
export type QualityFigure = keyof QualityLimits

export const QUALITY_LIMITS: QualityLimits = {
  missing_share: {warn: 0, bad: 0.01},
  duplicate_share: {warn: 0.001, bad: 0.05},
  ohlc_share: {warn: 0, bad: 0.001},
  zero_volume_share: {warn: 0.2, bad: 0.6},
  stale_share: {warn: 0.2, bad: 0.6},
  outlier_share: {warn: 0.01, bad: 0.03},
  off_grid_share: {warn: 0, bad: 0.001},
  late_share: {warn: 0.01, bad: 0.1},
  clock_skew_ms: {warn: 1000, bad: 5000},
  out_of_order_share: {warn: 0.001, bad: 0.05},
  repeated_id_share: {warn: 0, bad: 0.001},
  crossed_share: {warn: 0, bad: 0.001},
  locked_share: {warn: 0.001, bad: 0.01},
  empty_share: {warn: 0.01, bad: 0.1},
  silence_ms: {warn: 60_000, bad: 600_000},
}

const StreamConfig = z.strictObject({
  channels: z.array(StreamChannel).min(1).describe('what to record of each coin'),
  intervals: z.array(IntervalName).min(1).describe('candle intervals to record'),
  commit_every: z
    .string()
    .regex(/^\d+(\.\d+)?(s|m|h)$/, 'expected a duration like 5m')
    .describe('how often raw frames become rows; what is not committed yet is in the log'),
})

const Archives = z.strictObject({
  binance: z.strictObject({base_url: z.url().describe('data/spot and data/futures lie below it')}),
  hyperliquid: z.strictObject({
    base_url: z
      .url()
      .describe('asset_ctxs and market_data lie below it; a gateway that signs, where the bucket wants it'),
    usd_per_gb: z.number().nonnegative().describe('what the requester pays for 10^9 bytes'),
    confirm_above_usd: z.number().nonnegative().describe('dearer downloads need --yes'),
  }),
})

export const ARCHIVES: z.infer<typeof Archives> = {
  binance: {base_url: 'https://data.binance.vision'},
  hyperliquid: {
    base_url: 'https://hyperliquid-archive.s3.ap-northeast-1.amazonaws.com',
    usd_per_gb: 0.114,
    confirm_above_usd: 1,
  },
}

export const IngestConfig = artifact({
  id: 'ingest@1',
  layer: 0,
  format: 'yaml',
  path: 'configs/ingest.yaml',
  summary: 'What to fetch from the venue, and the thresholds of the quality checks.',
  schema: z.strictObject({
    artifact: z.literal('ingest@1'),
    intervals: z.array(IntervalName).min(1).describe('candle intervals to keep up to date'),
    funding: z.boolean().describe('fetch the funding history too'),
    coins: z.array(z.string()).default([]).describe('only these; empty: every coin the venue lists, delisted ones too'),
    outlier_robust_sd: z.number().positive().describe('a |return| beyond this many robust standard deviations'),
    quality: QualityLimits.default(QUALITY_LIMITS).describe('limits above which quality figures are marked'),
    archives: Archives.default(ARCHIVES).describe('where the public archives are, and what fetching them may cost'),
    redenominations: z
      .array(
        z.strictObject({
          asset: z.string().describe('venue:NAME'),
          day: z.iso.date().describe('first day in the new unit'),
          factor: z.number().positive().describe('new price = old price × factor'),
        }),
      )
      .default([]),
    stream: StreamConfig.default({channels: [...StreamChannel.options], intervals: ['1m'], commit_every: '5m'}),
  }),
})
export type IngestConfig = z.infer<typeof IngestConfig.schema>

const AskedOnce = z.strictObject({
  times: z.number().int().positive().describe('answers that brought nothing new'),
  last: z.number().int().describe('venue time of the last one, epoch ms'),
})
export type Asked = z.infer<typeof AskedOnce>

/** Not data: without it everything is asked for once more. */
export const IngestMemory = artifact({
  id: 'ingest-memory@1',
  layer: 0,
  format: 'json',
  path: 'data/state/ingest/*.json',
  summary: 'What was asked of a venue in vain, so that it is asked for less and less often.',
  schema: z.strictObject({
    artifact: z.literal('ingest-memory@1'),
    coins: z.record(
      z.string().describe('table, interval, coin'),
      z.strictObject({
        asked: z.record(z.string(), AskedOnce),
        checked: z.number().int().nullable().describe('newest bar that was looked at again after its grace, epoch ms'),
      }),
    ),
  }),
})
export type IngestMemory = z.infer<typeof IngestMemory.schema>

/** What several rows of a file, or a frame, make one of: fewer of them is no loss. */
export const WHOLE_ROWS: Readonly<Record<string, string>> = {book: 'books', bbo: 'quotes'}
