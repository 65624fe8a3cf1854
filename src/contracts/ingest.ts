import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IntervalName} from './units.ts'

/** What a market-data file holds. */
export const SHAPES = ['ohlcv', 'funding'] as const
export type Shape = (typeof SHAPES)[number]

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
    redenominations: z
      .array(
        z.strictObject({
          asset: z.string().describe('venue:NAME'),
          day: z.iso.date().describe('first day in the new unit'),
          factor: z.number().positive().describe('new price = old price × factor'),
        }),
      )
      .default([]),
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
