import type {Account} from './account.ts'
import {leverageOf} from './margin.ts'
import type {VenueState} from './venue-state.ts'

interface LeverageChange {
  readonly asset: number
  readonly isCross: boolean
  readonly leverage: number
}

/** Null when done, otherwise the venue's words. */
export function updateLeverage(
  state: VenueState,
  account: Account,
  {asset, isCross, leverage}: LeverageChange,
): string | null {
  const listed = state.listing[asset]
  if (!listed?.market.trades) return `Asset is not tradable. asset=${asset}`
  if (leverage > listed.maxLeverage) return `Invalid leverage value. asset=${asset}`
  const switches = leverageOf(state, account, asset).isCross !== isCross
  if (switches && account.positions.has(asset)) return 'Cannot switch leverage type with open position.'
  account.leverage.set(asset, {isCross, value: leverage})
  return null
}
