import {z} from 'zod'
import {newAccount} from '../account.ts'
import type {VenueState} from '../venue-state.ts'
import * as account from './account-info.ts'
import * as market from './market-info.ts'

/** A reply of POST /info: a JSON body, or one of the venue's two ways of saying no. */
export type InfoReply =
  | {readonly kind: 'json'; readonly body: unknown}
  /** HTTP 422: unknown type, missing or malformed field */
  | {readonly kind: 'unreadable'}
  /** HTTP 500 with body `null`: unknown dex, unknown coin */
  | {readonly kind: 'null500'}

const Ms = z.number().int().min(0)
const Coin = z.string()
const Dex = z.string().nullish()
const User = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase())
const FOREVER = Number.MAX_SAFE_INTEGER

const requests = [
  z.object({type: z.literal('meta'), dex: Dex}),
  z.object({type: z.literal('metaAndAssetCtxs'), dex: Dex}),
  z.object({type: z.literal('perpDexs')}),
  z.object({type: z.literal('spotMeta')}),
  z.object({type: z.literal('spotMetaAndAssetCtxs')}),
  z.object({type: z.literal('allPerpMetas')}),
  z.object({type: z.literal('recentTrades'), coin: Coin}),
  z.object({type: z.literal('predictedFundings')}),
  z.object({type: z.literal('perpsAtOpenInterestCap'), dex: Dex}),
  z.object({type: z.literal('allMids'), dex: Dex}),
  z.object({type: z.literal('exchangeStatus')}),
  z.object({
    type: z.literal('candleSnapshot'),
    req: z.object({
      coin: Coin,
      interval: z.string().refine((interval) => interval in market.CANDLE_MS),
      startTime: Ms,
      endTime: Ms.nullish(),
    }),
  }),
  z.object({type: z.literal('fundingHistory'), coin: Coin, startTime: Ms, endTime: Ms.nullish()}),
  z.object({
    type: z.literal('l2Book'),
    coin: Coin,
    nSigFigs: z.number().int().min(2).max(5).nullish(),
    mantissa: z.number().int().refine(market.isMantissa).nullish(),
  }),
  z.object({type: z.literal('clearinghouseState'), user: User, dex: Dex}),
  z.object({type: z.literal('spotClearinghouseState'), user: User}),
  z.object({type: z.literal('userAbstraction'), user: User}),
  z.object({type: z.literal('openOrders'), user: User, dex: Dex}),
  z.object({type: z.literal('frontendOpenOrders'), user: User, dex: Dex}),
  z.object({type: z.literal('orderStatus'), user: User, oid: z.union([Ms, z.string().regex(/^0x[0-9a-fA-F]{32}$/)])}),
  z.object({type: z.literal('historicalOrders'), user: User}),
  z.object({type: z.literal('userFills'), user: User}),
  z.object({type: z.literal('userFillsByTime'), user: User, startTime: Ms, endTime: Ms.nullish()}),
  z.object({type: z.literal('userFunding'), user: User, startTime: Ms, endTime: Ms.nullish()}),
  z.object({type: z.literal('userFees'), user: User}),
  z.object({type: z.literal('userRateLimit'), user: User}),
  z.object({type: z.literal('userRole'), user: User}),
  z.object({type: z.literal('extraAgents'), user: User}),
  z.object({type: z.literal('activeAssetData'), user: User, coin: Coin}),
] as const

export const InfoRequest = z.discriminatedUnion('type', requests)
type InfoRequest = z.infer<typeof InfoRequest>

const json = (body: unknown): InfoReply => ({kind: 'json', body})
const NULL_500: InfoReply = {kind: 'null500'}

/** Answer one info request as the venue does. Unknown users are empty accounts, not errors. */
export function info(state: VenueState, body: unknown, now: number): InfoReply {
  const parsed = InfoRequest.safeParse(body)
  if (!parsed.success) return {kind: 'unreadable'}
  const request = parsed.data
  if ('dex' in request && request.dex) return NULL_500
  return 'user' in request ? accountInfo(state, request, now) : marketInfo(state, request, now)
}

