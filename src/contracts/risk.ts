import {z} from 'zod'
import {artifact} from './artifact.ts'
import {HaltCause, HaltPolicy, HaltState} from './orders.ts'
import {Provenance} from './provenance.ts'
import {DecimalText, IsoInstant, PositiveDecimalText, Sha256, Usd} from './units.ts'

const Fraction = z.number().positive().max(1)
const Multiple = z.number().positive().max(50)
const Seconds = z.number().positive().max(86_400).meta({unit: 's'})
const Whole = z.number().int().positive()
const Policy = z.enum(['flatten', 'cancel_keep_stops'])

export const RiskLimits = artifact({
  id: 'risk-limits@1',
  layer: 2,
  format: 'yaml',
  path: 'configs/risk_limits.yaml',
  summary: 'Hard limits that the guard enforces before any order leaves.',
  schema: z.strictObject({
    artifact: z.literal('risk-limits@1'),
    instruments: z.strictObject({
      allow: z
        .union([z.literal('selected'), z.array(z.string().min(1)).min(1)])
        .describe("'selected' (configs/selected_assets.yaml) or a list of venue names"),
      deny: z.array(z.string().min(1)),
    }),
    order_notional: z.strictObject({
      max_usd: Usd,
      max_equity_fraction: Fraction,
      max_day_volume_fraction: Fraction.describe('of the 24 h notional volume'),
    }),
    order_size: z.strictObject({
      min_notional_usd: Usd.describe('closing a whole position is exempt'),
      max_units: z.record(z.string(), PositiveDecimalText).describe('coin -> coins per order'),
    }),
    price_collar: z.strictObject({
      cross: Fraction.describe('distance from mark and from oracle of an order that may trade at once'),
      rest: Fraction.describe('the same for one that rests'),
    }),
    reference_price: z.strictObject({
      max_age_s: Seconds.describe('of the book, in venue time'),
      max_disagreement: Fraction.describe('between mark and mid'),
      reduce_only_after_s: Seconds,
    }),
    position: z.strictObject({
      max_equity_fraction: Multiple.describe(
        '|position| x mark over equity, open and in-flight orders counted as filled',
      ),
      per_coin: z.record(z.string(), Multiple),
    }),
    leverage: z.strictObject({gross: Multiple, net: Multiple}),
    messages: z.strictObject({
      per_second: Whole.describe('new orders and cancels of one parent'),
      per_minute: Whole,
      address_reserve: Whole.describe('requests kept back for cancels'),
    }),
    duplicate: z.strictObject({window_s: Seconds}),
    open_orders: z.strictObject({max: Whole, per_selected_asset: Whole.describe('the larger of the two holds')}),
    daily_loss: z
      .strictObject({
        reduce_only_sigma: Multiple.describe('daily standard deviations of the book at its volatility target'),
        halt_sigma: Multiple,
        reduce_only_fallback: Fraction.describe('of equity at the start of the UTC day, without a volatility target'),
        halt_fallback: Fraction,
        halt_usd: Usd.describe('halts whatever the sigmas say'),
      })
      .refine((loss) => loss.reduce_only_sigma < loss.halt_sigma, {
        message: 'reduce_only_sigma must be below halt_sigma',
        path: ['halt_sigma'],
      })
      .refine((loss) => loss.reduce_only_fallback < loss.halt_fallback, {
        message: 'reduce_only_fallback must be below halt_fallback',
        path: ['halt_fallback'],
      }),
    on_halt: z.strictObject({
      operator: Policy,
      loss: Policy,
      liquidation: Policy,
      compromise: Policy,
      blind: Policy,
      limits: Policy,
      unknown: Policy,
    }),
  }),
})
export type RiskLimits = z.infer<typeof RiskLimits.schema>

/**
 * Which way each limit tightens. Registered here and not in the file, so that nobody loosens a limit by relabelling it.
 * `choice` has no order: any change of it counts as looser.
 */
