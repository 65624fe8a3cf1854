import {decimalText, divide} from '../../kernel/decimal.ts'
import {type Account, type LeverageSetting, MEMORY, type Position, type WireFill} from '../account.ts'
import {absolute, leverageOf, type MarginView, marginOf, positionValue} from '../margin.ts'
import type {Order} from '../order.ts'
import {requestCap} from '../rate-limit.ts'
import {openOrdersOf, ordersOf, type VenueState} from '../venue-state.ts'
import {CASH_SCALE, notional, pxText, szDecimal, szText, usdText} from '../wire.ts'

const summary = (view: MarginView, cash: bigint) => ({
  accountValue: usdText(view.accountValue),
  totalNtlPos: usdText(view.notional),
  totalRawUsd: usdText(cash),
  totalMarginUsed: usdText(view.used),
})

export function clearinghouseState(state: VenueState, account: Account, now: number) {
  const view = marginOf(state, account, now)
  const tenth = view.notional / 10n
  const free = view.accountValue - (view.used > tenth ? view.used : tenth)
  return {
    marginSummary: summary(view, account.cash),
    crossMarginSummary: summary(view, account.cash),
    crossMaintenanceMarginUsed: usdText(view.maintenance),
    withdrawable: usdText(free > 0n ? free : 0n),
    assetPositions: [...account.positions]
      .sort(([a], [b]) => a - b)
      .map(([asset, position]) => ({
        type: 'oneWay',
        position: positionRow(state, account, asset, position, view, now),
      })),
    time: now,
  }
}

function positionRow(
  state: VenueState,
  account: Account,
  asset: number,
  position: Position,
  view: MarginView,
  now: number,
) {
  const {name, szDecimals, maxLeverage} = state.listing[asset]!
  const value = positionValue(state, account, asset, now)
  const size = absolute(value)
  const pnl = position.lots > 0 ? size - position.cost : position.cost - size
  const leverage = leverageOf(state, account, asset)
  const margin = size / BigInt(leverage.value)
  const entryMargin = position.cost / BigInt(leverage.value)
  return {
    coin: name,
    szi: szText(position.lots, szDecimals),
    leverage: leverageRow(leverage),
    entryPx: entryText(position, szDecimals),
    positionValue: usdText(size),
    unrealizedPnl: usdText(pnl),
    returnOnEquity: entryMargin === 0n ? '0.0' : (Number(pnl) / Number(entryMargin)).toFixed(10),
    liquidationPx: liquidationText(state, asset, position, view),
    marginUsed: usdText(margin),
    maxLeverage,
    cumFunding: {
      allTime: usdText(account.fundingPaid.get(asset) ?? 0n),
      sinceOpen: usdText(position.fundingSinceOpen),
      sinceChange: usdText(position.fundingSinceChange),
    },
  }
}

const leverageRow = ({isCross, value}: LeverageSetting) => ({type: isCross ? 'cross' : 'isolated', value})

function entryText({cost, lots}: Position, szDecimals: number): string {
  const average = divide({units: cost, scale: CASH_SCALE}, szDecimal(Math.abs(lots), szDecimals), 6, 'half')
  const text = decimalText(average)
  return text.includes('.') ? text : `${text}.0`
}

/** px − side · margin_available / size / (1 − l · side), l = 1 / maintenance leverage: where equity meets maintenance. */
function liquidationText(state: VenueState, asset: number, {lots}: Position, view: MarginView): string | null {
  const {szDecimals, maxLeverage, market} = state.listing[asset]!
  const side = lots > 0 ? 1 : -1
  const size = Math.abs(lots) / 10 ** szDecimals
  const available = Number(view.accountValue - view.maintenance) / 10 ** CASH_SCALE
  const mark = market.midAt(state.clock.now()) / 1e6
  const px = mark - (side * available) / size / (1 - side / (2 * maxLeverage))
  return px > 0 ? px.toFixed(8) : null
}

export const openOrders = (state: VenueState, user: string) =>
  newestFirst(openOrdersOf(state, user)).map((order) => {
    const {coin, side, limitPx, sz, oid, timestamp, origSz} = frontendOrder(state, order)
    const options = {...(order.cloid ? {cloid: order.cloid} : {}), ...(order.reduceOnly ? {reduceOnly: true} : {})}
    return {coin, side, limitPx, sz, oid, timestamp, origSz, ...options}
  })

export const frontendOpenOrders = (state: VenueState, user: string) =>
  newestFirst(openOrdersOf(state, user)).map((order) => frontendOrder(state, order))

