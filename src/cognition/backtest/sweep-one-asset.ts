import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import {rebalanceBars} from './rebalance-bars.ts'

/** How a hypothesis on one asset turns its signal into a weight. */
export interface OneAssetRule {
  /** weight of an opinion; its side is the sign of the signal */
  readonly size: number
  readonly noTradeBand: number
  /** first decision bar and bars between decisions */
  readonly first: number
  readonly every: number
}

export interface OneAssetRun {
  readonly rule: OneAssetRule
  /** shape [T], positive; a bar without a price has no place here */
  readonly open: Float64Array
  readonly close: Float64Array
  /** shape [T]; NaN: no opinion */
  readonly signal: Float64Array
  /** shape [T]; 1: may be held after a decision at this close */
  readonly universe: Uint8Array
  /** fractions */
  readonly fee: number
  readonly halfSpread: number
}

export interface OneAssetSummary {
  /** mean / sd of per-bar net returns, sd with divisor T − 1; NaN when they do not vary */
  readonly sharpe: number
  /** 0 or negative */
  readonly maxDrawdown: number
  /** account value over its start; 0 when the account was lost */
  readonly growth: number
  readonly orders: number
}

/**
 * The rule of a portfolio on one asset, or null when its weight needs more than the signal of the bar.
 *
 * One asset has no cross-section: at full gross only the side of the signal is left of it.
 *
 * @throws Fault `portfolio.rebalance_off_grid` (contract)
 */
export function oneAssetRule(
  {portfolio, universe}: Pick<Hypothesis, 'portfolio' | 'universe'>,
  panel: Pick<Panel, 'ts' | 'barMs' | 'assets'>,
): OneAssetRule | null {
  const {construct, neutral, vol_target_annual, gross, max_weight, no_trade_band, rebalance} = portfolio
  const simple = (construct === 'proportional' || construct === 'sign') && neutral === 'none' && !vol_target_annual
  if (!simple || panel.assets.length !== 1 || universe.min_assets > 1) return null
  const bars = rebalanceBars(panel, rebalance)
  const first = bars[0] ?? panel.ts.length
  return {
    size: Math.min(gross, max_weight),
    noTradeBand: no_trade_band,
    first,
    every: (bars[1] ?? panel.ts.length + first) - first,
  }
}

/**
 * Target weights and weights engine in one pass, for one asset under flat costs, with nothing kept but the summary.
 *
 * For sweeps of thousands of variants, where the memory traffic of eleven series would cost more than the run itself.
 * Equal to `runWeights` over `targetWeights` with `flatCosts`, which a property test holds it to.
 */
export function sweepOneAsset({rule, open, close, signal, universe, fee, halfSpread}: OneAssetRun): OneAssetSummary {
  const T = close.length
  const buy = halfSpread + fee * (1 + halfSpread)
  const sell = halfSpread + fee * (1 - halfSpread)
  const account = new Float64Array(SLOTS)
  account[EQUITY] = account[PEAK] = account[FLOOR] = 1
  account[NEXT] = rule.first
  const {size, noTradeBand, every} = rule
  for (let from = 1; from < T && account[EQUITY]! > 0; from += BLOCK) {
    const to = Math.min(T, from + BLOCK)
    hold(open, close, signal, universe, size, noTradeBand, every, buy, sell, from, to, account)
  }
  const mean = account[SUM]! / T
  const variance = (account[SQUARES]! - T * mean * mean) / (T - 1)
  return {
    sharpe: variance > 0 ? mean / Math.sqrt(variance) : Number.NaN,
    maxDrawdown: account[DEEPEST]!,
    growth: account[EQUITY]!,
    orders: account[ORDERS]!,
  }
}

/** Bars per call: short enough that the loop is compiled as a function of its own, long enough that calls are free. */
const BLOCK = 2048

/** Carried from block to block. FLOOR is the equity below which the drawdown is deeper than DEEPEST; NEXT a decision bar. */
const [EQUITY, UNITS, SUM, SQUARES, PEAK, DEEPEST, FLOOR, ORDERS, NEXT, SLOTS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** Carry the account through bars [from, to). Plain arguments: reading an object's fields costs a loop this short. */
function hold(
  open: Float64Array,
  close: Float64Array,
  signal: Float64Array,
  universe: Uint8Array,
  size: number,
  noTradeBand: number,
  every: number,
  buy: number,
  sell: number,
  from: number,
  to: number,
  account: Float64Array,
): void {
  let equity = account[EQUITY]!
  let units = account[UNITS]!
  let sum = account[SUM]!
  let squares = account[SQUARES]!
  let peak = account[PEAK]!
  let deepest = account[DEEPEST]!
  let floor = account[FLOOR]!
  let orders = account[ORDERS]!
  // An integer, and known to be one: as a double it would be converted at every bar.
  let next = account[NEXT]! | 0
  let t = from
  life: while (t < to) {
    if (units === 0) {
      // Nothing happens before the first decision that has an opinion.
      while (next < to - 1 && !(universe[next] === 1 && (signal[next]! > 0 || signal[next]! < 0))) next += every
      if (next >= to - 1) break
      t = next + 1
    }
    let last = close[t - 1]!
    for (; t < to; t++) {
      const px = close[t]!
      const start = equity
      equity += units * (px - last)
      if (t - 1 === next) {
        next += every
        const opinion = signal[t - 1]!
        const weight = universe[t - 1] !== 1 ? 0 : opinion > 0 ? size : opinion < 0 ? -size : 0
        const gap = weight * start - units * last
        const band = noTradeBand * start
        if (weight === 0 || gap > band || gap < -band) {
          const at = open[t]!
          const change = (weight * start) / last - units
          // Held from the open instead of from the last close: the change misses the gap and pays for the trade.
          equity += change * (px - at) - (change > 0 ? change * at * buy : -change * at * sell)
          units = weight === 0 ? 0 : units + change
          orders++
        }
      }
      last = px
      const r = equity / start - 1
      sum += r
      squares += r * r
      if (equity > peak) {
        peak = equity
        floor = peak * (1 + deepest)
      } else if (equity < floor) {
        // An account can only be lost on the way to a new low, so only here is it looked for.
        if (equity <= 0) {
          sum -= r + 1
          squares += 1 - r * r
          equity = 0
          deepest = -1
          break life
        }
        floor = equity
        deepest = equity / peak - 1
      }
      if (units === 0) {
        t++
        break
      }
    }
  }
  account[EQUITY] = equity
  account[UNITS] = units
  account[SUM] = sum
  account[SQUARES] = squares
  account[PEAK] = peak
  account[DEEPEST] = deepest
  account[FLOOR] = floor
  account[ORDERS] = orders
  account[NEXT] = next
}
