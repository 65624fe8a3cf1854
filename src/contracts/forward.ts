import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IntervalName, Sha256, Slug, Venue} from './units.ts'

const Fraction = z.number().meta({unit: 'fraction of equity at the previous close'})

/** One UTC day of a shadow book. net = gross − costs − funding. */
export const ForwardDay = z.strictObject({
  day: z.iso.date(),
  net: Fraction,
  gross: Fraction,
  costs: Fraction.describe('fees, spread, lag and impact'),
  funding: Fraction.describe('positive is paid'),
  turnover: Fraction,
  exposure: Fraction.describe('mean gross notional over equity at the closes of the day'),
  bars: z
    .number()
    .int()
    .nonnegative()
    .describe('bars of the day that the lake holds; 0 counts as a day without return'),
})
export type ForwardDay = z.infer<typeof ForwardDay>

/** Bodies of the rows of data/journal/shadow-<id>-<configuration>.jsonl, by kind. */
export const SHADOW_ROWS = {
  opened: z.strictObject({
    hypothesis: Slug,
    configuration: Sha256,
    venue: Venue,
    bar: IntervalName,
    registered: Sha256.describe('hash of the ledger entry that registered it'),
    first_day: z.iso.date().describe('first whole UTC day after the registration and the end of its vault'),
    capital_usd: z.number().positive(),
  }),
  day: z.strictObject({...ForwardDay.shape, data_sha: Sha256}),
} as const

const E = z.number().nonnegative().nullable().describe('e-value; null: there is nothing to test')

/** What a monitor reads off one forward record. */
export const ForwardReading = z.strictObject({
  days: z.number().int().nonnegative(),
  mean_annual: z.number().nullable(),
  sharpe_annual: z.number().nullable(),
  claimed_mean_annual: z.number().nullable().describe('the smaller of the research mean and what sr_target declares'),
  e_forward: z.number().nonnegative().describe('against "no edge": 3, 8 and 20 are the steps of the capital ladder'),
  e_kill: E.describe('against "at least half of what was claimed": 20 kills'),
  cusum: z
    .strictObject({
      statistic: z.number(),
      threshold: z.number().positive(),
      block_days: z.number().int().positive(),
      alarm_day: z.iso.date().nullable(),
    })
    .nullable(),
  drawdown: z.strictObject({now: z.number(), worst: z.number(), warns: z.number(), kills: z.number()}).nullable(),
  alarm: z.string().nullable(),
  warning: z.string().nullable(),
})
export type ForwardReading = z.infer<typeof ForwardReading>

export const ForwardRecord = artifact({
  id: 'forward-record@1',
  layer: 1,
  format: 'json',
  path: 'reports/forward/*.json',
  summary: 'The forward evidence of one hypothesis: its shadow book by day and what the monitors make of it.',
  schema: z.strictObject({
    artifact: z.literal('forward-record@1'),
    hypothesis: Slug,
    configuration: Sha256,
    state: z.string(),
    share: z.number().min(0).max(1).describe('fraction of its risk budget that the ladder allows real money'),
    certified: z
      .boolean()
      .describe('a label: forward e-value of 20 or more, and a discovery of e-LOND over the programme'),
    e_lond_level: z.number().nullable(),
    venue: Venue,
    first_day: z.iso.date(),
    last_day: z.iso.date().nullable(),
    net: z.array(z.number()).describe('one value a day from first_day on; a day without bars is 0'),
    reading: ForwardReading,
    journal: z.strictObject({path: z.string(), entries: z.number().int().nonnegative(), head: z.string().nullable()}),
    provenance: Provenance,
  }),
})
export type ForwardRecord = z.infer<typeof ForwardRecord.schema>