export function frontendOrder({listing}: VenueState, order: Order) {
  const {name, szDecimals} = listing[order.asset] ?? {name: 'UNKNOWN', szDecimals: 0}
  return {
    coin: name,
    side: order.isBuy ? ('B' as const) : ('A' as const),
    limitPx: pxText(order.px),
    sz: szText(order.lots, szDecimals),
    oid: order.oid,
    timestamp: order.timestamp,
    triggerCondition: 'N/A',
    isTrigger: false,
    triggerPx: '0.0',
    children: [],
    isPositionTpsl: false,
    reduceOnly: order.reduceOnly,
    orderType: 'Limit',
    origSz: szText(order.origLots, szDecimals),
    tif: order.tif,
    cloid: order.cloid,
  }
}

const statusRow = (state: VenueState, order: Order) => ({
  order: frontendOrder(state, order),
  status: order.status,
  statusTimestamp: order.statusTimestamp,
})

/** By oid or cloid; the newest order of a reused cloid. */
export function orderStatus(state: VenueState, user: string, oid: number | string) {
  const order =
    typeof oid === 'number'
      ? state.orders.get(oid)
      : ordersOf(state, user).findLast(({cloid}) => cloid === oid.toLowerCase())
  return order?.user === user ? {status: 'order', order: statusRow(state, order)} : {status: 'unknownOid'}
}

export const historicalOrders = (state: VenueState, user: string) =>
  newestFirst(ordersOf(state, user))
    .slice(0, MEMORY)
    .map((order) => statusRow(state, order))

/** Newest first, as the venue sends them. */
export const userFills = ({fills}: Account): WireFill[] => [...fills].reverse()

/** Oldest first from startTime; at most 2,000. */
export const userFillsByTime = ({fills}: Account, from: number, to: number): WireFill[] =>
  fills.filter(({time}) => time >= from && time <= to).slice(0, MEMORY)

export const userFunding = ({fundings}: Account, from: number, to: number) =>
  fundings.filter(({time}) => time >= from && time <= to).slice(0, 500)

export const userRateLimit = (account: Account) => ({
  cumVlm: usdText(account.volume),
  nRequestsUsed: account.requests,
  nRequestsCap: requestCap(account),
  nRequestsSurplus: 0,
})

const NEUTRAL_TIERS = {vip: [], mm: []}

/** Tier 0 of the venue's table. */
export const userFees = () => ({
  dailyUserVlm: [],
  feeSchedule: {
    cross: '0.00045',
    add: '0.00015',
    spotCross: '0.0007',
    spotAdd: '0.0004',
    tiers: NEUTRAL_TIERS,
    referralDiscount: '0.04',
    stakingDiscountTiers: [],
  },
  userCrossRate: '0.00045',
  userAddRate: '0.00015',
  userSpotCrossRate: '0.0007',
  userSpotAddRate: '0.0004',
  activeReferralDiscount: '0.0',
  trial: null,
  feeTrialReward: '0.0',
  nextTrialAvailableTimestamp: null,
  stakingLink: null,
  activeStakingDiscount: {bpsOfMaxSupply: '0.0', discount: '0.0'},
})

export const extraAgents = ({agents}: Account) =>
  [...agents].filter(([, {name}]) => name !== '').map(([address, {name, validUntil}]) => ({name, address, validUntil}))

export function userRole({accounts}: VenueState, user: string) {
  if (accounts.has(user)) return {role: 'user'}
  for (const account of accounts.values()) {
    if (account.agents.has(user)) return {role: 'agent', data: {user: account.address}}
  }
  return {role: 'missing'}
}

export function activeAssetData(state: VenueState, account: Account, asset: number, now: number) {
  const {name, szDecimals} = state.listing[asset]!
  const leverage = leverageOf(state, account, asset)
  const view = marginOf(state, account, now)
  const free = view.accountValue > view.used ? view.accountValue - view.used : 0n
  const mark = state.listing[asset]!.market.midAt(now)
  const lot = notional(mark, 1, szDecimals)
  const lots = szText(Number((free * BigInt(leverage.value)) / lot), szDecimals)
  return {
    user: account.address,
    coin: name,
    leverage: leverageRow(leverage),
    maxTradeSzs: [lots, lots],
    availableToTrade: [usdText(free), usdText(free)],
    markPx: pxText(mark),
  }
}

const newestFirst = (orders: readonly Order[]): Order[] => [...orders].sort((a, b) => b.oid - a.oid)
