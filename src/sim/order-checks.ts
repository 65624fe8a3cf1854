import {compare, type Decimal, decimal} from '../kernel/decimal.ts'
import type {Account} from './account.ts'
import {hasMargin} from './margin.ts'
import {PX_DECIMALS, tickAt} from './market/price-grid.ts'
import type {OrderRequest} from './order.ts'
import {markPx, openOrdersOf, type VenueState} from './venue-state.ts'
import {notional} from './wire.ts'

/** An order on the venue's grid, its size capped when it may only reduce; or the words it is refused with. */
export type CheckedOrder =
  | {readonly kind: 'accepted'; readonly px: number; readonly lots: number}
  | {readonly kind: 'refused'; readonly error: string; readonly status: string}

const MAX_OPEN_ORDERS = 1000

/**
 * The checks every order passes before it may match, in the venue's order: asset, tick and lot, minimum notional,
 * price band, reduce-only, open-order cap, margin.
 *
 * @see spec hyperliquid.md §6.2 for the order, §4 for the words
 */
export function checkOrder(state: VenueState, account: Account, request: OrderRequest, now: number): CheckedOrder {
  const refuse = (error: string, status: string): CheckedOrder => ({
    kind: 'refused',
    error: `${error} asset=${request.asset}`,
    status,
  })
  const asset = state.listing[request.asset]
  if (!asset?.market.trades) return refuse('Asset is not tradable.', 'rejected')
  const px = onScale(decimal(request.px), PX_DECIMALS)
  if (px === null || px === 0) return refuse('Order has invalid price.', 'rejected')
  if (px % tickAt(px, asset.szDecimals) !== 0) return refuse('Price must be divisible by tick size.', 'tickRejected')
  const size = onScale(decimal(request.sz), asset.szDecimals)
  if (size === null) return refuse('Order has invalid size.', 'rejected')
  if (size === 0) return refuse('Order has zero size.', 'rejected')

  const held = account.positions.get(request.asset)?.lots ?? 0
  const reduces = held !== 0 && held > 0 !== request.isBuy
  const closesAll = request.reduceOnly && reduces && size >= Math.abs(held)
  if (notional(px, size, asset.szDecimals) < state.terms.minNotional && !closesAll) {
    return refuse('Order must have minimum value of $10.', 'minTradeNtlRejected')
  }
  const mark = markPx(state, request.asset, now)
  if (Math.abs(px - mark) > 0.8 * mark) {
    return refuse('Order price cannot be more than 80% away from the reference price.', 'oracleRejected')
  }
  if (request.reduceOnly && !reduces) {
    return refuse('Reduce only order would increase position.', 'reduceOnlyRejected')
  }
  if (openOrdersOf(state, account.address).length >= MAX_OPEN_ORDERS) {
    return refuse('Too many open orders.', 'tooManyOpenOrdersRejected')
  }
  const lots = request.reduceOnly ? Math.min(size, Math.abs(held)) : size
  if (!hasMargin(state, account, request.asset, request.isBuy ? lots : -lots, now)) {
    return refuse('Insufficient margin to place order.', 'perpMarginRejected')
  }
  return {kind: 'accepted', px, lots}
}

/** Decimal -> integer count of 10^-scale; null when it has more digits or leaves the safe integers. */
function onScale(value: Decimal, scale: number): number | null {
  if (value.scale > scale && value.units % 10n ** BigInt(value.scale - scale) !== 0n) return null
  const units =
    value.scale > scale
      ? value.units / 10n ** BigInt(value.scale - scale)
      : value.units * 10n ** BigInt(scale - value.scale)
  const safe = compare({units, scale: 0}, {units: BigInt(Number.MAX_SAFE_INTEGER), scale: 0}) <= 0
  return safe ? Number(units) : null
}
