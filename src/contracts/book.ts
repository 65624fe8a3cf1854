import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Slug} from './units.ts'

const Share = z.number().min(0).max(1)

/** How many hypotheses become one target. Read by `trade` and by nothing that judges a hypothesis. */
export const BookConfig = artifact({
  id: 'book@1',
  layer: 2,
  format: 'yaml',
  path: 'configs/book.yaml',
  summary: 'The book: risk budgets, caps and the no-trade band between hypotheses and orders.',
  schema: z.strictObject({
    artifact: z.literal('book@1'),
    vol_target_annual: z.number().positive().max(1).describe('of account equity, standard deviation per year'),
    shares: z.record(Slug, Share).describe('hypothesis -> share of the risk budget; the others split the rest equally'),
    ladder: z
      .strictObject({validated: Share, pilot: Share, scaled: Share})
      .describe('fraction of its share that a hypothesis may use in each lifecycle state'),
    correlation: z.strictObject({
      above: z.number().min(0).max(1).describe('standalone returns correlated above this are one group'),
      group_cap: Share.describe('largest budget of one group, fraction of the whole'),
      min_days: z.number().int().min(20).describe('with fewer daily returns correlation counts as one'),
    }),
    caps: z.strictObject({
      asset: Share.describe('largest |weight| of one asset'),
      gross: z.number().positive().max(10).describe('largest sum of |weight|'),
      net: z.number().positive().max(10).describe('largest |sum of weight|'),
      clusters: z.record(z.string(), z.strictObject({assets: z.array(z.string()).min(1), cap: Share})),
    }),
    no_trade_band: Share.describe('leave a position alone while it is within this fraction of its target'),
  }),
})
export type BookConfig = z.infer<typeof BookConfig.schema>
