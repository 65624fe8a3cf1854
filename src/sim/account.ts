import {MICRO_USD, notional, szText, usdText} from './wire.ts'

/** Perpetual position: signed lots, what they cost, and the funding they paid. Cash amounts in 10^-12 USD. */
export interface Position {
  lots: number
  /** entry notional of the open lots, always positive */
  cost: bigint
  /** positive = paid */
  fundingSinceOpen: bigint
  fundingSinceChange: bigint
}

export interface LeverageSetting {
  readonly isCross: boolean
  readonly value: number
}

/** One address. `cash` is what the venue calls totalRawUsd: deposits less everything paid for positions, fees, funding. */
export interface Account {
  readonly address: string
  cash: bigint
  deposited: bigint
  feesPaid: bigint
  /** USD traded since inception, as cash */
  volume: bigint
  requests: number
  readonly positions: Map<number, Position>
  readonly leverage: Map<number, LeverageSetting>
  /** funding paid per asset since the account exists */
  readonly fundingPaid: Map<number, bigint>
  /** agent address -> name and expiry */
  readonly agents: Map<string, {readonly name: string; readonly validUntil: number | null}>
  /** wire form, oldest first, the latest 2,000 */
  readonly fills: WireFill[]
  readonly fundings: WireFunding[]
}

export interface WireFill {
  readonly coin: string
  readonly px: string
  readonly sz: string
  readonly side: 'A' | 'B'
  readonly time: number
  readonly startPosition: string
  readonly dir: string
  readonly closedPnl: string
  readonly hash: string
  readonly oid: number
  readonly crossed: boolean
  readonly fee: string
  readonly tid: number
  readonly feeToken: 'USDC'
  readonly cloid?: string
  readonly twapId: null
}

export interface WireFunding {
  readonly time: number
  readonly hash: string
  readonly delta: {
    readonly type: 'funding'
    readonly coin: string
    readonly usdc: string
    readonly szi: string
    readonly fundingRate: string
    readonly nSamples: null
  }
}

export const MEMORY = 2000

export const newAccount = (address: string): Account => ({
  address,
  cash: 0n,
  deposited: 0n,
  feesPaid: 0n,
  volume: 0n,
  requests: 0,
  positions: new Map(),
  leverage: new Map(),
  fundingPaid: new Map(),
  agents: new Map(),
  fills: [],
  fundings: [],
})

export interface Trade {
  readonly asset: number
  readonly szDecimals: number
  readonly isBuy: boolean
  readonly px: number
  readonly lots: number
  /** fee as cash, already truncated; negative is a rebate */
  readonly fee: bigint
}

/** What a trade did to a position, in the words of a fill. */
export interface TradeEffect {
  readonly startPosition: string
  readonly dir: string
  readonly closedPnl: string
}

/**
 * Book one trade on one side: cash, position, cost. Exact: what one side pays, the other receives.
 *
 * `closedPnl` leaves the fee out, as the venue's does; the entry price does not change on closing.
 */
export function bookTrade(account: Account, {asset, szDecimals, isBuy, px, lots, fee}: Trade): TradeEffect {
  const held = account.positions.get(asset) ?? emptyPosition()
  const signed = isBuy ? lots : -lots
  const start = held.lots
  const value = notional(px, lots, szDecimals)
  account.cash += (isBuy ? -value : value) - fee
  account.feesPaid += fee
  account.volume += value

  const closing = start !== 0 && start > 0 !== isBuy ? Math.min(Math.abs(start), lots) : 0
  const closedCost = closing === 0 ? 0n : (held.cost * BigInt(closing)) / BigInt(Math.abs(start))
  const closedValue = notional(px, closing, szDecimals)
  const pnl = closing === 0 ? 0n : start > 0 ? closedValue - closedCost : closedCost - closedValue

  held.lots = start + signed
  held.cost += notional(px, lots - closing, szDecimals) - closedCost
  held.fundingSinceChange = 0n
  if (start === 0 || start > 0 !== held.lots > 0) held.fundingSinceOpen = 0n
  if (held.lots === 0) account.positions.delete(asset)
  else account.positions.set(asset, held)
  return {startPosition: szText(start, szDecimals), dir: directionOf(start, held.lots), closedPnl: usdText(pnl)}
}

/** Rates in 10^-12; a negative one is a rebate. */
export interface FeeRates {
  readonly taker: bigint
  readonly maker: bigint
}

/** Tier 0 of the venue's table. */
export const FEE_RATES: FeeRates = {taker: 450_000_000n, maker: 150_000_000n}

/** Truncated to a millionth of a dollar, as the venue does. */
export const feeOn = (value: bigint, rate: bigint): bigint => ((value * rate) / 10n ** 12n / MICRO_USD) * MICRO_USD

const emptyPosition = (): Position => ({
  lots: 0,
  cost: 0n,
  fundingSinceOpen: 0n,
  fundingSinceChange: 0n,
})

function directionOf(start: number, end: number): string {
  if (start > 0 && end < 0) return 'Long > Short'
  if (start < 0 && end > 0) return 'Short > Long'
  const side = (start === 0 ? end : start) > 0 ? 'Long' : 'Short'
  return `${Math.abs(end) > Math.abs(start) ? 'Open' : 'Close'} ${side}`
}
