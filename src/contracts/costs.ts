import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IsoInstant, Venue} from './units.ts'

/** No number without a provenance: a venue page, a measured span, or the word assumption; and the day it was looked at. */
const provenance = {source: z.string().min(10), as_of: z.iso.date()}
const sourced = <S extends z.ZodType>(value: S) => z.strictObject({value, ...provenance})

const Bps = z.number().min(0).max(10_000).meta({unit: 'bps'})
const Usd = z.number().min(0).meta({unit: 'USD'})

/** Numbers that only rise. */
const rising = (numbers: readonly number[]): boolean => numbers.every((n, i) => i === 0 || n > numbers[i - 1]!)

const SpreadTable = z.strictObject({
  rows: z
    .array(z.strictObject({min_daily_notional_usd: Usd, half_spread_bps: Bps}))
    .min(1)
    .refine(
      (rows) => rising(rows.map((row) => -row.min_daily_notional_usd)),
      'rows run from the most to the least liquid',
    )
    .refine((rows) => rows.at(-1)!.min_daily_notional_usd === 0, 'the last row starts at 0: every coin has a spread'),
  ...provenance,
})

const FeeTable = z.strictObject({
  tiers: z
    .array(z.strictObject({min_volume_usd_14d: Usd, taker_bps: Bps, maker_bps: z.number().min(-10).max(10_000)}))
    .min(1)
    .refine(
      (tiers) => rising(tiers.map((tier) => tier.min_volume_usd_14d)),
      'tiers run from the lowest to the highest volume',
    )
    .refine((tiers) => tiers[0]!.min_volume_usd_14d === 0, 'tier 0 starts at 0'),
  ...provenance,
})

const FundingSchedule = z.strictObject({
  spans: z
    .array(z.strictObject({from: IsoInstant, hours: z.number().int().min(1).max(24)}))
    .min(1)
    .refine((spans) => rising(spans.map((span) => Date.parse(span.from))), 'spans run forward in time'),
  ...provenance,
})

const Settlement = z.strictObject({
  rule: z
    .enum(['last_hour_mean', 'last_close', 'unknown'])
    .describe('what a position in a delisted contract is paid; unknown: the worst case'),
  ...provenance,
})

export const VenueCosts = z.strictObject({
  fees: FeeTable,
  min_notional_usd: sourced(Usd),
  funding_interval: FundingSchedule.nullable().describe(
    'null: a spot market, where nobody pays funding and nobody is short without a loan that is not priced here',
  ),
  settlement: Settlement,
  maintenance_margin: sourced(z.number().min(0).max(1)).describe(
    'fraction of gross notional; an account below it is liquidated',
  ),
})
export type VenueCosts = z.infer<typeof VenueCosts>

/** What a trade really costs: one model for backtest, gauntlet, selection and the router's counterfactuals. */
export const Costs = artifact({
  id: 'costs@1',
  layer: 1,
  format: 'yaml',
  path: 'configs/costs.yaml',
  summary: 'What a trade really costs, every number with its source and the day it was checked.',
  schema: z.strictObject({
    artifact: z.literal('costs@1'),
    decision_lag_seconds: sourced(z.number().min(0).max(86_400)),
    spread: SpreadTable,
    impact: z.strictObject({
      y: sourced(z.number().min(0).max(10)),
      stress_y: sourced(z.number().min(0).max(10)),
    }),
    trailing_days: sourced(z.number().int().min(5).max(365)).describe(
      'window of the sigma and volume medians known at the decision bar',
    ),
    participation_cap: sourced(z.number().gt(0).max(1)).describe('largest share of a bar volume one order takes'),
    funding_missing_bps_per_8h: sourced(Bps).describe('charged against the position, whichever side'),
    settlement_worst_case: sourced(z.number().min(0).max(1)).describe('fraction of the last price, against us'),
    venues: z.record(Venue, VenueCosts),
  }),
})
export type Costs = z.infer<typeof Costs.schema>