type AccountRequest = Extract<InfoRequest, {user: string}>
type MarketRequest = Exclude<InfoRequest, {user: string}>

function marketInfo(state: VenueState, request: MarketRequest, now: number): InfoReply {
  const assetNamed = (coin: string): number => state.listing.findIndex(({name}) => name === coin)
  switch (request.type) {
    case 'meta':
      return json(market.meta(state))
    case 'metaAndAssetCtxs':
      return json(market.metaAndAssetCtxs(state, now))
    case 'perpDexs':
      return json([null])
    case 'spotMeta':
      return json(SPOT_META)
    case 'spotMetaAndAssetCtxs':
      return json([SPOT_META, []])
    case 'allPerpMetas':
      return json([market.meta(state)])
    case 'recentTrades': {
      const asset = assetNamed(request.coin)
      return asset < 0 ? NULL_500 : json(market.recentTrades(state, asset, now).reverse())
    }
    case 'predictedFundings':
      return json(market.predictedFundings(state, now))
    case 'perpsAtOpenInterestCap':
      return json([])
    case 'allMids':
      return json(market.allMids(state, now))
    case 'exchangeStatus':
      return json({time: now, specialStatuses: null})
    case 'candleSnapshot': {
      const {coin, interval, startTime, endTime} = request.req
      const asset = assetNamed(coin)
      return asset < 0 ? NULL_500 : json(market.candles(state, asset, interval, startTime, endTime ?? FOREVER, now))
    }
    case 'fundingHistory': {
      const asset = assetNamed(request.coin)
      if (asset < 0) return NULL_500
      return json(market.fundingHistory(state, asset, request.startTime, request.endTime ?? FOREVER, now))
    }
    case 'l2Book': {
      const asset = assetNamed(request.coin)
      // Unlike its neighbours this one answers an unknown coin with 200 and null.
      return json(
        asset < 0 ? null : market.l2Book(state, asset, request.nSigFigs ?? null, request.mantissa ?? null, now),
      )
    }
    default:
      return request satisfies never
  }
}

function accountInfo(state: VenueState, request: AccountRequest, now: number): InfoReply {
  const {user} = request
  const owner = state.accounts.get(user) ?? newAccount(user)
  switch (request.type) {
    case 'clearinghouseState':
      return json(account.clearinghouseState(state, owner, now))
    case 'spotClearinghouseState':
      return json({balances: []})
    case 'userAbstraction':
      return json('disabled')
    case 'openOrders':
      return json(account.openOrders(state, user))
    case 'frontendOpenOrders':
      return json(account.frontendOpenOrders(state, user))
    case 'orderStatus':
      return json(account.orderStatus(state, user, request.oid))
    case 'historicalOrders':
      return json(account.historicalOrders(state, user))
    case 'userFills':
      return json(account.userFills(owner))
    case 'userFillsByTime':
      return json(account.userFillsByTime(owner, request.startTime, request.endTime ?? FOREVER))
    case 'userFunding':
      return json(account.userFunding(owner, request.startTime, request.endTime ?? FOREVER))
    case 'userFees':
      return json(account.userFees())
    case 'userRateLimit':
      return json(account.userRateLimit(owner))
    case 'userRole':
      return json(account.userRole(state, user))
    case 'extraAgents':
      return json(account.extraAgents(owner))
    case 'activeAssetData': {
      const asset = state.listing.findIndex(({name, market}) => name === request.coin && market.trades)
      return asset < 0 ? NULL_500 : json(account.activeAssetData(state, owner, asset, now))
    }
    default:
      return request satisfies never
  }
}

const SPOT_META = {
  universe: [],
  tokens: [
    {
      name: 'USDC',
      szDecimals: 8,
      weiDecimals: 8,
      index: 0,
      tokenId: '0x6d1e7cde53ba9467b783cb7c530ce054',
      isCanonical: true,
      evmContract: null,
      fullName: null,
    },
  ],
}
