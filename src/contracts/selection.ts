import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IsoInstant, Venue} from './units.ts'

/** What a candidate can be scored by. The first four rank tradability and make the default score; the rest is opt-in. */
export const ComponentName = z.enum([
  ...(['liquidity', 'cost', 'quality', 'history', 'volatility', 'momentum', 'carry'] as const),
  ...(['open_interest_growth', 'correlation'] as const),
])
export type ComponentName = z.infer<typeof ComponentName>

const Component = z.strictObject({
  weight: z.number().nonnegative(),
  direction: z.enum(['higher', 'lower']).describe('which end of the raw value is better'),
  lookback_days: z.number().int().min(2).max(730).default(30),
  transform: z.enum(['rank', 'zscore', 'winsorised_zscore']).default('rank'),
})
export type Component = z.infer<typeof Component>

export const SelectionConfig = artifact({
  id: 'selection@1',
  layer: 0.5,
  format: 'yaml',
  path: 'configs/selection.yaml',
  summary: 'The rule that chooses the assets: screens, score, rebalance calendar and size of the list.',
  schema: z
    .strictObject({
      artifact: z.literal('selection@1'),
      universe: z
        .strictObject({
          venue: Venue.optional().describe('default: the exchange of configs/qo.yaml'),
          quote: z.string().min(1).optional().describe('candidates are the names that end in it, such as USDT'),
          exclude: z
            .array(z.string().min(1))
            .default([])
            .describe('names that are no candidates, * for anything: leveraged tokens, pairs of stablecoins'),
        })
        .optional(),
      screens: z.strictObject({
        lookback_days: z
          .number()
          .int()
          .min(1)
          .max(730)
          .describe('days over which notional, stale share and gap share are measured'),
        min_history_days: z.number().int().min(1),
        min_median_daily_notional_usd: z.number().nonnegative(),
        max_stale_share: z.number().min(0).max(1).describe('share of bars without a trade'),
        max_gap_share: z.number().min(0).max(1).describe('share of expected bars that are missing'),
        min_listing_age_days: z.number().int().min(1).optional().describe('calendar days since the first trade'),
        max_half_spread_bps: z.number().positive().optional().describe('median quoted half-spread; needs bbo'),
        min_depth_positions: z
          .number()
          .positive()
          .optional()
          .describe(
            'median resting size within 10 bps of mid, thinner side, in positions of capital_usd / top; needs book',
          ),
        max_share_of_open_interest: z
          .number()
          .gt(0)
          .max(1)
          .optional()
          .describe('one position over the open interest of the coin; needs asset_ctx'),
        exclude_at_open_interest_cap: z
          .boolean()
          .default(false)
          .describe('coins whose open interest the venue has capped: they can only be closed; needs restrictions'),
        exclude_isolated_only: z
          .boolean()
          .default(false)
          .describe('coins that cannot share margin with the rest of the book; needs restrictions'),
        quarantine: z.array(z.string().min(1)).default([]).describe('names kept out by hand until somebody looked'),
      }),
      score: z
        .strictObject({
          liquidity: Component.optional(),
          cost: Component.optional(),
          quality: Component.optional(),
          history: Component.optional(),
          volatility: Component.optional(),
          momentum: Component.optional(),
          carry: Component.optional(),
          open_interest_growth: Component.optional(),
          correlation: Component.optional().describe('mean correlation to what is already chosen; direction lower'),
        })
        .refine((score) => Object.values(score).reduce((sum, item) => sum + (item?.weight ?? 0), 0) > 0, {
          message: 'the weights of the components sum to zero: nothing would be ranked',
        }),
      rebalance: z.strictObject({
        every_days: z.number().int().min(1).max(366),
        anchor: z.iso.date().describe('a day of the calendar; dates never depend on when the command runs'),
        buffer: z.number().int().nonnegative().describe('a chosen asset leaves only beyond rank top + buffer'),
        min_hold_days: z.number().int().nonnegative().default(0),
        max_turnover: z
          .number()
          .gt(0)
          .max(1)
          .optional()
          .describe('largest share of the list that better ranks may replace at one date; the dead leave regardless'),
      }),
      diversify: z
        .strictObject({
          max_per_cluster: z.number().int().min(1),
          min_correlation: z
            .number()
            .gt(0)
            .lt(1)
            .default(0.8)
            .describe('mean shrunk correlation from which two groups are one cluster'),
          lookback_days: z.number().int().min(20).max(730).default(90),
        })
        .optional()
        .describe('cap per cluster of assets that move together'),
      decay: z
        .strictObject({
          window_days: z.number().int().min(30).max(730).default(180).describe('days of forecasts in a full window'),
          fdr: z.number().gt(0).max(0.5).default(0.1).describe('false-discovery rate of exclusions'),
        })
        .optional()
        .describe('leave out assets whose edge has decayed by the trade journal; today only, never in research'),
      capital_usd: z.number().positive().describe('declared capital; the cost component trades capital / top of it'),
      volatility_band: z
        .strictObject({low: z.number().positive(), high: z.number().positive()})
        .default({low: 0.4, high: 1.2})
        .describe('annualised; the volatility component is the distance from this band'),
      top: z.number().int().min(1).max(500),
    })
    .refine(({rebalance, top}) => Math.floor((rebalance.max_turnover ?? 1) * top) >= 1, {
      message: 'max_turnover times top is below 1: the list could never change',
      path: ['rebalance', 'max_turnover'],
    }),
})
export type SelectionConfig = z.infer<typeof SelectionConfig.schema>

const ScoredComponent = z.strictObject({value: z.number(), contribution: z.number()})

export const SelectedAssets = artifact({
  id: 'selected-assets@1',
  layer: 0.5,
  format: 'yaml',
  path: 'configs/selected_assets.yaml',
  summary: 'The assets that trade until the next rebalance, and why every other candidate does not.',
  schema: z.strictObject({
    artifact: z.literal('selected-assets@1'),
    venue: z.string(),
    as_of: IsoInstant,
    decided_at: IsoInstant.describe('the calendar date whose data decided'),
    next_rebalance: IsoInstant,
    config_sha: z.string(),
    universe: z.enum(['derived', 'snapshot']),
    complete_from: IsoInstant.nullable().describe('date from which the candidate list is known to be complete'),
    survivor_source: z.boolean(),
    inactive_screens: z.array(z.string()),
    warnings: z.array(z.string()).default([]).describe('what to know before trusting the list'),
    selected: z.array(
      z.strictObject({
        asset: z.string(),
        incarnation: z.number().int().positive(),
        rank: z.number().int().positive(),
        score: z.number(),
        weight_cap: z.number(),
        edge_left: z.number().min(0).max(1).default(1).describe('factor of decay that is already in weight_cap'),
        since: IsoInstant,
        cluster: z.string().nullable().default(null).describe('asset that names its correlation cluster'),
        components: z.record(z.string(), ScoredComponent),
      }),
    ),
    excluded: z.array(
      z.strictObject({
        asset: z.string(),
        reason: z.string(),
        value: z.number().nullable(),
        limit: z.number().nullable(),
        rank: z.number().int().positive().nullable(),
      }),
    ),
    changes: z.strictObject({added: z.array(z.string()), removed: z.array(z.string()), turnover: z.number()}),
    provenance: Provenance,
  }),
})
export type SelectedAssets = z.infer<typeof SelectedAssets.schema>
