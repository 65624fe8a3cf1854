import {abs, type Decimal, decimal, decimalText, divide, isZero, multiply, round} from '../kernel/decimal.ts'

/** A perpetual's price may have at most this many decimals, less the decimals of its size. */
const MAX_PRICE_DECIMALS = 6
const SIGNIFICANT_FIGURES = 5

/** Which neighbour of the grid is on our side: a buyer's passive price goes down, a marketable one up. */
export type Side = 'buy' | 'sell'
export type Intention = 'passive' | 'marketable'

/** Digits before the point of |px|; zero or negative below one: 0.0123 has −1. */
function magnitude(px: Decimal): number {
  const digits = abs(px).units.toString()
  return digits.length - px.scale
}

/**
 * Decimals a price of this size may carry: five significant figures and six decimals less the size decimals.
 *
 * @see hyperliquid.md 4 "Price": integers are always allowed, however many figures they have
 */
export function priceDecimals(px: Decimal, sizeDecimals: number): number {
  return Math.max(0, Math.min(MAX_PRICE_DECIMALS - sizeDecimals, SIGNIFICANT_FIGURES - magnitude(px)))
}

/**
 * Move a price onto the venue's grid, towards the side that keeps the intention.
 *
 * Passive: a buy rounds down and a sell up, so that rounding never makes a resting order cross. Marketable: the other
 * way, so that rounding never makes a crossing order miss.
 *
 * @param px            exact price > 0
 * @param sizeDecimals  szDecimals of the asset, 0 … 6
 * @returns             price text the venue accepts, without trailing zeros
 */
export function roundPrice(px: Decimal, sizeDecimals: number, side: Side, intention: Intention): string {
  const up = (side === 'buy') === (intention === 'marketable')
  return decimalText(round(px, priceDecimals(px, sizeDecimals), up ? 'up' : 'down'))
}

/** True when the venue accepts this price text for this asset. */
export function isOnPriceGrid(text: string, sizeDecimals: number): boolean {
  const px = decimal(decimalText(decimal(text)))
  return !isZero(px) && px.units > 0n && px.scale <= priceDecimals(px, sizeDecimals)
}

/** The distance to the next price at this level, as decimal text. */
export const tickAt = (px: Decimal, sizeDecimals: number): string =>
  decimalText({units: 1n, scale: priceDecimals(px, sizeDecimals)})

/** One lot, as decimal text: the smallest size step. */
export const lotOf = (sizeDecimals: number): string => decimalText({units: 1n, scale: sizeDecimals})

/** Size towards zero onto the lot grid: never more than was asked for. */
export const roundLots = (size: Decimal, sizeDecimals: number): Decimal => round(size, sizeDecimals, 'down')

/** Signed coins that a signed USD amount buys at a price, to the nearest lot. */
export const lotsFor = (usd: Decimal, px: Decimal, sizeDecimals: number): Decimal =>
  divide(usd, px, sizeDecimals, 'half')

/** |size| × price in USD, exact. */
export const notional = (size: Decimal, px: Decimal): Decimal => multiply(abs(size), px)