export const LIMIT_DIRECTIONS = {
  'instruments.allow': 'choice',
  'instruments.deny': 'choice',
  'order_notional.max_usd': 'lower_is_tighter',
  'order_notional.max_equity_fraction': 'lower_is_tighter',
  'order_notional.max_day_volume_fraction': 'lower_is_tighter',
  'order_size.min_notional_usd': 'higher_is_tighter',
  'order_size.max_units': 'lower_is_tighter',
  'price_collar.cross': 'lower_is_tighter',
  'price_collar.rest': 'lower_is_tighter',
  'reference_price.max_age_s': 'lower_is_tighter',
  'reference_price.max_disagreement': 'lower_is_tighter',
  'reference_price.reduce_only_after_s': 'lower_is_tighter',
  'position.max_equity_fraction': 'lower_is_tighter',
  'position.per_coin': 'lower_is_tighter',
  'leverage.gross': 'lower_is_tighter',
  'leverage.net': 'lower_is_tighter',
  'messages.per_second': 'lower_is_tighter',
  'messages.per_minute': 'lower_is_tighter',
  'messages.address_reserve': 'higher_is_tighter',
  'duplicate.window_s': 'higher_is_tighter',
  'open_orders.max': 'lower_is_tighter',
  'open_orders.per_selected_asset': 'lower_is_tighter',
  'daily_loss.reduce_only_sigma': 'lower_is_tighter',
  'daily_loss.halt_sigma': 'lower_is_tighter',
  'daily_loss.reduce_only_fallback': 'lower_is_tighter',
  'daily_loss.halt_fallback': 'lower_is_tighter',
  'daily_loss.halt_usd': 'lower_is_tighter',
  'on_halt.operator': 'choice',
  'on_halt.loss': 'choice',
  'on_halt.liquidation': 'choice',
  'on_halt.compromise': 'choice',
  'on_halt.blind': 'choice',
  'on_halt.limits': 'choice',
  'on_halt.unknown': 'choice',
} as const satisfies Record<string, 'lower_is_tighter' | 'higher_is_tighter' | 'choice'>

const Text = z.string()

/** The record of one halt: an act, so it carries the time at which it happened. */
export const HaltRecord = artifact({
  id: 'halt@1',
  layer: 2,
  format: 'yaml',
  path: 'reports/risk/halt-*.yaml',
  summary: 'One halt from engage to release: cause, what was cancelled and flattened, and the proof that it is flat.',
  schema: z.strictObject({
    artifact: z.literal('halt@1'),
    id: Text,
    state: HaltState,
    cause: HaltCause,
    reason: Text,
    policy: HaltPolicy,
    engaged_at: IsoInstant,
    account: Text.nullable().describe('null when no account was ever used here'),
    venue: Text.nullable(),
    equity: DecimalText.nullable().describe('USD at the last verification'),
    cancelled: z.array(z.strictObject({oid: Text, coin: Text, side: Text, sz: DecimalText, px: DecimalText})),
    flattened: z.array(z.strictObject({coin: Text, szi: DecimalText.describe('position when the halt met it')})),
    dust: z.array(z.strictObject({coin: Text, szi: DecimalText})),
    kept: z
      .array(z.strictObject({coin: Text, szi: DecimalText}))
      .describe('positions that the policy leaves with their stops'),
    verified: z
      .array(
        z.strictObject({at: IsoInstant.describe('venue time'), orders: z.number().int(), positions: z.number().int()}),
      )
      .describe('the reads that proved it; CLEAN needs two, at least 2 s apart, after the in-flight fence'),
    attempts: z.number().int().nonnegative(),
    trouble: Text.nullable().describe('why it is not clean yet'),
    finished_at: IsoInstant.nullable(),
    released_at: IsoInstant.nullable(),
  }),
})
export type HaltRecord = z.infer<typeof HaltRecord.schema>

export const Breach = z.strictObject({
  control: Text,
  subject: Text.describe('coin, or account'),
  value: Text,
  limit: Text,
  reason: Text,
})
export type Breach = z.infer<typeof Breach>

export const RiskCheckReport = artifact({
  id: 'risk-check@1',
  layer: 2,
  format: 'yaml',
  path: 'reports/risk/check-*.yaml',
  summary: 'Exposure of the last reconcile against every limit.',
  schema: z.strictObject({
    artifact: z.literal('risk-check@1'),
    state: HaltState,
    latched: z.boolean(),
    limits_sha: Sha256,
    account: Text.nullable(),
    reconciled_at: IsoInstant.nullable().describe('venue time of the exposure; null: no account was ever used here'),
    equity: DecimalText.nullable(),
    limits: z.array(
      z.strictObject({control: Text, subject: Text, value: Text, limit: Text, used: z.number().nullable()}),
    ),
    breaches: z.array(Breach),
    provenance: Provenance,
  }),
})
export type RiskCheckReport = z.infer<typeof RiskCheckReport.schema>
