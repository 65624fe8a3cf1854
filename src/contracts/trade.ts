import {z} from 'zod'
import {Cloid, ControlId, Intent, OrderSide} from './orders.ts'
import {DecimalText, IsoInstant, PositiveDecimalText} from './units.ts'

export const TradeMode = z.enum(['paper', 'shadow', 'testnet', 'live'])
export type TradeMode = z.infer<typeof TradeMode>

/**
 * planned      `--dry-run` or shadow: no order was sent
 * nothing      no admitted hypothesis, or every position is where it should be
 * done         every executable target was reached
 * partial      the deadline came first, or a control refused; the remainder is handed back
 * stopped      a signal ended the cycle: what could increase risk was cancelled
 * halted       the latch came down in the middle of the cycle
 */
export const CycleState = z.enum(['planned', 'nothing', 'done', 'partial', 'stopped', 'halted'])
export type CycleState = z.infer<typeof CycleState>

export const OrderStatus = z.enum(['planned', 'untraded', 'filled', 'partial', 'vetoed', 'handed_back', 'unknown'])
export type OrderStatus = z.infer<typeof OrderStatus>

/** Why an asset is not (fully) traded: the rule, what was measured, what it was measured against. */
export const TradeRule = z.strictObject({id: z.string(), value: z.string(), limit: z.string()})
export type TradeRule = z.infer<typeof TradeRule>

const ExplainedRule = z.strictObject({...TradeRule.shape, because: z.string().describe('the rule as a sentence')})

const Bps = z.number().meta({unit: 'basis points of decision price; positive is a cost'})

/** Implementation shortfall and its parts; they sum to `total`. */
export const TradeCost = z.strictObject({
  total: Bps,
  delay: Bps,
  spread: Bps,
  impact: Bps,
  fees: Bps,
  funding: Bps,
  opportunity: Bps,
  notionalUsd: z.number().meta({unit: 'USD traded'}),
  makerShare: z.number().meta({unit: 'fraction of the filled size'}),
})
export type TradeCost = z.infer<typeof TradeCost>

/** One asset of one cycle. `target` is the executable target: after band, lot, minimum, cap and controls. */
export const TradeOrder = z.strictObject({
  asset: z.string().describe('venue:NAME'),
  coin: z.string(),
  side: OrderSide.nullable(),
  weight: z.number().nullable().describe('target of the book, fraction of equity'),
  before: DecimalText.describe('signed coins at the start'),
  wanted: DecimalText.describe('signed coins the book asked for'),
  target: DecimalText.describe('signed coins the rules let us reach'),
  position: DecimalText.describe('signed coins at the venue at the end'),
  filled: DecimalText.describe('coins traded, unsigned'),
  status: OrderStatus,
  rule: ExplainedRule.nullable(),
  reduceOnly: z.boolean(),
  notionalUsd: DecimalText,
  decisionPx: PositiveDecimalText.nullable(),
  avgPx: z.number().nullable(),
  parts: z.record(z.string(), z.number()).describe('hypothesis -> its part of `weight`'),
  cloids: z.array(Cloid),
  cost: TradeCost.nullable(),
})
export type TradeOrder = z.infer<typeof TradeOrder>

/** One intent that a control refused, told so that a person can check it. */
export const TradeVeto = z.strictObject({
  cloid: Cloid,
  asset: z.string(),
  control: ControlId,
  reason: z.string(),
  value: z.string().nullable(),
  limit: z.string().nullable(),
  intent: z.string().describe('side, size, price and tif of the order that was refused'),
  says: z.string().describe('the refusal as a sentence, numbers included'),
})
export type TradeVeto = z.infer<typeof TradeVeto>

export const TradeDifference = z.strictObject({
  kind: z.string(),
  asset: z.string(),
  expected: z.string(),
  venue: z.string(),
})
export type TradeDifference = z.infer<typeof TradeDifference>

/** An intent of an earlier cycle whose end that cycle did not live to see. */
export const ResolvedIntent = z.strictObject({
  cloid: Cloid,
  coin: z.string(),
  phase: z.string(),
  filled: DecimalText,
})
export type ResolvedIntent = z.infer<typeof ResolvedIntent>

export const TradeHypothesis = z.strictObject({
  id: z.string(),
  state: z.string(),
  admitted: z.boolean(),
  reason: z.string().nullable().describe('why it is not admitted'),
  budget: z.number().nullable().describe('fraction of equity it runs on'),
  share: z.number().nullable(),
  decidedAt: IsoInstant.nullable().describe('close of the bar that decided its targets'),
  cuts: z.array(z.string()),
})
export type TradeHypothesis = z.infer<typeof TradeHypothesis>

/** Bodies of the rows of data/journal/trade.jsonl, by kind. Written before the act they describe. */
export const TRADE_ROWS = {
  cycle_started: z.strictObject({
    cycle: z.string(),
    epoch: z.number().int(),
    mode: TradeMode,
    as_of: IsoInstant,
    account: z.string(),
    venue_time: z.number().int(),
    equity: DecimalText,
    positions: z.record(z.string(), DecimalText),
  }),
  plan: z.strictObject({
    cycle: z.string(),
    targets: z.array(
      z.strictObject({
        coin: z.string(),
        weight: z.number().nullable(),
        before: DecimalText,
        wanted: DecimalText,
        target: DecimalText,
        rule: TradeRule.nullable(),
        parts: z.record(z.string(), z.number()),
      }),
    ),
  }),
  intent: z.strictObject({cycle: z.string(), why: z.string(), intent: Intent}),
  order_ended: z.strictObject({cycle: z.string(), cloid: Cloid, phase: z.string(), filled: DecimalText}),
  reconcile: z.strictObject({
    cycle: z.string(),
    venue_time: z.number().int(),
    equity: DecimalText,
    positions: z.record(z.string(), DecimalText),
    open_orders: z.number().int(),
    differences: z.array(TradeDifference),
  }),
  cycle_ended: z.strictObject({
    cycle: z.string(),
    as_of: IsoInstant,
    mode: TradeMode,
    state: CycleState,
    traded: z.number().int(),
    vetoed: z.number().int(),
    notional_usd: z.number(),
    cost_bps: z.number().nullable(),
    model_bps: z.number().nullable().optional().describe('what the model expected of the planned orders'),
  }),
} as const

export type TradeRowKind = keyof typeof TRADE_ROWS
export type TradeRow<K extends TradeRowKind> = z.infer<(typeof TRADE_ROWS)[K]>

/** What `trade --json` prints and the report shows. */
export interface TradeResult {
  readonly artifact: 'trade@1'
  readonly ok: boolean
  readonly mode: TradeMode
  readonly state: CycleState
  readonly asOf: string
  /** names the cycle in the journal */
  readonly cycle: string | null
  readonly venue: string
  readonly account: string | null
  readonly hypotheses: readonly TradeHypothesis[]
  readonly orders: readonly TradeOrder[]
  readonly vetoes: readonly TradeVeto[]
  readonly costs: TradeCost | null
  readonly expectedCostUsd: number | null
  readonly exposure: {
    readonly equityUsd: string
    readonly gross: number
    readonly net: number
    readonly targetGross: number
    readonly targetNet: number
    readonly targetVolAnnual: number
  } | null
  readonly limits: readonly {readonly name: string; readonly value: number; readonly limit: number}[]
  readonly differences: readonly TradeDifference[]
  readonly resolved: readonly ResolvedIntent[]
  readonly report: string | null
}
