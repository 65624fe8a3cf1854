/** The venue counts prices in 10^-6 USD and, here, sizes in 10^-6 engine coins: both are integers. */
const UNITS = 1e6
const LOT_DECIMALS = 6
/** Digits before the point of an engine coin's price when the size step is not known: a lot is then worth 0.1 to 1 USD. */
const PRICE_DIGITS = 6

/**
 * An engine coin is 10^k coins, so that its lot is a millionth of it and its price has many digits before the point.
 *
 * Prices and sizes on the real grid are then whole numbers of the venue's units, and matching loses nothing.
 */
export interface BarCoin {
  readonly name: string
  /** coins in one engine coin */
  readonly factor: number
  /** coins in one lot */
  readonly lot: number
}

/** Size decimals of every engine coin. */
export const ENGINE_DECIMALS = LOT_DECIMALS

/**
 * @param sizeDecimals  of the real asset; null: not known, so a lot like that of a listed coin is taken
 * @param px            any price of the asset, USD
 */
export function barCoin(name: string, sizeDecimals: number | null, px: number): BarCoin {
  const digits = Number.isFinite(px) && px > 0 ? Math.floor(Math.log10(px)) + 1 : 1
  const k = sizeDecimals === null ? PRICE_DIGITS - digits : LOT_DECIMALS - sizeDecimals
  return {name, factor: 10 ** k, lot: 10 ** (k - LOT_DECIMALS)}
}

/** USD per coin to the venue's price units. */
export const pxUnits = ({factor}: BarCoin, px: number): number => Math.round(px * factor * UNITS)

/** One step of the venue's finest price grid, in price units. */
export const TICK_UNITS = UNITS

/** Whole lots in a size of coins, towards zero. */
export const lotsOf = ({lot}: BarCoin, coins: number): number => Math.floor(coins / lot + 1e-9)

/** USD per engine coin as decimal text with 15 figures, for the router. */
export const enginePx = ({factor}: BarCoin, px: number): number => Number((px * factor).toPrecision(15))
