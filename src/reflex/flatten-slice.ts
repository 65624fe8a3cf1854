import type {OrderSide, Tif} from '../contracts/orders.ts'
import {abs, add, compare, type Decimal, decimal, decimalText, divide, isZero, subtract} from '../kernel/decimal.ts'
import {exact, exactPositive, portion, smallest} from './controls/exact.ts'
import {roundLots, roundPrice} from './price-grid.ts'

/** Distance from mark of the first, second and all later tries. The emergency path reads no configuration. */
const COLLARS = [0.01, 0.02, 0.03] as const
/** The venue's smallest order, USD. */
export const MIN_NOTIONAL = decimal('10')

export interface HaltMarket {
  readonly sizeDecimals: number
  readonly markPx: string | null
  /** best first, as the venue sends them */
  readonly bids: readonly {readonly px: string; readonly sz: string}[]
  readonly asks: readonly {readonly px: string; readonly sz: string}[]
}

export interface HaltSlice {
  readonly coin: string
  readonly side: OrderSide
  readonly sz: string
  readonly px: string
  readonly tif: Tif
}

export interface Flattening {
  readonly coin: string
  /** signed coins */
  readonly szi: string
  readonly market: HaltMarket
  /** slices sent for this coin so far */
  readonly tries: number
  readonly postOnly: boolean
}

/**
 * One reduce-only order towards flat, inside the collar, no larger than what the book shows there.
 *
 * @returns null when there is no price inside the collar: wait rather than sell into a hole
 */
export function sliceOf({coin, szi, market, tries, postOnly}: Flattening): HaltSlice | null {
  const [position, mark] = [exact(szi), exactPositive(market.markPx)]
  if (position === null || mark === null) return null
  const side: OrderSide = position.units > 0n ? 'sell' : 'buy'
  const whole = roundLots(abs(position), market.sizeDecimals)
  if (isZero(whole)) return null
  if (postOnly) return restingSlice(coin, side, whole, market)
  const collar = portion(mark, COLLARS[Math.min(tries, COLLARS.length - 1)]!)
  const edge = side === 'sell' ? subtract(mark, collar) : add(mark, collar)
  // `passive` rounds towards mark: into the collar, never out of it.
  const px = roundPrice(edge, market.sizeDecimals, side, 'passive')
  const shown = shownWithin(market, side, decimal(px))
  if (isZero(shown)) return null
  const least = smallest(whole, divide(MIN_NOTIONAL, decimal(px), market.sizeDecimals, 'up'))
  const size = smallest(whole, compare(shown, least) < 0 ? least : roundLots(shown, market.sizeDecimals))
  return {coin, side, sz: decimalText(size), px, tif: 'Ioc'}
}

/** While the venue takes post-only orders alone: one reduce-only order at the touch. */
function restingSlice(coin: string, side: OrderSide, whole: Decimal, market: HaltMarket): HaltSlice | null {
  const touch = exactPositive((side === 'sell' ? market.asks : market.bids)[0]?.px)
  return touch === null ? null : {coin, side, sz: decimalText(whole), px: decimalText(touch), tif: 'Alo'}
}

/** Coins that the other side shows at `px` or better. */
function shownWithin({bids, asks}: HaltMarket, side: OrderSide, px: Decimal): Decimal {
  let sum: Decimal = {units: 0n, scale: 0}
  for (const level of side === 'sell' ? bids : asks) {
    const [price, size] = [exactPositive(level.px), exactPositive(level.sz)]
    if (price === null || size === null) continue
    if (side === 'sell' ? compare(price, px) >= 0 : compare(price, px) <= 0) sum = add(sum, size)
  }
  return sum
}
