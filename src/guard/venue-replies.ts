import {z} from 'zod'
import {Cloid, type Fill, type OpenOrder} from '../contracts/orders.ts'
import {decimal, decimalText} from '../kernel/decimal.ts'

/** The venue's replies, as far as the guard reads them. Other keys may come and go; these may not. */
const Text = z.string().regex(/^-?\d+(\.\d+)?$/)
const side = z.enum(['A', 'B']).transform((letter) => (letter === 'B' ? ('buy' as const) : ('sell' as const)))
const cloid = Cloid.nullish().transform((id) => id ?? null)
/** Shortest text: the venue sends "1.0" and "0.50". */
const amount = Text.transform((text) => decimalText(decimal(text)))

export const ClearinghouseState = z.object({
  marginSummary: z.object({accountValue: amount}),
  assetPositions: z.array(
    z.object({
      position: z.object({
        coin: z.string(),
        szi: amount,
        entryPx: amount.nullish().transform((px) => px ?? null),
        unrealizedPnl: amount,
      }),
    }),
  ),
  time: z.number().int().positive(),
})
export type ClearinghouseState = z.infer<typeof ClearinghouseState>

export const OpenOrders = z.array(
  z
    .object({
      coin: z.string(),
      side,
      limitPx: amount,
      sz: amount,
      oid: z.number(),
      timestamp: z.number(),
      cloid,
      reduceOnly: z.boolean().nullish(),
      isTrigger: z.boolean().nullish(),
    })
    .transform(
      ({limitPx, oid, timestamp, reduceOnly, isTrigger, ...order}): OpenOrder => ({
        ...order,
        oid: String(oid),
        px: limitPx,
        reduceOnly: reduceOnly === true,
        isTrigger: isTrigger === true,
        time: timestamp,
      }),
    ),
)

export const Listing = z.tuple([
  z.object({
    universe: z.array(
      z.object({name: z.string(), szDecimals: z.number().int().nonnegative(), isDelisted: z.boolean().nullish()}),
    ),
  }),
  z.array(z.object({markPx: Text.nullish(), oraclePx: Text.nullish(), dayNtlVlm: Text.nullish()})),
])

const Levels = z.array(z.object({px: Text, sz: Text}))
export const L2Book = z.object({coin: z.string(), time: z.number(), levels: z.tuple([Levels, Levels])}).nullable()
export type L2Book = NonNullable<z.infer<typeof L2Book>>

export const OrderStatusReply = z.union([
  z.object({
    status: z.literal('order'),
    order: z.object({
      order: z.object({oid: z.number(), sz: amount, origSz: amount, cloid}),
      status: z.string(),
      statusTimestamp: z.number(),
    }),
  }),
  z.object({status: z.literal('unknownOid')}),
])

export const Fills = z.array(
  z
    .object({
      tid: z.number(),
      oid: z.number(),
      cloid,
      coin: z.string(),
      side,
      px: amount,
      sz: amount,
      fee: amount,
      closedPnl: amount,
      startPosition: amount,
      dir: z.string(),
      crossed: z.boolean(),
      time: z.number().int(),
    })
    .transform(({tid, oid, ...fill}): Fill => ({...fill, tid: String(tid), oid: String(oid)})),
)

export const RateLimit = z.object({nRequestsUsed: z.number(), nRequestsCap: z.number()})
