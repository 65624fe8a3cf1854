import type {Account, LeverageSetting} from './account.ts'
import {markPx, openOrdersOf, type VenueState} from './venue-state.ts'
import {notional} from './wire.ts'

/** Cash amounts in 10^-12 USD. */
export interface MarginView {
  readonly accountValue: bigint
  /** sum of absolute position values */
  readonly notional: bigint
  /** initial margin of the positions */
  readonly used: bigint
  readonly maintenance: bigint
}

const DEFAULT_LEVERAGE = 20

export const leverageOf = (state: VenueState, account: Account, asset: number): LeverageSetting =>
  account.leverage.get(asset) ?? {
    isCross: true,
    value: Math.min(DEFAULT_LEVERAGE, state.listing[asset]!.maxLeverage),
  }

export const absolute = (value: bigint): bigint => (value < 0n ? -value : value)

/** Signed value of a position at the mark. */
export function positionValue(state: VenueState, account: Account, asset: number, now: number): bigint {
  const lots = account.positions.get(asset)?.lots ?? 0
  return lots === 0 ? 0n : notional(markPx(state, asset, now), lots, state.listing[asset]!.szDecimals)
}

export function marginOf(state: VenueState, account: Account, now: number): MarginView {
  let accountValue = account.cash
  let total = 0n
  let used = 0n
  let maintenance = 0n
  for (const asset of account.positions.keys()) {
    const value = positionValue(state, account, asset, now)
    const size = absolute(value)
    accountValue += value
    total += size
    used += size / BigInt(leverageOf(state, account, asset).value)
    maintenance += size / BigInt(2 * state.listing[asset]!.maxLeverage)
  }
  return {accountValue, notional: total, used, maintenance}
}

/**
 * Would the account still have its initial margin if every open order, and this one, were filled on its worse side?
 *
 * An order that does not enlarge the worst case of its asset always passes: reducing must stay possible.
 *
 * @param lots  signed size of the new order
 */
export function hasMargin(state: VenueState, account: Account, asset: number, lots: number, now: number): boolean {
  const buys = new Map<number, number>()
  const sells = new Map<number, number>()
  const count = (index: number, signed: number): void => {
    const side = signed > 0 ? buys : sells
    side.set(index, (side.get(index) ?? 0) + Math.abs(signed))
  }
  for (const order of openOrdersOf(state, account.address)) {
    if (!order.reduceOnly) count(order.asset, order.isBuy ? order.lots : -order.lots)
  }
  const worst = (index: number): number => {
    const held = account.positions.get(index)?.lots ?? 0
    return Math.max(Math.abs(held + (buys.get(index) ?? 0)), Math.abs(held - (sells.get(index) ?? 0)))
  }
  const before = worst(asset)
  count(asset, lots)
  if (worst(asset) <= before) return true
  const assets = new Set([...account.positions.keys(), ...buys.keys(), ...sells.keys()])
  return initialMargin(state, account, assets, worst, now) <= marginOf(state, account, now).accountValue
}

/** Margin at the moment a resting order fills: prices have moved since it was placed. @param lots signed fill */
export function canCarry(state: VenueState, account: Account, asset: number, lots: number, now: number): boolean {
  const held = (index: number): number => account.positions.get(index)?.lots ?? 0
  if (Math.abs(held(asset) + lots) <= Math.abs(held(asset))) return true
  const after = (index: number): number => Math.abs(held(index) + (index === asset ? lots : 0))
  const assets = new Set([...account.positions.keys(), asset])
  return initialMargin(state, account, assets, after, now) <= marginOf(state, account, now).accountValue
}

function initialMargin(
  state: VenueState,
  account: Account,
  assets: ReadonlySet<number>,
  lotsOf: (asset: number) => number,
  now: number,
): bigint {
  let required = 0n
  for (const asset of assets) {
    const value = notional(markPx(state, asset, now), lotsOf(asset), state.listing[asset]!.szDecimals)
    required += value / BigInt(leverageOf(state, account, asset).value)
  }
  return required
}
