import {compare, type Decimal, decimal, decimalTextOfNumber, multiply} from '../kernel/decimal.ts'
import type {MarketState} from './market-state.ts'
import {roundPrice, type Side} from './price-grid.ts'

/**
 * The price of a post-only order: join the touch on our side.
 *
 * The touch is on the grid already; rounding passively keeps it so when the venue sends more digits than it accepts.
 * Null when the book is not a price: a resting order on a broken book is a gift.
 */
export function touchPrice(market: MarketState, side: Side): string | null {
  const touch = side === 'buy' ? market.bid : market.ask
  if (market.noPrice !== null || touch === null) return null
  const px = roundPrice(decimal(touch), market.sizeDecimals, side, 'passive')
  const far = decimal(side === 'buy' ? market.ask! : market.bid!)
  const crosses = side === 'buy' ? compare(decimal(px), far) >= 0 : compare(decimal(px), far) <= 0
  return crosses ? null : px
}

/**
 * The limit of a crossing (IOC) order: never further than `collar` from mark and from mid, whichever is nearer to us.
 *
 * Rounded towards us, so that the grid never carries it past the collar. Null when the book is not a price, or when the
 * far touch lies outside the collar: then there is nothing to buy at a price we accept.
 *
 * @param collar  fraction, 0 < collar <= 1
 */
export function collarPrice(market: MarketState, side: Side, collar: number): string | null {
  if (market.noPrice !== null || market.mark === null) return null
  const edge = decimal(decimalTextOfNumber(side === 'buy' ? 1 + collar : 1 - collar))
  const byMark = multiply(decimal(market.mark), edge)
  const byMid = multiply(decimal(decimalTextOfNumber(market.mid)), edge)
  const nearer: Decimal = compare(byMark, byMid) === (side === 'buy' ? -1 : 1) ? byMark : byMid
  const px = roundPrice(nearer, market.sizeDecimals, side, 'passive')
  const far = decimal(side === 'buy' ? market.ask! : market.bid!)
  const reaches = side === 'buy' ? compare(decimal(px), far) >= 0 : compare(decimal(px), far) <= 0
  return reaches ? px : null
}
