import {describe, expect, it} from 'vitest'
import {noCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {type FundingCosts, fundingCosts} from '../../src/cognition/backtest/funding-costs.ts'
import {rebalanceBars} from '../../src/cognition/backtest/rebalance-bars.ts'
import {targetWeights} from '../../src/cognition/backtest/target-weights.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import {compileHypothesis} from '../../src/cognition/features/compile-hypothesis.ts'
import {evaluateSignals} from '../../src/cognition/features/evaluate.ts'
import {fundingRates} from '../../src/cognition/gauntlet/permutation/decision-table.ts'
import {type Market, PermutedMarket} from '../../src/cognition/gauntlet/permutation/permuted-market.ts'
import {sourcesOf} from '../../src/cognition/gauntlet/permutation/presence.ts'
import {intervalReturns} from '../../src/cognition/gauntlet/permutation/score-grid.ts'
import {drawOrder, openToOpen, permuteBars} from '../../src/cognition/statistics/bar-permutation.ts'
import {BAR, type Panel} from '../../src/contracts/panel.ts'
import {Random} from '../../src/kernel/random.ts'
import {hypothesis, SHIPPED_COSTS, smallMarket} from './small-market.ts'

const FROM = 40
const whole = smallMarket({days: 300, assets: 5, edge: 0, seed: 'bars to be moved'})

/** A1 is listed late, A2 delisted early, A3 has a hole; A0 and A4 are there throughout. */
const ragged = ((): Panel => {
  const gone = [
    () => false,
    (t: number) => t < 120,
    (t: number) => t > 200,
    (t: number) => t > 90 && t < 96,
    () => false,
  ]
  return {
    ...whole,
    series: new Map(
      [...whole.series].map(([name, columns]) => [
        name,
        columns.map((column, a) => column.map((x, t) => (gone[a]!(t) ? Number.NaN : x))),
      ]),
    ),
    state: whole.state.map((column, a) => column.map((bar, t) => (gone[a]!(t) ? BAR.absent : bar))),
  }
})()

const market = (panel: Panel): Market => ({panel, sources: null})
const rates = fundingCosts(ragged, SHIPPED_COSTS, SHIPPED_COSTS.venues['sim']!)
const orders = (seed: string, n: number): [Int32Array, Int32Array] => {
  const random = new Random(seed)
  return [drawOrder(new Int32Array(n), random), drawOrder(new Int32Array(n), random)]
}
const moved = (panel: Panel, seed: string): Market => {
  const permuted = new PermutedMarket(panel, FROM)
  return permuted.in(...orders(seed, permuted.moves))
}
const column = ({panel}: Market, name: 'open' | 'high' | 'low' | 'close' | 'volume' | 'funding', a: number) =>
  panel.series.get(name)![a]!
const moves = (of: Market, a: number): number[] => {
  const [open, close] = [column(of, 'open', a), column(of, 'close', a)]
  return Array.from(close, (px, t) => px / open[t]!)
    .slice(FROM)
    .filter(Number.isFinite)
    .sort((x, y) => x - y)
}

describe('a market in another order', () => {
  it('is, for an asset that is always there, the permutation of its bars', () => {
    const [bars, gaps] = orders('as one', 300 - FROM - 1)
    const {bar, gap} = openToOpen(bars, gaps)
    const made = new PermutedMarket(ragged, FROM).in(bars, gaps)
    const own = Object.fromEntries(
      (['open', 'high', 'low', 'close'] as const).map((name) => [name, ragged.series.get(name)![0]!]),
    ) as unknown as Parameters<typeof permuteBars>[0]
    const expected = permuteBars(own, FROM - 1, bar, gap)
    for (const name of ['open', 'high', 'low', 'close'] as const)
      for (const [t, px] of expected[name].entries()) expect(column(made, name, 0)[t]! / px).toBeCloseTo(1, 10)
  })

  it('keeps the warm-up, the way from the first open to the last, and every own move of every asset', () => {
    const [before, after] = [market(ragged), moved(ragged, 'ragged')]
    for (let a = 0; a < 5; a++) {
      for (const name of ['open', 'high', 'low', 'close', 'volume', 'funding'] as const)
        expect(column(after, name, a).slice(0, FROM)).toEqual(column(before, name, a).slice(0, FROM))
      const there = Array.from(column(before, 'close', a).keys()).filter(
        (t) => t >= FROM && ragged.state[a]![t] !== BAR.absent,
      )
      expect(
        Array.from(column(after, 'close', a).keys()).filter((t) => t >= FROM && column(after, 'close', a)[t]! > 0),
      ).toEqual(there)
      const [first, last] = [there[0]!, there.at(-1)!]
      expect(column(after, 'open', a)[first]).toBe(column(before, 'open', a)[first])
      expect(column(after, 'open', a)[last]! / column(before, 'open', a)[last]!).toBeCloseTo(1, 10)
      expect(column(after, 'close', a)[last]! / column(before, 'close', a)[last]!).toBeCloseTo(1, 10)
      const [was, is] = [moves(before, a), moves(after, a)]
      for (const [i, move] of is.entries()) expect(move).toBeCloseTo(was[i]!, 10)
      expect(is).toHaveLength(was.length)
      expect(column(after, 'close', a)).not.toEqual(column(before, 'close', a))
    }
  })

  it('moves volume at its worth and funding with its bar', () => {
    const worth = (of: Market): number[] =>
      Array.from(column(of, 'volume', 2), (coins, t) => coins * column(of, 'close', 2)[t]!)
        .slice(FROM)
        .filter(Number.isFinite)
        .sort((x, y) => x - y)
    const [was, is] = [worth(market(ragged)), worth(moved(ragged, 'worth'))]
    for (const [i, usd] of is.entries()) expect(usd / was[i]!).toBeCloseTo(1, 10)
    const after = moved(ragged, 'funding')
    const before = market(ragged)
    const key = (of: Market, t: number): string =>
      `${(column(of, 'close', 0)[t]! / column(of, 'open', 0)[t]!).toFixed(9)}|${column(of, 'funding', 0)[t]}|${rates.longAfter[0]![of.sources ? of.sources[0]![t]! : t]}`
    const keys = (of: Market): string[] => Array.from({length: 300}, (_, t) => key(of, t)).sort()
    expect(keys(after)).toEqual(keys(before))
  })

  it('keeps assets together that moved together', () => {
    const correlation = (of: Market, a: number, b: number): number => {
      const returns = (c: number): number[] =>
        Array.from(column(of, 'close', c), (px, t) => Math.log(px / column(of, 'open', c)[t]!)).slice(FROM)
      const pairs = returns(a).flatMap((x, t) => {
        const y = returns(b)[t]!
        return Number.isFinite(x + y) ? [[x, y] as const] : []
      })
      const mean = (k: 0 | 1): number => pairs.reduce((total, pair) => total + pair[k], 0) / pairs.length
      const [mx, my] = [mean(0), mean(1)]
      const cross = pairs.reduce((total, [x, y]) => total + (x - mx) * (y - my), 0)
      const size = (k: 0 | 1, m: number): number => pairs.reduce((total, pair) => total + (pair[k] - m) ** 2, 0)
      return cross / Math.sqrt(size(0, mx) * size(1, my))
    }
    const [was, is] = [market(ragged), moved(ragged, 'together')]
    expect(correlation(is, 0, 4)).toBeCloseTo(correlation(was, 0, 4), 2)
    expect(correlation(is, 0, 3)).toBeCloseTo(correlation(was, 0, 3), 1)
  })

  it('gives what has no partner its own bars, once each', () => {
    const order = Int32Array.from([3, 0, 4, 1, 2])
    const out = new Int32Array(5)
    sourcesOf(order, Uint8Array.from([0, 1, 1, 1, 0]), out)
    expect(Array.from(out.subarray(1, 4)).sort()).toEqual([1, 2, 3])
    expect(out[3]).toBe(1)
  })
})

/** The rates of the bars as they stand now; a bar without a price pays nothing here, the engine assumes the worst. */
function paidWhereTraded({panel, sources}: Market): FundingCosts {
  const cut = (columns: readonly Float64Array[]): Float64Array[] =>
    columns.map((column, a) =>
      column.map((_, t) => (panel.state[a]![t] === BAR.absent ? 0 : column[sources ? sources[a]![t]! : t]!)),
    )
  const {longBefore, shortBefore, longAfter, shortAfter} = rates
  return {
    longBefore: cut(longBefore),
    shortBefore: cut(shortBefore),
    longAfter: cut(longAfter),
    shortAfter: cut(shortAfter),
    flags: [],
  }
}

describe('the account between two decisions', () => {
  const ideas = [
    {signal: 'ts_mean(log(volume), 3)', portfolio: {construct: 'rank_long_short', neutral: 'dollar', rebalance: '1d'}},
    {signal: 'returns(close, 5)', portfolio: {construct: 'sign', neutral: 'none', rebalance: '3d'}},
    {
      signal: 'cs_demean(funding)',
      portfolio: {
        construct: 'proportional',
        neutral: 'dollar',
        rebalance: '7d',
        no_trade_band: 0.02,
        vol_target_annual: 0.3,
      },
    },
  ]
  it.each(ideas)('earns what the weights engine earns without costs: $portfolio.rebalance', (over) => {
    // A2 leaves before the end: its position is settled at its last price by both.
    const idea = hypothesis({...over, universe: {from: 'selection', min_assets: 2}})
    const [compiled, made] = [compileHypothesis(idea), moved(ragged, 'parity')]
    const panel = made.panel
    const universe = panel.assets.map((_, a) =>
      panel.state[a]!.map((bar, t) => (bar === BAR.absent || t < FROM ? 0 : 1)),
    )
    const signal = evaluateSignals(compiled, panel, universe, [{}])[0]!
    const run = runWeights({
      ts: panel.ts,
      barMs: panel.barMs,
      open: panel.series.get('open')!,
      close: panel.series.get('close')!,
      state: panel.state,
      weights: targetWeights({hypothesis: idea, signal, panel, universe}),
      costs: {...noCosts(panel), funding: paidWhereTraded(made)},
      capital: idea.capital_usd,
      noTradeBand: idea.portfolio.no_trade_band,
    })
    const bars = rebalanceBars(panel, idea.portfolio.rebalance).filter((t) => t >= FROM && t < panel.ts.length - 1)
    const funding = fundingRates(rates, [...panel.assets.keys()], panel.ts.length)
    const rule = {hypothesis: idea, compiled, grid: [{}], mask: universe, funding, bars}
    const net = intervalReturns(rule, made)[0]!
    let equity = idea.capital_usd
    net.forEach((r, k) => {
      equity *= 1 + r
      expect(equity / run.equity[bars[k + 1] ?? panel.ts.length - 1]!).toBeCloseTo(1, 9)
    })
    expect(Math.abs(equity / idea.capital_usd - 1)).toBeGreaterThan(1e-3)
    expect(net.length).toBeGreaterThan(30)
  })
})
