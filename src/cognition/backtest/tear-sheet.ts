import type {Backtest} from '../../contracts/backtest.ts'
import {DAY_MS, isoOf, YEAR_MS} from '../../kernel/instant.ts'
import {breakEvenMultiplier} from '../statistics/cost-stress.ts'
import {moments} from '../statistics/moments.ts'
import {mean, sum} from '../statistics/series.ts'
import {sharpeErrorMertens} from '../statistics/sharpe.ts'
import type {BacktestResult} from './backtest-result.ts'
import {drawdownCurve, longestDrawdownBars, monthlyReturns} from './return-curves.ts'

/** The part of a backtest report that the run alone decides. */
export type TearSheet = Omit<
  Backtest,
  | 'artifact'
  | 'hypothesis'
  | 'configuration'
  | 'params'
  | 'venue'
  | 'bar'
  | 'engine'
  | 'fills'
  | 'stresses'
  | 'regimes'
  | 'costs_model'
  | 'trials'
  | 'files'
  | 'provenance'
>

/** Bars [from, T) count: from the first bar on which something was held, or everything when nothing ever was. */
export function firstHeldBar({exposure, turnover}: Pick<BacktestResult, 'exposure' | 'turnover'>): number {
  const first = exposure.findIndex((held, t) => held > 0 || turnover[t]! > 0)
  return Math.max(0, first)
}

/**
 * The figures of one run, all from per-bar returns of account equity.
 *
 * Sharpe and annual figures are arithmetic, over 0 %, with 365 days a year; the drawdown is of compounded equity. The
 * window starts at the first bar held: a flat warm-up would dilute every average.
 *
 * @param assets  shape [N], names
 */
export function tearSheet(run: BacktestResult, assets: readonly string[]): TearSheet {
  const from = firstHeldBar(run)
  const cut = (series: Float64Array): Float64Array => series.subarray(from)
  const net = cut(run.net)
  const bars = net.length
  const perYear = YEAR_MS / run.barMs
  const yearly = (series: Float64Array): number => mean(cut(series)) * perYear
  const drawdown = drawdownCurve(net)
  const own = figuresOf(net)
  const costs = {
    fees: yearly(run.fees),
    spread: yearly(run.spread),
    lag: yearly(run.lag),
    impact: yearly(run.impact),
    funding: yearly(run.funding),
  }
  const sharpe = (sr: number | null): number | null => (sr === null ? null : sr * Math.sqrt(perYear))
  const turnover = yearly(run.turnover)
  const trading = costs.fees + costs.spread + costs.lag + costs.impact
  return {
    window: {
      from: isoOf(run.ts[from]!),
      to: isoOf(run.ts.at(-1)! + run.barMs),
      bars,
      years: (bars * run.barMs) / YEAR_MS,
    },
    net: {
      sharpe: sharpe(own.sr),
      sharpe_error: sharpe(errorOf(own, bars)),
      annual_return: yearly(run.net),
      annual_volatility: own.sd * Math.sqrt(perYear),
      total_return: net.reduce((value, r) => value * (1 + r), 1) - 1,
      max_drawdown: drawdown.reduce((low, depth) => Math.min(low, depth), 0),
      longest_drawdown_days: (longestDrawdownBars(drawdown) * run.barMs) / DAY_MS,
      skewness: own.g3,
      kurtosis: own.g4,
      best_bar: net.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
      worst_bar: net.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    },
    gross: {sharpe: sharpe(figuresOf(cut(run.gross)).sr), annual_return: yearly(run.gross)},
    costs: {...costs, total: trading + costs.funding},
    turnover,
    break_even_cost_multiplier:
      turnover > 0 && trading > 0
        ? breakEvenMultiplier(
            run.gross.map((gross, t) => gross - run.funding[t]!).subarray(from),
            cut(run.turnover),
            trading / turnover,
          )
        : null,
    exposure: {
      gross: mean(cut(run.exposure)),
      net: mean(cut(run.netExposure)),
      largest_weight: run.heldWeights.reduce((top, w) => w.reduce((a, b) => Math.max(a, Math.abs(b)), top), 0),
    },
    trades: {
      fills: run.orders,
      rebalances: run.labels.first.length,
      settled: run.settled.length,
      liquidated_at: run.liquidatedAt === null ? null : isoOf(run.ts[run.liquidatedAt]!),
      liquidation_distance: liquidationDistance(run),
    },
    untraded: {...run.untraded},
    months: monthlyReturns(cut(run.ts), net),
    assets: byAsset(run, assets, from),
    flags: [...run.flags],
  }
}

/**
 * How far every position would have had to move against the account at once, at its most exposed close.
 *
 * Equity E on a gross notional of x E is lost at a move of m when E − m x E ≤ margin × x E.
 */
function liquidationDistance({exposure, maintenanceMargin, liquidatedAt}: BacktestResult): number | null {
  if (liquidatedAt !== null) return 0
  const most = exposure.reduce((a, b) => Math.max(a, b), 0)
  return most > 0 ? Math.max(0, 1 / most - maintenanceMargin) : null
}

/** Per-bar Sharpe and shape; null where the returns do not vary. */
function figuresOf(net: Float64Array): {sr: number | null; sd: number; g3: number | null; g4: number | null} {
  if (net.length < 2 || net.every((r) => r === net[0])) return {sr: null, sd: 0, g3: null, g4: null}
  return moments(net)
}

const errorOf = ({sr, g3, g4}: ReturnType<typeof figuresOf>, T: number): number | null =>
  sr === null || g3 === null || g4 === null ? null : sharpeErrorMertens(sr, g3, g4, T, 1)

/** Sum of net P&L over equity per asset, largest first; an asset that was never held is not listed. */
function byAsset(
  {assetPnl, heldWeights}: BacktestResult,
  assets: readonly string[],
  from: number,
): TearSheet['assets'] {
  return assets
    .map((asset, a) => {
      const held = heldWeights[a]!.subarray(from)
      const bars = held.reduce((n, w) => n + (w === 0 ? 0 : 1), 0)
      return {asset, net: sum(assetPnl[a]!), bars_held: bars, mean_weight: bars === 0 ? 0 : sum(held) / bars}
    })
    .filter(({net, bars_held}) => net !== 0 || bars_held > 0)
    .sort((a, b) => b.net - a.net || (a.asset < b.asset ? -1 : 1))
}
