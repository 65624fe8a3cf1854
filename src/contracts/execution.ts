import {z} from 'zod'
import {artifact} from './artifact.ts'
import {PositiveDecimalText, Usd} from './units.ts'

const Seconds = z.number().positive().max(3600).meta({unit: 's'})
const Fraction = z.number().positive().max(1)

/** How an intent becomes orders. The guard's limits stand above every number here. */
export const ExecutionConfig = artifact({
  id: 'execution@1',
  layer: 2,
  format: 'yaml',
  path: 'configs/execution.yaml',
  summary: 'The order router: passive first, re-peg with hysteresis, cross at the deadline, hand the rest back.',
  schema: z.strictObject({
    artifact: z.literal('execution@1'),
    deadline_s: Seconds.describe('time one cycle may route orders; `--deadline` overrides it'),
    cross_window: Fraction.describe('last fraction of the deadline in which the router crosses the spread'),
    poll_s: Seconds.describe('pause between two looks at book and orders'),
    repeg: z.strictObject({
      min_ticks: z.number().int().min(1).describe('the touch must have moved this far'),
      dwell_s: Seconds.describe('and the order must have rested this long'),
      budget: z.number().int().min(0).describe('re-pegs per parent'),
    }),
    collar: Fraction.describe('a crossing order stays within this distance of mark and mid'),
    child_usd: Usd.describe('largest notional of one order; the risk limits may make it smaller'),
    child_jitter: z.number().min(0).max(0.5).describe('random spread of child sizes, drawn from a seeded stream'),
    open_children: z.number().int().min(1).max(200).describe('orders out at the same time'),
    participation_cap: Fraction.describe('largest part of 24 h notional volume one cycle may trade in an asset'),
    min_notional_usd: PositiveDecimalText.describe("the venue's smallest order"),
    price: z.strictObject({
      max_age_s: Seconds.describe('a book older than this is not a price'),
      max_from_mark: Fraction.describe('nor is a mid this far from mark'),
      wide_bps: z.number().positive().describe('a spread above this is called wide: no crossing outside the collar'),
    }),
    signal_age_bars: z.number().int().min(0).max(5).describe('bars the newest lake bar may lag the decision time'),
  }),
})
export type ExecutionConfig = z.infer<typeof ExecutionConfig.schema>
