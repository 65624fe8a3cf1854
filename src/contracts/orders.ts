import {z} from 'zod'
import {sha256} from '../kernel/sha256.ts'
import {DecimalText, PositiveDecimalText, Sha256, Slug} from './units.ts'

/** The controls of this version, in the order they are evaluated; the first failure is the verdict. */
export const ControlId = z.enum([
  'C02',
  'C01',
  'C05',
  'C17',
  'C15',
  'C20',
  'C07',
  'C09',
  'C08',
  'C06',
  'C10',
  'C11',
  'C21',
])
export type ControlId = z.infer<typeof ControlId>

export const OrderSide = z.enum(['buy', 'sell'])
export type OrderSide = z.infer<typeof OrderSide>

export const Tif = z.enum(['Alo', 'Ioc', 'Gtc'])
export type Tif = z.infer<typeof Tif>

/** `0x` and 32 hex digits, lower case. */
export const Cloid = z.string().regex(/^0x[0-9a-f]{32}$/, 'expected 0x and 32 lower-case hex digits')

const EpochMs = z.number().int().positive()
const Coin = z.string().min(1).max(40)

/** One child order as the router wants it. The guard signs it or says which control refused it. */
export const Intent = z.strictObject({
  cloid: Cloid.describe('cloidOf(this intent); the guard recomputes it'),
  strategy: Slug.describe('hypothesis id, or the name of the book'),
  parent: z.string().min(1).max(80).describe('parent intent: message budgets are counted per parent'),
  bar: EpochMs.describe('close of the bar that decided, epoch ms'),
  seq: z.number().int().nonnegative().describe('number of this child among those of (strategy, bar, coin)'),
  coin: Coin.describe("the venue's name of the asset, without venue prefix"),
  side: OrderSide,
  sz: PositiveDecimalText.describe('coins'),
  px: PositiveDecimalText.describe('limit price; a market order is an Ioc inside the collar'),
  tif: Tif,
  reduceOnly: z.boolean(),
})
export type Intent = z.infer<typeof Intent>

/**
 * The client order id: a function of what the order is for, so that a replayed intent is the same order.
 *
 * @returns `0x` and the first 32 hex digits of SHA-256 over `strategy|bar|coin|seq`
 */
export const cloidOf = ({strategy, bar, coin, seq}: Pick<Intent, 'strategy' | 'bar' | 'coin' | 'seq'>): string =>
  `0x${sha256(`${strategy}|${bar}|${coin}|${seq}`).slice(0, 32)}`

/** What the controls said about one intent. Written to the journal before anything is signed. */
export const ControlVerdict = z.strictObject({
  pass: z.boolean(),
  /** the control that refused; null when all passed */
  control: ControlId.nullable(),
  action: z.enum(['none', 'reject', 'reduce_only', 'halt']),
  reason: z.string(),
  /** the measured value and the limit it met, as text with unit */
  value: z.string().nullable(),
  limit: z.string().nullable(),
  /** true when the order can only reduce the position */
  reduces: z.boolean(),
  /** SHA-256 of the limits file this verdict was made under */
  limitsSha: Sha256.nullable(),
})
export type ControlVerdict = z.infer<typeof ControlVerdict>

/**
 * Where an order is. `unknown` is a state, not an error: the send had no readable answer. It ends in one of the others
 * after orderStatus(cloid), a noop on the same nonce, or expiry; the order is never sent again.
 */
export const OrderPhase = z.enum([
  'vetoed',
  'signed',
  'open',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'never_placed',
  'unknown',
])
export type OrderPhase = z.infer<typeof OrderPhase>

