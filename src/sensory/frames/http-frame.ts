import {z} from 'zod'
import type {Asked} from '../awaited.ts'
import type {RawRows} from '../check-rows.ts'
import {barRowsOf, contextRowsOf, FUNDING_PAGE, type Listed, listedOf, paymentRowsOf} from '../venue-rows.ts'

const Frame = z.strictObject({
  request: z.record(z.string(), z.unknown()),
  reply: z.unknown(),
  askedAt: z.number().int().describe('venue time when the request left, epoch ms'),
  receivedAt: z.number().int().describe('venue time when the reply was here, epoch ms'),
})

/** One answered info request: what is kept of it, and all that its rows depend on. */
export type HttpFrame = z.infer<typeof Frame>

export const httpFrameText = (frame: HttpFrame): string => JSON.stringify(frame)

/** Null when the text is no such frame. */
export function readHttpFrame(text: string): HttpFrame | null {
  try {
    return Frame.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** What a reply holds, by the table it belongs to. */
export type HttpRows =
  | {readonly table: 'universe'; readonly listed: readonly Listed[]}
  | {readonly table: 'asset_ctx'; readonly rows: ReturnType<typeof contextRowsOf>}
  | {
      readonly table: 'candles'
      readonly coin: string
      readonly interval: string
      readonly raw: RawRows
      /** null when the request does not say from when to when */
      readonly asked: Asked | null
    }
  | {
      readonly table: 'funding'
      readonly coin: string
      readonly raw: RawRows
      /** null for a page that another follows, and for a request that does not say from when to when */
      readonly asked: Asked | null
    }

const BarRequest = z.looseObject({
  req: z.looseObject({
    coin: z.string(),
    interval: z.string(),
    startTime: z.number().optional(),
    endTime: z.number().optional(),
  }),
})
const CoinRequest = z.looseObject({coin: z.string(), startTime: z.number().optional(), endTime: z.number().optional()})

/**
 * Rows of one reply. A bar that closed after the request left was still running and is left out.
 *
 * @returns null for a request whose reply belongs to no table
 * @throws Fault `venue.malformed` (venue)
 */
export function httpRows({request, reply, askedAt, receivedAt}: HttpFrame): HttpRows | null {
  switch (request['type']) {
    case 'meta':
      return {table: 'universe', listed: listedOf(reply)}
    case 'metaAndAssetCtxs':
      return {table: 'asset_ctx', rows: contextRowsOf(reply, receivedAt)}
    case 'candleSnapshot': {
      const {coin, interval, startTime, endTime} = BarRequest.parse(request).req
      const raw = barRowsOf(reply, coin, interval, askedAt)
      const isBounded = startTime !== undefined && endTime !== undefined
      const asked = isBounded ? {from: startTime, to: Math.min(endTime + 1, askedAt)} : null
      return {table: 'candles', coin, interval, raw, asked}
    }
    case 'fundingHistory': {
      const {coin, startTime, endTime} = CoinRequest.parse(request)
      const raw = paymentRowsOf(reply, coin)
      const isWhole = startTime !== undefined && raw.count < FUNDING_PAGE
      const to = Math.min(endTime ?? askedAt, askedAt)
      return {table: 'funding', coin, raw, asked: isWhole ? {from: startTime, to} : null}
    }
    default:
      return null
  }
}
