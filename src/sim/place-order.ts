import {decimalText, divide} from '../kernel/decimal.ts'
import {type Account, MEMORY} from './account.ts'
import {closeOrder} from './cancel-order.ts'
import type {Match, Order, OrderRequest} from './order.ts'
import {checkOrder} from './order-checks.ts'
import {execute, pruneReduceOnly} from './trade.ts'
import type {VenueState} from './venue-state.ts'
import {CASH_SCALE, notional, pxDecimal, szDecimal, szText} from './wire.ts'

export type PlaceStatus =
  | {readonly resting: {readonly oid: number; readonly cloid?: string}}
  | {readonly filled: {readonly totalSz: string; readonly avgPx: string; readonly oid: number; readonly cloid?: string}}
  | {readonly error: string}

/**
 * One order through the venue's state machine: checks, matching, resting.
 *
 * Alo that would trade is refused; Ioc trades what it can and the rest is cancelled; Gtc trades, then rests. A refused
 * order is remembered with its status, as on the real venue.
 */
export function placeOrder(state: VenueState, account: Account, request: OrderRequest, now: number): PlaceStatus {
  const checked = checkOrder(state, account, request, now)
  if (checked.kind === 'refused') {
    remember(state, newOrder(state, account, request, 0, 0, now), checked.status)
    return {error: checked.error}
  }
  const order = newOrder(state, account, request, checked.px, checked.lots, now)
  const book = state.books[order.asset]!
  const matches = book.matches(order.isBuy, order.px, order.lots, now)
  if (order.tif === 'Alo' && matches.length > 0) {
    remember(state, order, 'badAloPxRejected')
    const {bid, ask} = book.touch(now)
    const bbo = `${touchText(bid)}@${touchText(ask)}`
    return {error: `Post only order would have immediately matched, bbo was ${bbo}. asset=${order.asset}`}
  }
  if (order.tif === 'Ioc' && matches.length === 0) {
    if (book.market.bookTime(now) === null) {
      remember(state, order, 'marketOrderNoLiquidityRejected')
      return {error: `No liquidity available for market order. asset=${order.asset}`}
    }
    remember(state, order, 'iocCancelRejected')
    return {error: `Order could not immediately match against any resting orders. asset=${order.asset}`}
  }
  state.orders.set(order.oid, order)
  const traded = takeMatches(state, order, matches, now)
  if (order.lots > 0 && order.tif === 'Ioc') closeOrder(state, order, 'canceled', now)
  if (order.lots > 0 && order.status === 'open') book.rest(order, now)
  if (order.reduceOnly) pruneReduceOnly(state, order.user, order.asset, now)
  forget(state, account.address)
  return statusOf(state, order, traded)
}

interface Traded {
  readonly lots: number
  readonly value: bigint
}

function takeMatches(state: VenueState, order: Order, matches: readonly Match[], now: number): Traded {
  const book = state.books[order.asset]!
  const {szDecimals} = state.listing[order.asset]!
  let lots = 0
  let value = 0n
  for (const {px, maker, lots: size} of matches) {
    // The venue never lets an account trade with itself: the resting order goes, the taker goes on.
    if (maker?.user === order.user) {
      closeOrder(state, maker, 'selfTradeCanceled', now)
      continue
    }
    if (maker === null) book.takeQuoted(px, size, now)
    execute(state, {asset: order.asset, px, lots: size, takerIsBuy: order.isBuy, taker: order, maker, time: now})
    lots += size
    value += notional(px, size, szDecimals)
  }
  return {lots, value}
}

function statusOf(state: VenueState, order: Order, traded: Traded): PlaceStatus {
  const {szDecimals} = state.listing[order.asset]!
  const identity = {oid: order.oid, ...(order.cloid === null ? {} : {cloid: order.cloid})}
  if (order.status === 'open') return {resting: identity}
  if (traded.lots === 0) {
    return {error: `Order could not immediately match against any resting orders. asset=${order.asset}`}
  }
  const average = divide({units: traded.value, scale: CASH_SCALE}, szDecimal(traded.lots, szDecimals), 6, 'half')
  return {filled: {totalSz: szText(traded.lots, szDecimals), avgPx: decimalText(average), ...identity}}
}

function newOrder(
  state: VenueState,
  account: Account,
  {asset, isBuy, tif, reduceOnly, cloid}: OrderRequest,
  px: number,
  lots: number,
  now: number,
): Order {
  return {
    oid: state.nextOid++,
    user: account.address,
    ...{asset, isBuy, px, origLots: lots, lots, tif, reduceOnly, cloid},
    timestamp: now,
    status: 'open',
    statusTimestamp: now,
    queueAhead: 0,
  }
}

function remember(state: VenueState, order: Order, status: string): void {
  order.status = status
  state.orders.set(order.oid, order)
}

/** The venue remembers an account's latest 2,000 orders beside its open ones. */
function forget(state: VenueState, user: string): void {
  if (state.orders.size < 2 * MEMORY * Math.max(1, state.accounts.size)) return
  const closed = [...state.orders.values()].filter((order) => order.user === user && order.status !== 'open')
  for (const order of closed.slice(0, -MEMORY)) state.orders.delete(order.oid)
}

const touchText = (px: number): string => (px > 0 && Number.isFinite(px) ? decimalText(pxDecimal(px)) : '0')
