import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IntervalName, Slug, Venue} from './units.ts'

const ParamValue = z.number()
const Duration = z.string().regex(/^\d+(m|h|d)$/, 'expected a duration like 8h')

/** One idea, one file. The hash of its semantic fields is what counts as a trial. */
export const Hypothesis = artifact({
  id: 'hypothesis@1',
  layer: 1,
  format: 'yaml',
  path: 'hypotheses/*.yaml',
  summary: 'A falsifiable claim about a market, with the exact rule that would trade it.',
  schema: z.strictObject({
    artifact: z.literal('hypothesis@1'),
    id: Slug,
    family: Slug,
    author: z.string().min(1),
    claim: z.string().min(10),
    mechanism: z.string().min(10),
    falsified_by: z.string().min(10),
    lineage: Slug.optional().describe('id of the hypothesis this one descends from'),
    universe: z.strictObject({
      from: z.union([z.literal('selection'), z.array(z.string().min(1)).min(1)]),
      min_assets: z.number().int().min(1).default(1),
    }),
    bar: IntervalName,
    features: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string().min(1)).default({}),
    signal: z.string().min(1),
    portfolio: z.strictObject({
      construct: z.enum(['proportional', 'rank_long_short', 'equal_risk', 'sign']),
      neutral: z.enum(['dollar', 'beta', 'none']).default('none'),
      gross: z.number().positive().max(10).default(1),
      max_weight: z.number().positive().max(1).default(1),
      vol_target_annual: z.number().positive().max(2).optional(),
      rebalance: Duration,
      no_trade_band: z.number().min(0).max(1).default(0),
    }),
    params: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.array(ParamValue).min(1)).default({}),
    primary: z.record(z.string(), ParamValue).default({}),
    capital_usd: z.number().positive(),
    costs: z.string().default('configs/costs.yaml'),
    execution: z
      .strictObject({
        urgency: z.enum(['low', 'normal', 'high']).default('normal'),
        alpha_half_life: Duration.optional(),
      })
      .default({urgency: 'normal'}),
    data: z.strictObject({research: Venue, trade: Venue}).optional(),
    gauntlet: z
      .strictObject({sr_target: z.number().positive().max(10).default(1.5), vault: z.string().optional()})
      .default({sr_target: 1.5}),
  }),
})
export type Hypothesis = z.infer<typeof Hypothesis.schema>

/** One point of a parameter grid. */
export type Params = Readonly<Record<string, number>>
