import type {Side} from './price-grid.ts'

/** One fill with the market it met: mid and our far touch when its order was sent. */
export interface CostFill {
  readonly px: number
  readonly sz: number
  /** USD, negative = rebate */
  readonly feeUsd: number
  readonly crossed: boolean
  readonly midAtSend: number
  /** best price on the other side when the order was sent: where taking starts */
  readonly touchAtSend: number
}

export interface CostInput {
  readonly side: Side
  /** coins the parent wanted to trade */
  readonly wantedSz: number
  /** price the decision was made on */
  readonly decisionPx: number
  readonly fills: readonly CostFill[]
  /** mid when the cycle ended: what the unfilled part is measured at; NaN when the book was no price then */
  readonly endMid: number
  /** USD paid for funding inside the cycle */
  readonly fundingUsd: number
}

/** Basis points of decision price × wanted size; positive is a cost. The parts sum to `total`. */
export interface CostSplit {
  readonly total: number
  /** the mid moved between decision and send */
  readonly delay: number
  /** from mid to the touch we took, or to the price our resting order earned (negative) */
  readonly spread: number
  /** beyond the touch: what our size did to the book */
  readonly impact: number
  readonly fees: number
  readonly funding: number
  /** the unfilled part ran away, or came back (negative) */
  readonly opportunity: number
  readonly notionalUsd: number
  readonly makerShare: number
}

/**
 * Implementation shortfall of one parent against its decision price, and where it came from.
 *
 * For each fill px − decision = (mid − decision) + (touch − mid) + (px − touch): delay, spread, impact. A fill that made
 * liquidity has no impact; its spread part is px − mid at send, a gain. What was not filled is charged at `endMid`;
 * without one its cost is unknown, the part is 0 and the caller shows the remainder as handed back.
 *
 * @see Perold (1988), The Implementation Shortfall: Paper versus Reality; execution.md 6
 */
export function costAttribution(input: CostInput): CostSplit {
  const sign = input.side === 'buy' ? 1 : -1
  const base = input.decisionPx * input.wantedSz
  const bps = (usd: number): number => (base > 0 ? (usd / base) * 10_000 : 0)
  const sum = (of: (fill: CostFill) => number): number => input.fills.reduce((total, fill) => total + of(fill), 0)
  const filled = sum(({sz}) => sz)
  const unfilled = Math.max(0, input.wantedSz - filled)
  const delay = sum(({sz, midAtSend}) => sign * (midAtSend - input.decisionPx) * sz)
  const spread = sum(
    ({sz, px, crossed, midAtSend, touchAtSend}) => sign * ((crossed ? touchAtSend : px) - midAtSend) * sz,
  )
  const impact = sum(({sz, px, crossed, touchAtSend}) => (crossed ? sign * (px - touchAtSend) * sz : 0))
  const fees = sum(({feeUsd}) => feeUsd)
  const drift = Number.isFinite(input.endMid) ? sign * (input.endMid - input.decisionPx) * unfilled : 0
  return {
    total: bps(delay + spread + impact + fees + input.fundingUsd + drift),
    delay: bps(delay),
    spread: bps(spread),
    impact: bps(impact),
    fees: bps(fees),
    funding: bps(input.fundingUsd),
    opportunity: bps(drift),
    notionalUsd: sum(({px, sz}) => px * sz),
    makerShare: filled > 0 ? sum(({sz, crossed}) => (crossed ? 0 : sz)) / filled : 0,
  }
}

/** The book's cost: parts weighted by the notional each parent wanted. */
export function totalCost(parts: readonly {readonly split: CostSplit; readonly baseUsd: number}[]): CostSplit {
  const base = parts.reduce((sum, {baseUsd}) => sum + baseUsd, 0)
  const traded = parts.reduce((sum, {split}) => sum + split.notionalUsd, 0)
  const mean = (of: (split: CostSplit) => number): number =>
    base > 0 ? parts.reduce((sum, {split, baseUsd}) => sum + of(split) * baseUsd, 0) / base : 0
  return {
    total: mean(({total}) => total),
    delay: mean(({delay}) => delay),
    spread: mean(({spread}) => spread),
    impact: mean(({impact}) => impact),
    fees: mean(({fees}) => fees),
    funding: mean(({funding}) => funding),
    opportunity: mean(({opportunity}) => opportunity),
    notionalUsd: traded,
    makerShare: traded > 0 ? parts.reduce((sum, {split}) => sum + split.makerShare * split.notionalUsd, 0) / traded : 0,
  }
}
