import {z} from 'zod'
import {CANDLE_MS} from '../info/market-info.ts'
import type {VenueState} from '../venue-state.ts'

/** One stream of the venue. Two clients that ask for the same get the same frames. */
export interface Subscription {
  readonly kind: Kind
  /** identity: the acknowledged form as text */
  readonly key: string
  /** what the acknowledgement repeats, defaults filled in */
  readonly echo: Readonly<Record<string, unknown>>
  /** the venue's channel, as frames name it */
  readonly channel: string
  /** index in the listing; null for channels about all coins */
  readonly asset: number | null
  readonly coin: string | null
  readonly interval: string | null
  readonly nSigFigs: number | null
  readonly mantissa: number | null
}

export type Kind =
  | 'l2Book'
  | 'l2BookFast'
  | 'bbo'
  | 'trades'
  | 'candle'
  | 'activeAssetCtx'
  | 'allMids'
  | 'allDexsAssetCtxs'
  | 'fastAssetCtxs'

export type SubscriptionAnswer =
  | {readonly kind: 'ok'; readonly subscription: Subscription}
  /** not a request of this API: `Error parsing JSON into valid websocket request` */
  | {readonly kind: 'unreadable'}
  /** well formed but senseless: `Invalid subscription` */
  | {readonly kind: 'invalid'; readonly echo: Readonly<Record<string, unknown>>}
  /** the venue drops the whole connection, without a word */
  | {readonly kind: 'fatal'}

const Coin = z.string()
const User = z.string()
const Dex = z.string().nullish()

/** Feeds of an account: this venue has none over the socket. */
const USER_FEEDS = [
  'orderUpdates',
  'userEvents',
  'userFills',
  'userFundings',
  'userNonFundingLedgerUpdates',
  'clearinghouseState',
  'openOrders',
  'spotState',
  'webData3',
  'notification',
] as const

const Request = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('l2Book'),
    coin: Coin,
    nSigFigs: z.number().int().nullish(),
    mantissa: z.number().int().nullish(),
    fast: z.boolean().nullish(),
  }),
  z.object({type: z.literal('bbo'), coin: Coin}),
  z.object({type: z.literal('trades'), coin: Coin}),
  z.object({type: z.literal('candle'), coin: Coin, interval: z.string()}),
  z.object({type: z.literal('activeAssetCtx'), coin: Coin}),
  z.object({type: z.literal('allMids'), dex: Dex}),
  z.object({type: z.literal('allDexsAssetCtxs')}),
  z.object({type: z.literal('fastAssetCtxs')}),
  z.object({type: z.enum(USER_FEEDS), user: User}),
])

/** Judge the `subscription` object of a client's frame. @see spec hyperliquid.md §0.2, §2 */
export function readSubscription(state: VenueState, value: unknown): SubscriptionAnswer {
  const parsed = Request.safeParse(value)
  if (!parsed.success) return {kind: 'unreadable'}
  const request = parsed.data
  if ('user' in request) return {kind: 'invalid', echo: request}
  const asset = 'coin' in request ? state.listing.findIndex(({name}) => name === request.coin) : null
  if (asset !== null && asset < 0) return {kind: 'fatal'}
  const coin = 'coin' in request ? request.coin : null
  const base = {asset, coin, interval: null, nSigFigs: null, mantissa: null}
  switch (request.type) {
    case 'l2Book': {
      const {nSigFigs = null, mantissa = null, fast} = request
      const isFatal =
        (nSigFigs !== null && (nSigFigs < 2 || nSigFigs > 5)) ||
        (mantissa !== null && (nSigFigs !== 5 || ![1, 2, 5].includes(mantissa)))
      if (isFatal) return {kind: 'fatal'}
      const echo = {type: 'l2Book', coin, nSigFigs, mantissa, fast: fast === true}
      const kind = fast === true ? 'l2BookFast' : 'l2Book'
      return stream({...base, kind, channel: 'l2Book', echo, nSigFigs, mantissa})
    }
    case 'candle': {
      const {type, interval} = request
      const echo = {type, coin, interval}
      if (!(interval in CANDLE_MS)) return {kind: 'invalid', echo}
      return stream({...base, kind: type, channel: type, echo, interval})
    }
    case 'bbo':
    case 'trades':
    case 'activeAssetCtx':
      return stream({...base, kind: request.type, channel: request.type, echo: {type: request.type, coin}})
    case 'allMids': {
      const {type, dex = null} = request
      // A dex of builders that nobody deployed here is as unknown as a coin.
      if (dex !== null && dex !== '') return {kind: 'fatal'}
      return stream({...base, kind: type, channel: type, echo: {type, dex}})
    }
    case 'allDexsAssetCtxs':
    case 'fastAssetCtxs':
      return stream({...base, kind: request.type, channel: request.type, echo: {type: request.type}})
    default:
      return request satisfies never
  }
}

const stream = (parts: Omit<Subscription, 'key'>): SubscriptionAnswer => ({
  kind: 'ok',
  subscription: {...parts, key: JSON.stringify(parts.echo)},
})
