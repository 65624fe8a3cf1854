import type {ExecutionConfig} from '../contracts/execution.ts'
import type {RiskLimits} from '../contracts/risk.ts'
import {
  compare,
  type Decimal,
  decimal,
  decimalText,
  decimalTextOfNumber,
  multiply,
  round,
  toNumber,
} from '../kernel/decimal.ts'
import type {Book} from './book.ts'
import type {MarketState} from './market-state.ts'
import {type ParentIntent, type TargetInput, targetToIntents} from './target-to-intent.ts'

/** What the plan is made from: the book's wishes, the account as the venue shows it, the market as it is. */
export interface PlanInput {
  readonly book: Book
  /** coin -> close of the deciding bar */
  readonly closes: ReadonlyMap<string, number>
  /** hypothesis -> absolute no-trade band, fraction of its own capital */
  readonly bands: ReadonlyMap<string, number>
  /** coins of the universe without an opinion */
  readonly silent: readonly string[]
  readonly equityUsd: string
  /** coin -> signed coins */
  readonly positions: ReadonlyMap<string, string>
  /** coin -> market; a coin that is missing is not tradable at the venue */
  readonly markets: ReadonlyMap<string, MarketState>
  readonly noTradeBand: number
  readonly execution: ExecutionConfig
}

export interface PlannedIntent extends ParentIntent {
  readonly weight: number | null
  readonly parts: ReadonlyMap<string, number>
  /** price the decision was made on; null when there is none */
  readonly decisionPx: string | null
  /** what it costs when all of it crosses the spread now, USD; NaN without a price */
  readonly crossingCostUsd: number
}

/**
 * From the book to parent intents, one per asset that is wanted, held or silent.
 *
 * A position that no hypothesis wants any more has target zero: it is closed, reduce-only.
 *
 * @param takerBps  taker fee of the venue, basis points
 */
export function planCycle(input: PlanInput, takerBps: number): PlannedIntent[] {
  const targets = new Map(input.book.targets.map((target) => [target.asset, target]))
  const coins = [...new Set([...targets.keys(), ...input.positions.keys(), ...input.silent])].sort()
  const budgets = new Map(input.book.budgets.map(({hypothesis, budget}) => [hypothesis, budget]))
  const inputs = coins.map((coin): TargetInput => {
    const market = input.markets.get(coin)
    const target = targets.get(coin)
    const close = input.closes.get(coin)
    const held = input.positions.has(coin)
    const bands = [...(target?.parts.keys() ?? [])].map((id) => (input.bands.get(id) ?? 0) * (budgets.get(id) ?? 0))
    // A silent asset that is held has weight 0 in the book: no opinion wants no position.
    const weight = target?.weight ?? (held ? 0 : null)
    return {
      asset: coin,
      weight: input.silent.includes(coin) && !held && weight === 0 ? null : weight,
      position: input.positions.get(coin) ?? '0',
      decisionPx: close !== undefined && close > 0 ? decimalTextOfNumber(close) : null,
      bandWeight: bands.reduce((sum, band) => sum + band, 0),
      px: market ? priceOf(market) : null,
      noPrice: market?.noPrice ?? null,
      sizeDecimals: market?.sizeDecimals ?? 0,
      dayVolumeUsd: market?.dayVolumeUsd ?? null,
    }
  })
  const byCoin = new Map(inputs.map((one) => [one.asset, one]))
  const intents = targetToIntents(inputs, {
    equityUsd: input.equityUsd,
    noTradeBand: input.noTradeBand,
    participationCap: input.execution.participation_cap,
    minNotionalUsd: input.execution.min_notional_usd,
  })
  return intents.map((intent) => {
    const one = byCoin.get(intent.asset)
    const market = input.markets.get(intent.asset)
    const spread = Number.isFinite(market?.spreadBps) ? market!.spreadBps / 2 : 0
    return {
      ...intent,
      weight: one?.weight ?? null,
      parts: targets.get(intent.asset)?.parts ?? new Map(),
      decisionPx: one?.decisionPx ?? one?.px ?? null,
      crossingCostUsd: toNumber(decimal(intent.notionalUsd)) * ((spread + takerBps) / 10_000),
    }
  })
}

/** Mid of a live book, else mark: enough to value an asset, never to place an order. */
const priceOf = ({noPrice, mid, mark}: MarketState): string | null =>
  noPrice === null && mid > 0 ? decimalTextOfNumber(mid) : mark

/** Room below the guard's limit, so that a price between plan and order does not meet it. */
const ROOM = decimal('0.9')

/** Largest notional of one order: the router's own, and nine tenths of each limit on a single order. */
export function childCapUsd(
  market: MarketState,
  equityUsd: string,
  {child_usd: own}: ExecutionConfig,
  {order_notional: limit}: RiskLimits,
): string {
  const below = (amount: Decimal, fraction = 1): Decimal =>
    multiply(multiply(amount, decimal(decimalTextOfNumber(fraction))), ROOM)
  const caps = [
    decimal(own),
    below(decimal(limit.max_usd)),
    below(decimal(equityUsd), limit.max_equity_fraction),
    ...(market.dayVolumeUsd === null ? [] : [below(decimal(market.dayVolumeUsd), limit.max_day_volume_fraction)]),
  ]
  const smallest = caps.reduce((a, b) => (compare(b, a) < 0 ? b : a))
  return decimalText(round(smallest, 2, 'down'))
}

/** The book after the plan against the limits that bound it: name, value, limit. */
export function limitsUsed(
  intents: readonly PlannedIntent[],
  markets: ReadonlyMap<string, MarketState>,
  equityUsd: string,
  limits: RiskLimits,
): {name: string; value: number; limit: number}[] {
  const equity = toNumber(decimal(equityUsd))
  const weights = intents.map(({asset, target}) => {
    const market = markets.get(asset)
    const px = market ? Number(priceOf(market)) : 0
    return (Number(target) * px) / equity
  })
  const largest = Math.max(0, ...weights.map(Math.abs))
  return [
    {name: 'gross leverage', value: weights.reduce((sum, w) => sum + Math.abs(w), 0), limit: limits.leverage.gross},
    {name: 'net leverage', value: Math.abs(weights.reduce((sum, w) => sum + w, 0)), limit: limits.leverage.net},
    {name: 'largest position', value: largest, limit: limits.position.max_equity_fraction},
  ]
}
