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
