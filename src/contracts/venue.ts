import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IntervalName, IsoInstant} from './units.ts'

const Px = z.number().positive()

/** Prices of another venue for the practice venue to go on from. */
export const SimHistory = artifact({
  id: 'sim-history@1',
  layer: 2,
  format: 'json',
  path: 'data/state/sim-history.json',
  summary: 'Recorded bars per asset, from which the practice venue continues in paper mode.',
  schema: z.strictObject({
    artifact: z.literal('sim-history@1'),
    end: IsoInstant.describe('close of the newest complete bar; the venue clock starts here'),
    assets: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          sz_decimals: z.number().int().min(0).max(6),
          max_leverage: z.number().int().min(1).max(50),
          last_px: Px.describe('USD per coin'),
          delisted: z.boolean().default(false),
          interval: IntervalName,
          bars: z.array(
            z.strictObject({
              ts: z.number().int().describe('open time, epoch ms'),
              open: Px,
              high: Px,
              low: Px,
              close: Px,
              volume: z.number().nonnegative().describe('coins'),
            }),
          ),
          funding: z.array(z.strictObject({ts: z.number().int(), rate: z.number()})).default([]),
        }),
      )
      .min(1),
  }),
})
export type SimHistory = z.infer<typeof SimHistory.schema>

/** Decimal text as the venue writes it: trailing `.0` and float noise allowed. */
const VenueNumber = z.string().regex(/^-?\d+(\.\d+)?$/)
const Side = z.enum(['A', 'B'])
const Ms = z.number().int()

/** Replies of POST /info. Loose: the venue adds fields without notice. */
export const VenueMeta = z.looseObject({
  universe: z.array(
    z.looseObject({
      name: z.string(),
      szDecimals: z.number().int(),
      maxLeverage: z.number().int(),
      isDelisted: z.boolean().nullish(),
    }),
  ),
})

export const VenueCandles = z.array(
  z.looseObject({
    t: Ms,
    T: Ms,
    s: z.string(),
    i: z.string(),
    o: VenueNumber,
    h: VenueNumber,
    l: VenueNumber,
    c: VenueNumber,
    v: VenueNumber,
    n: z.number().int(),
  }),
)

export const VenueFundingHistory = z.array(
  z.looseObject({coin: z.string(), fundingRate: VenueNumber, premium: VenueNumber, time: Ms}),
)

const Level = z.looseObject({px: VenueNumber, sz: VenueNumber, n: z.number().int()})
export const VenueL2Book = z.looseObject({
  coin: z.string(),
  time: Ms,
  levels: z.tuple([z.array(Level), z.array(Level)]),
})

const MarginSummary = z.looseObject({
  accountValue: VenueNumber,
  totalNtlPos: VenueNumber,
  totalRawUsd: VenueNumber,
  totalMarginUsed: VenueNumber,
})

export const VenueClearinghouseState = z.looseObject({
  marginSummary: MarginSummary,
  crossMarginSummary: MarginSummary,
  withdrawable: VenueNumber,
  assetPositions: z.array(
    z.looseObject({
      type: z.string(),
      position: z.looseObject({
        coin: z.string(),
        szi: VenueNumber,
        entryPx: VenueNumber.nullish(),
        positionValue: VenueNumber,
        unrealizedPnl: VenueNumber,
        returnOnEquity: VenueNumber,
        liquidationPx: VenueNumber.nullish(),
        marginUsed: VenueNumber,
        leverage: z.looseObject({type: z.string(), value: z.number()}),
      }),
    }),
  ),
  time: Ms.nullish(),
})

export const VenueOpenOrders = z.array(
  z.looseObject({
    coin: z.string(),
    side: Side,
    limitPx: VenueNumber,
    sz: VenueNumber,
    oid: z.number().int(),
    timestamp: Ms,
    origSz: VenueNumber.nullish(),
    cloid: z.string().nullish(),
    reduceOnly: z.boolean().nullish(),
  }),
)

export const VenueFrontendOrder = z.looseObject({
  coin: z.string(),
  side: Side,
  limitPx: VenueNumber,
  sz: VenueNumber,
  oid: z.number().int(),
  timestamp: Ms,
  triggerCondition: z.string(),
  isTrigger: z.boolean(),
  triggerPx: VenueNumber,
  children: z.array(z.unknown()),
  isPositionTpsl: z.boolean(),
  reduceOnly: z.boolean(),
  orderType: z.string(),
  origSz: VenueNumber,
  tif: z.string().nullish(),
  cloid: z.string().nullish(),
})

export const VenueHistoricalOrders = z.array(
  z.looseObject({order: VenueFrontendOrder, status: z.string(), statusTimestamp: Ms}),
)

export const VenueOrderStatus = z.union([
  z.looseObject({
    status: z.literal('order'),
    order: z.looseObject({order: VenueFrontendOrder, status: z.string(), statusTimestamp: Ms}),
  }),
  z.looseObject({status: z.literal('unknownOid')}),
])

export const VenueFills = z.array(
  z.looseObject({
    coin: z.string(),
    px: VenueNumber,
    sz: VenueNumber,
    side: Side,
    time: Ms,
    startPosition: VenueNumber,
    dir: z.string(),
    closedPnl: VenueNumber,
    hash: z.string(),
    oid: z.number().int(),
    crossed: z.boolean(),
    fee: VenueNumber.nullish(),
    tid: z.number().int().nullish(),
    feeToken: z.string().nullish(),
    cloid: z.string().nullish(),
  }),
)

export const VenueUserRateLimit = z.looseObject({
  cumVlm: VenueNumber,
  nRequestsUsed: z.number().int(),
  nRequestsCap: z.number().int(),
})

/** Info requests the venue counts as weight 2; `userRole` is 60, every other is 20. @see spec hyperliquid.md §4 */
export const LIGHT_REQUESTS: ReadonlySet<string> = new Set([
  'l2Book',
  'allMids',
  'clearinghouseState',
  'orderStatus',
  'spotClearinghouseState',
  'exchangeStatus',
])

/** Rows of a reply that cost one more unit of weight, by request type. */
export const ROWS_PER_WEIGHT_UNIT: Readonly<Record<string, number>> = {
  candleSnapshot: 60,
  fundingHistory: 20,
  recentTrades: 20,
  historicalOrders: 20,
  userFills: 20,
  userFillsByTime: 20,
  userFunding: 20,
  userNonFundingLedgerUpdates: 20,
}
