import {z} from 'zod'
import type {Fill} from '../contracts/orders.ts'
import {decimal, decimalText} from '../kernel/decimal.ts'
import {Fault} from '../kernel/fault.ts'
import type {Level} from './market-state.ts'

/** Money of the venue, as decimal text without trailing zeros. */
const Money = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform((text) => decimalText(decimal(text)))
const Id = z.union([z.number().int(), z.bigint(), z.string()]).transform(String)

const L2Book = z.looseObject({
  time: z.number(),
  levels: z.tuple([
    z.array(z.looseObject({px: z.string(), sz: z.string()})),
    z.array(z.looseObject({px: z.string(), sz: z.string()})),
  ]),
})

const MetaAndCtxs = z.tuple([
  z.looseObject({
    universe: z.array(
      z.looseObject({
        name: z.string(),
        szDecimals: z.number().int().min(0).max(8),
        isDelisted: z.boolean().optional(),
        maxLeverage: z.number().optional(),
      }),
    ),
  }),
  z.array(
    z.looseObject({
      markPx: z.string().nullish(),
      oraclePx: z.string().nullish(),
      midPx: z.string().nullish(),
      dayNtlVlm: z.string().nullish(),
    }),
  ),
])

const Fills = z.array(
  z.looseObject({
    tid: Id,
    oid: Id,
    cloid: z.string().nullish(),
    coin: z.string(),
    side: z.enum(['A', 'B']),
    px: Money,
    sz: Money,
    fee: Money,
    closedPnl: Money,
    startPosition: Money,
    dir: z.string(),
    crossed: z.boolean(),
    time: z.number().int(),
  }),
)

export interface Listing {
  readonly coin: string
  readonly sizeDecimals: number
  readonly delisted: boolean
  readonly mark: string | null
  readonly oracle: string | null
  readonly dayVolumeUsd: string | null
}

/** `l2Book` -> both sides, best first, and the venue time of the book. @throws Fault `venue.unreadable` (venue) */
export function readBook(reply: unknown): {bids: Level[]; asks: Level[]; time: number} {
  const {levels, time} = parsed(L2Book, reply, 'l2Book')
  return {bids: levels[0], asks: levels[1], time}
}

/** `exchangeStatus` -> the venue's clock, epoch ms. @throws Fault `venue.unreadable` (venue) */
export const readStatus = (reply: unknown): number =>
  parsed(z.looseObject({time: z.number().int().positive()}), reply, 'exchangeStatus').time

/** `metaAndAssetCtxs` -> one listing per perpetual. @throws Fault `venue.unreadable` (venue) */
export function readListings(reply: unknown): Map<string, Listing> {
  const [{universe}, contexts] = parsed(MetaAndCtxs, reply, 'metaAndAssetCtxs')
  return new Map(
    universe.map(({name, szDecimals, isDelisted}, i) => {
      const context = contexts[i]
      return [
        name,
        {
          coin: name,
          sizeDecimals: szDecimals,
          delisted: isDelisted === true,
          mark: context?.markPx ?? null,
          oracle: context?.oraclePx ?? null,
          dayVolumeUsd: context?.dayNtlVlm ?? null,
        },
      ]
    }),
  )
}

/** `userFillsByTime` -> fills in our words, in the venue's order. @throws Fault `venue.unreadable` (venue) */
export const readFills = (reply: unknown): Fill[] =>
  parsed(Fills, reply, 'userFillsByTime').map((fill) => ({
    tid: fill.tid,
    oid: fill.oid,
    cloid: fill.cloid ?? null,
    coin: fill.coin,
    side: fill.side === 'B' ? 'buy' : 'sell',
    px: fill.px,
    sz: fill.sz,
    fee: fill.fee,
    closedPnl: fill.closedPnl,
    startPosition: fill.startPosition,
    dir: fill.dir,
    crossed: fill.crossed,
    time: fill.time,
  }))

function parsed<S extends z.ZodType>(schema: S, reply: unknown, what: string): z.infer<S> {
  const result = schema.safeParse(reply)
  if (result.success) return result.data
  throw new Fault('venue.unreadable', {
    family: 'venue',
    what: `The venue's answer to ${what} cannot be read.`,
    why: result.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('\n'),
    next: ['run the command again', 'qo doctor'],
  })
}