export const OrderState = z.strictObject({
  cloid: Cloid,
  strategy: z.string(),
  parent: z.string(),
  coin: Coin,
  side: OrderSide,
  px: PositiveDecimalText,
  sz: PositiveDecimalText,
  tif: Tif,
  reduceOnly: z.boolean(),
  phase: OrderPhase,
  /** coins filled so far as far as the guard knows; fills are the truth */
  filledSz: DecimalText,
  avgPx: DecimalText.nullable(),
  /** the venue's order id as text */
  oid: z.string().nullable(),
  /** the venue's words, or why the state is what it is */
  reason: z.string().nullable(),
  /** venue time of the last change, epoch ms */
  at: EpochMs,
})
export type OrderState = z.infer<typeof OrderState>

/** A fill as the venue reports it; unique by (tid, oid). Ids are text: they do not fit a double. */
export const Fill = z.strictObject({
  tid: z.string(),
  oid: z.string(),
  cloid: Cloid.nullable(),
  coin: Coin,
  side: OrderSide,
  px: PositiveDecimalText,
  sz: PositiveDecimalText,
  fee: DecimalText.describe('USD, positive = paid'),
  closedPnl: DecimalText,
  startPosition: DecimalText,
  dir: z.string().describe('free text of the venue: new words appear without notice'),
  crossed: z.boolean().describe('true when we took liquidity'),
  time: EpochMs,
})
export type Fill = z.infer<typeof Fill>

export const Position = z.strictObject({
  coin: Coin,
  /** signed coins, never zero */
  szi: DecimalText,
  entryPx: DecimalText.nullable(),
  /** mark price at the snapshot; null when the venue gave none */
  markPx: DecimalText.nullable(),
  unrealizedPnl: DecimalText,
})
export type Position = z.infer<typeof Position>

export const OpenOrder = z.strictObject({
  oid: z.string(),
  cloid: Cloid.nullable(),
  coin: Coin,
  side: OrderSide,
  px: DecimalText,
  /** coins still open */
  sz: DecimalText,
  reduceOnly: z.boolean(),
  isTrigger: z.boolean(),
  time: EpochMs,
})
export type OpenOrder = z.infer<typeof OpenOrder>

/** The venue's truth about the account at one moment of venue time. */
export const AccountSnapshot = z.strictObject({
  account: z.string(),
  at: EpochMs,
  /** account value in USD, unrealised included */
  equity: DecimalText,
  /** equity at the first reconcile of this UTC day (venue time) */
  dayStartEquity: DecimalText,
  positions: z.array(Position),
  openOrders: z.array(OpenOrder),
})
export type AccountSnapshot = z.infer<typeof AccountSnapshot>

/** States of the halt machine; ARMED and REDUCE_ONLY are the only ones in which a new order may pass. */
export const HaltState = z.enum([
  'DISARMED',
  'ARMED',
  'REDUCE_ONLY',
  'ENGAGING',
  'CANCELLING',
  'FLATTENING',
  'VERIFYING',
  'HALTED_CLEAN',
  'HALTED_DIRTY',
  'HALTED_MEMORY',
])
export type HaltState = z.infer<typeof HaltState>

export const HaltPolicy = z.enum(['flatten', 'cancel'])
export type HaltPolicy = z.infer<typeof HaltPolicy>

export const HaltCause = z.enum(['operator', 'loss', 'liquidation', 'compromise', 'blind', 'limits', 'unknown'])
export type HaltCause = z.infer<typeof HaltCause>

export const GUARD_PROTOCOL = 1

/** What a fresh practice account starts with, USD. */
export const PRACTICE_USD = '100000'

/**
 * The guard's socket speaks one JSON object per line.
 *
 * The guard opens with `challenge`; the client answers `hello` with HMAC-SHA-256(token, nonce) in hex, the token being
 * the text of `data/state/guard/token`; the guard answers `welcome` or closes. After that every request carries an `id`
 * of the client's choice and is answered by one reply with the same `id`. A line above 1 MiB closes the connection.
 */
export const GuardChallenge = z.strictObject({
  type: z.literal('challenge'),
  protocol: z.literal(GUARD_PROTOCOL),
  nonce: z.string(),
})
export const GuardHello = z.strictObject({type: z.literal('hello'), client: z.string().max(80), proof: z.string()})
export const GuardWelcome = z.strictObject({type: z.literal('welcome'), account: z.string(), mode: z.string()})

