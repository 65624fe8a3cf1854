import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {BacktestResult} from '../../src/cognition/backtest/backtest-result.ts'
import {type EngineCosts, engineCosts, flatCosts, noCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import type {WeightsRun} from '../../src/cognition/backtest/weights-run.ts'
import {BAR, type Panel} from '../../src/contracts/panel.ts'
import {prefix, testCosts, walkPanel} from './panels.ts'

const HOUR = 3_600_000

/** Prices by hand: rows of [open, close], one asset. */
function oneAsset(rows: readonly (readonly [number, number])[], over: Partial<WeightsRun> = {}): WeightsRun {
  const ts = Float64Array.from(rows, (_, t) => t * HOUR)
  return {
    ts,
    barMs: HOUR,
    open: [Float64Array.from(rows, ([open]) => open)],
    close: [Float64Array.from(rows, ([, close]) => close)],
    volume: [new Float64Array(rows.length).fill(1e9)],
    weights: [new Float64Array(rows.length).fill(Number.NaN)],
    costs: noCosts({assets: ['X'], ts}),
    capital: 1000,
    ...over,
  }
}

const order = (T: number, at: Readonly<Record<number, number>>): Float64Array[] => [
  Float64Array.from({length: T}, (_, t) => at[t] ?? Number.NaN),
]

const runPanel = (
  panel: Panel,
  weights: readonly Float64Array[],
  costs: EngineCosts,
  over: Partial<WeightsRun> = {},
): BacktestResult =>
  runWeights({
    ts: panel.ts,
    barMs: panel.barMs,
    open: panel.series.get('open')!,
    high: panel.series.get('high')!,
    low: panel.series.get('low')!,
    close: panel.series.get('close')!,
    volume: panel.series.get('volume')!,
    state: panel.state,
    weights,
    costs,
    capital: 25_000,
    ...over,
  })

/** Random targets with gaps, each row at most 2 in gross. */
const targets = (assets: number, bars: number): fc.Arbitrary<Float64Array[]> =>
  fc.array(
    fc
      .array(fc.oneof(fc.constant(Number.NaN), fc.constant(0), fc.double({min: -1, max: 1, noNaN: true})), {
        minLength: bars,
        maxLength: bars,
      })
      .map((row) => Float64Array.from(row, (w) => (2 * w) / assets)),
    {minLength: assets, maxLength: assets},
  )

const total = (series: ArrayLike<number>): number => Array.from(series).reduce((sum, x) => sum + x, 0)

describe('the weights engine', () => {
  it('fills a decision at the next open, sized at the decision close', () => {
    const run = oneAsset(
      [
        [100, 100],
        [110, 121],
        [121, 121],
      ],
      {weights: order(3, {0: 1})},
    )
    const {net, fills, equity, exposure} = runWeights(run)
    expect([...fills.bar]).toEqual([1])
    expect(fills.px[0]).toBe(110)
    expect(fills.units[0]).toBe(10)
    expect(net[0]).toBe(0)
    expect(net[1]).toBeCloseTo(0.11, 12)
    expect(equity[2]).toBe(1110)
    expect(exposure[1]).toBeCloseTo(1210 / 1110, 12)
  })

  it('holds the old position over the gap and the new one from the open', () => {
    const run = oneAsset(
      [
        [100, 100],
        [100, 100],
        [90, 99],
      ],
      {weights: order(3, {0: 1, 1: -1})},
    )
    const {net, gross} = runWeights(run)
    // 10 coins lose 100 in the gap; −10 coins lose 90 in the bar.
    expect(net[2]).toBeCloseTo(-0.19, 12)
    expect(gross[2]).toBeCloseTo(-0.19, 12)
  })

  it('fills one bar later for each bar of delay, at the size of the decision', () => {
    const run = oneAsset(
      [
        [100, 100],
        [110, 121],
        [130, 143],
      ],
      {weights: order(3, {0: 1}), delayBars: 1},
    )
    const {fills} = runWeights(run)
    expect([...fills.bar]).toEqual([2])
    expect(fills.px[0]).toBe(130)
    expect(fills.units[0]).toBe(10)
  })

  it('charges the fee on the price paid, spread included', () => {
    const ts = Float64Array.from([0, HOUR])
    const run = oneAsset(
      [
        [100, 100],
        [100, 100],
      ],
      {
        weights: order(2, {0: -1}),
        costs: flatCosts({assets: ['X'], ts}, 0.001, 0.002),
      },
    )
    const {fees, spread, net} = runWeights(run)
    expect(spread[1]).toBeCloseTo(0.002, 15)
    expect(fees[1]).toBeCloseTo(0.001 * 0.998, 15)
    expect(net[1]).toBeCloseTo(-0.002 - 0.001 * 0.998, 15)
  })

  it('pays funding on the position before the fill at the open and on the new one inside the bar', () => {
    const rate = (x: number): Float64Array[] => [new Float64Array(3).fill(x)]
    const run = oneAsset(
      [
        [100, 100],
        [100, 100],
        [100, 100],
      ],
      {weights: order(3, {0: 1})},
    )
    const funding = {
      longBefore: rate(0.01),
      shortBefore: rate(-0.01),
      longAfter: rate(0.002),
      shortAfter: rate(-0.002),
      flags: [],
    }
    const {funding: paid} = runWeights({...run, costs: {...run.costs, funding}})
    expect(paid[0]).toBe(0)
    expect(paid[1]).toBeCloseTo(0.002, 15)
    expect(paid[2]).toBeCloseTo(0.01 * (1000 / 998) + 0.002 * (1000 / 998), 12)
  })

  it('spreads an order over the bars that the participation cap needs, and waits while nothing trades', () => {
    const base = oneAsset(
      [
        [100, 100],
        [100, 100],
        [100, 100],
        [100, 100],
        [100, 100],
      ],
      {weights: order(5, {0: 1})},
    )
    const volume = [Float64Array.from([0, 400, 0, 400, 400])]
    const {fills, untraded} = runWeights({...base, volume, costs: {...base.costs, participationCap: 0.01}})
    expect([...fills.bar]).toEqual([1, 3, 4])
    expect([...fills.units]).toEqual([4, 4, 2])
    expect(untraded).toMatchObject({noVolume: 1, participationCap: 2})
  })

  it('drops orders below the smallest order, but always lets a position go', () => {
    const base = oneAsset(
      [
        [100, 100],
        [100, 100],
        [100, 50],
        [50, 50],
      ],
      {weights: order(4, {0: 0.02, 1: 0.025, 2: 0})},
    )
    const {fills, untraded} = runWeights({...base, costs: {...base.costs, minNotional: 15}})
    expect([...fills.bar]).toEqual([1, 3])
    expect(untraded.minNotional).toBe(1)
  })

  it('leaves a position inside the no-trade band alone and still exits', () => {
    const base = oneAsset(
      [
        [100, 100],
        [100, 110],
        [110, 110],
        [110, 110],
      ],
      {weights: order(4, {0: 0.5, 1: 0.5, 2: 0})},
    )
    const {fills, untraded} = runWeights({...base, noTradeBand: 0.05})
    expect([...fills.bar]).toEqual([1, 3])
    expect(untraded.noTradeBand).toBe(1)
  })

  it('books the loss of a contract that ends and never holds it again', () => {
    const base = oneAsset(
      [
        [100, 100],
        [100, 80],
        [80, 80],
        [80, 80],
      ],
      {weights: order(4, {0: 1})},
    )
    const state = [Uint8Array.from([BAR.live, BAR.live, BAR.dead, BAR.dead])]
    const {net, settled, exposure} = runWeights({...base, state, costs: {...base.costs, settlementHaircut: 0.3}})
    expect(net[1]).toBeCloseTo(-0.2, 12)
    expect(net[2]).toBeCloseTo((-0.3 * 800) / 800, 12)
    expect(settled).toEqual([{asset: 0, bar: 2, units: 10, px: 56}])
    expect(exposure[2]).toBe(0)
  })

  it('settles a contract whose bars stop while the rest of the venue goes on', () => {
    const panel = walkPanel({assets: 2, bars: 60})
    for (const columns of panel.series.values()) columns[0]!.fill(Number.NaN, 20)
    panel.state[0]!.fill(BAR.absent, 20)
    const weights = [new Float64Array(60).fill(Number.NaN), new Float64Array(60).fill(Number.NaN)]
    weights[0]![5] = 0.5
    const {settled, exposure} = runPanel(panel, weights, noCosts(panel))
    expect(settled.map(({asset, bar}) => [asset, bar])).toEqual([[0, 44]])
    expect(exposure[43]).toBeGreaterThan(0)
    expect(exposure[44]).toBe(0)
  })

  it('loses the whole account, once, when equity falls below maintenance', () => {
    const base = oneAsset(
      [
        [100, 100],
        [100, 200],
        [200, 210],
        [210, 100],
      ],
      {weights: order(4, {0: -1})},
    )
    const {net, equity, liquidatedAt, gross} = runWeights({...base, costs: {...base.costs, maintenanceMargin: 0.05}})
    expect(liquidatedAt).toBe(1)
    expect(net[1]).toBe(-1)
    expect(gross[1]).toBe(-1)
    expect([...net.slice(2)]).toEqual([0, 0])
    expect(equity[3]).toBe(0)
  })

  it('labels each interval between changes of the book, and none while it is flat', () => {
    const base = oneAsset(
      Array.from({length: 8}, () => [100, 100] as const),
      {weights: order(8, {0: 0.5, 2: 0.2, 4: 0, 6: 0.3})},
    )
    const {labels} = runWeights(base)
    expect([...labels.first]).toEqual([1, 3, 7])
    expect([...labels.last]).toEqual([2, 4, 7])
  })

  it('charges a larger declared capital more impact', () => {
    const panel = walkPanel({assets: 1, bars: 80, dailyNotional: 5e6})
    const costs = engineCosts(panel, testCosts())
    const weights = [Float64Array.from({length: 80}, (_, t) => (t > 40 ? (t % 2 === 0 ? 1 : 0.5) : Number.NaN))]
    const once = runPanel(panel, weights, costs)
    const doubled = {...panel, series: new Map(panel.series)}
    const twice = runPanel(doubled, weights, costs, {capital: 50_000})
    expect(total(twice.impact)).toBeGreaterThan(total(once.impact) * 1.3)
  })
})

describe('properties of the weights engine', () => {
  const panel = walkPanel({assets: 3, bars: 70})
  const costs = engineCosts(panel, testCosts())

  it('earns nothing and pays nothing on zero weights', () => {
    const zero = panel.assets.map(() => new Float64Array(70))
    const {net, orders, turnover} = runPanel(panel, zero, costs)
    expect(orders).toBe(0)
    expect(total(net) + total(turnover)).toBe(0)
  })

  it('splits every return exactly into its parts, and every part over the assets', () => {
    fc.assert(
      fc.property(targets(3, 70), (weights) => {
        const r = runPanel(panel, weights, costs)
        for (let t = 0; t < 70; t++) {
          const parts = r.gross[t]! - r.fees[t]! - r.spread[t]! - r.lag[t]! - r.impact[t]! - r.funding[t]!
          expect(Math.abs(r.net[t]! - parts)).toBeLessThan(1e-12)
          expect(Math.abs(r.net[t]! - total(r.assetPnl.map((pnl) => pnl[t]!)))).toBeLessThan(1e-12)
        }
      }),
      {numRuns: 30},
    )
  })

  it('is never better off with dearer trading', () => {
    fc.assert(
      fc.property(targets(3, 70), fc.double({min: 1, max: 4, noNaN: true}), (weights, k) => {
        const once = runPanel(panel, weights, costs).equity.at(-1)!
        const dearer = runPanel(panel, weights, costs, {costMultiplier: k}).equity.at(-1)!
        expect(dearer).toBeLessThanOrEqual(once * (1 + 1e-9))
      }),
      {numRuns: 30},
    )
  })

  it('returns the same at any capital when nothing depends on size', () => {
    fc.assert(
      fc.property(targets(3, 70), fc.double({min: 1e-3, max: 1e3, noNaN: true}), (weights, scale) => {
        const free = {
          ...costs,
          impact: panel.assets.map(() => new Float64Array(70)),
          minNotional: 0,
          participationCap: Number.POSITIVE_INFINITY,
        }
        const once = runPanel(panel, weights, free)
        const scaled = runPanel(panel, weights, free, {capital: 25_000 * scale})
        for (let t = 0; t < 70; t++) expect(Math.abs(once.net[t]! - scaled.net[t]!)).toBeLessThan(1e-10)
      }),
      {numRuns: 30},
    )
  })

  it('gives the first bars of a longer history the returns they had on their own', () => {
    fc.assert(
      fc.property(targets(3, 70), fc.integer({min: 1, max: 70}), (weights, bars) => {
        const short = prefix(panel, bars)
        const whole = runPanel(panel, weights, costs)
        const part = runPanel(
          short,
          weights.map((column) => column.slice(0, bars)),
          engineCosts(short, testCosts()),
        )
        expect(part.net).toEqual(whole.net.slice(0, bars))
        expect(part.funding).toEqual(whole.funding.slice(0, bars))
      }),
      {numRuns: 30},
    )
  })

  it('keeps the same account when only returns are asked for', () => {
    fc.assert(
      fc.property(targets(3, 70), (weights) => {
        const full = runPanel(panel, weights, costs)
        const lean = runPanel(panel, weights, costs, {detail: 'returns'})
        expect(lean.net).toEqual(full.net)
        expect(lean.orders).toBe(full.orders)
        expect(lean.assetPnl).toEqual([])
      }),
      {numRuns: 10},
    )
  })
})
