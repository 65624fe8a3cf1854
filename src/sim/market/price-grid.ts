/** Prices are integer counts of 10^-6 USD, sizes integer counts of 10^-szDecimals coins: matching never sees a float. */
export const PX_DECIMALS = 6
const PX_SCALE = 10 ** PX_DECIMALS
const SIGNIFICANT_FIGURES = 5

/**
 * Step of the valid prices around `units`, in price units.
 *
 * A price has at most five significant figures and at most 6 − szDecimals decimals; whole numbers are always allowed.
 *
 * @see spec hyperliquid.md §4, price
 */
export function tickAt(units: number, szDecimals: number): number {
  // Digits before the point decide how many decimals five figures leave; 0.0123 has -1 of them.
  const wholeDigits = Math.floor(Math.log10(units) + 1e-12) - PX_DECIMALS + 1
  const decimals = Math.max(0, Math.min(PX_DECIMALS - szDecimals, SIGNIFICANT_FIGURES - wholeDigits))
  return 10 ** (PX_DECIMALS - decimals)
}

/** The nearest valid price to a USD float, at least one tick. */
export function nearestPx(usd: number, szDecimals: number): number {
  const units = Math.max(1, usd * PX_SCALE)
  const tick = tickAt(units, szDecimals)
  return Math.max(tick, Math.round(units / tick) * tick)
}

/** The nearest valid price at or below. */
export function floorPx(units: number, szDecimals: number): number {
  const tick = tickAt(units, szDecimals)
  return Math.max(tick, Math.floor(units / tick) * tick)
}

/** The nearest valid price at or above. */
export function ceilPx(units: number, szDecimals: number): number {
  const tick = tickAt(units, szDecimals)
  return Math.ceil(units / tick) * tick
}

/** The next valid price beyond `units`, `steps` ticks away: negative is cheaper. The tick may change on the way. */
export function stepPx(units: number, steps: number, szDecimals: number): number {
  let px = units
  for (let i = 0; i < Math.abs(steps); i++) {
    px = steps > 0 ? px + tickAt(px, szDecimals) : floorPx(px - 1, szDecimals)
  }
  return px
}

export const usdOf = (units: number): number => units / PX_SCALE