/** Requests by type, without the `id` that the client adds. */
export const GUARD_REQUESTS = {
  /** checked one after the other, each counting those before it as filled; signed and sent in at most two batches */
  submit: z.strictObject({type: z.literal('submit'), orders: z.array(Intent).min(1).max(40)}),
  cancel: z.strictObject({type: z.literal('cancel'), cloids: z.array(Cloid).min(1).max(200)}),
  /** cancel every order that could increase risk, whoever placed it */
  cancelIncreasing: z.strictObject({type: z.literal('cancelIncreasing')}),
  /** one order; an unknown one is resolved first */
  order: z.strictObject({type: z.literal('order'), cloid: Cloid}),
  /** the next free `seq` for (strategy, bar, coin): a restarted cycle must not repeat a cloid */
  sequence: z.strictObject({type: z.literal('sequence'), strategy: Slug, bar: EpochMs, coin: Coin}),
  /** reconcile with the venue now: journaled, with the fills that are new since the last reconcile */
  account: z.strictObject({type: z.literal('account')}),
  status: z.strictObject({type: z.literal('status')}),
  /** engage the latch and start the halt sequence; a running one is joined */
  halt: z.strictObject({
    type: z.literal('halt'),
    cause: HaltCause,
    reason: z.string().max(500),
    policy: HaltPolicy.nullable().describe('null: by cause from the limits file'),
  }),
  release: z.strictObject({type: z.literal('release'), phrase: z.string().max(200)}),
} as const

export const SubmitResult = z.strictObject({
  cloid: Cloid,
  verdict: ControlVerdict,
  order: OrderState,
})
export type SubmitResult = z.infer<typeof SubmitResult>

export const CancelResult = z.strictObject({
  cloid: Cloid,
  /** gone: never placed, already cancelled or filled; unknown: no readable answer */
  outcome: z.enum(['cancelled', 'gone', 'unknown']),
  reason: z.string().nullable(),
})
export type CancelResult = z.infer<typeof CancelResult>

/** Replies by request type. A request that cannot be carried out is answered by `refused` instead. */
export const GUARD_REPLIES = {
  submit: z.strictObject({results: z.array(SubmitResult)}),
  cancel: z.strictObject({results: z.array(CancelResult)}),
  cancelIncreasing: z.strictObject({cancelled: z.number().int(), left: z.number().int()}),
  order: z.strictObject({order: OrderState.nullable()}),
  sequence: z.strictObject({next: z.number().int().nonnegative()}),
  account: z.strictObject({snapshot: AccountSnapshot, fills: z.array(Fill)}),
  status: z.strictObject({
    state: HaltState,
    latched: z.union([z.boolean(), z.literal('memory')]),
    haltId: z.string().nullable(),
    mode: z.enum(['paper', 'testnet', 'live']),
    account: z.string(),
    agent: z.string(),
    venue: z.string(),
    limitsSha: Sha256.nullable(),
    unresolved: z.number().int(),
    /** venue time, epoch ms; null when the venue does not answer */
    venueTime: z.number().int().nullable(),
  }),
  halt: z.strictObject({
    id: z.string(),
    state: HaltState,
    latched: z.union([z.boolean(), z.literal('memory')]),
    policy: HaltPolicy,
  }),
  release: z.strictObject({released: z.boolean(), state: HaltState, reason: z.string().nullable()}),
} as const

export const GuardRefusal = z.strictObject({code: z.string(), what: z.string(), why: z.string()})

export type GuardRequestType = keyof typeof GUARD_REQUESTS
export type GuardRequest = {[T in GuardRequestType]: z.infer<(typeof GUARD_REQUESTS)[T]>}[GuardRequestType]
export type GuardReply<T extends GuardRequestType> = z.infer<(typeof GUARD_REPLIES)[T]>
