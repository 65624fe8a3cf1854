import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {flatCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {drawdownCurve} from '../../src/cognition/backtest/return-curves.ts'
import {oneAssetRule, sweepOneAsset} from '../../src/cognition/backtest/sweep-one-asset.ts'
import {targetWeights} from '../../src/cognition/backtest/target-weights.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import {everyBar, idea, walkPanel} from './panels.ts'

const T = 200
const panel = walkPanel({assets: 1, bars: T, interval: '1h'})
const [open, close] = [panel.series.get('open')!, panel.series.get('close')!]

const signals = fc
  .array(fc.oneof(fc.constantFrom(Number.NaN, 0, 1, -1), fc.double({min: -2, max: 2, noNaN: true})), {
    minLength: T,
    maxLength: T,
  })
  .map((values) => Float64Array.from(values))

describe('sweepOneAsset', () => {
  it('is the weights engine on one asset: same Sharpe, drawdown, growth and orders', () => {
    // Without any band a full position differs from its target by rounding alone, and rounding is not shared.
    fc.assert(
      fc.property(
        signals,
        fc.constantFrom('1h', '4h', '1d'),
        fc.constantFrom(1e-9, 0.02, 0.3),
        fc.double({min: 0.1, max: 8, noNaN: true}),
        fc.double({min: 0, max: 0.01, noNaN: true}),
        fc.double({min: 0, max: 0.01, noNaN: true}),
        fc.integer({min: 0, max: T}),
        (signal, rebalance, no_trade_band, gross, fee, halfSpread, from) => {
          const hypothesis = idea({construct: 'sign', neutral: 'none', gross, max_weight: 1, rebalance, no_trade_band})
          const universe = everyBar(panel)
          universe[0]!.fill(0, from, from + 20)
          const fast = sweepOneAsset({
            rule: oneAssetRule(hypothesis, panel)!,
            open: open[0]!,
            close: close[0]!,
            signal,
            universe: universe[0]!,
            fee,
            halfSpread,
          })
          const weights = targetWeights({hypothesis, signal: [signal], panel, universe})
          const whole = runWeights({
            ts: panel.ts,
            barMs: panel.barMs,
            open,
            close,
            weights,
            costs: flatCosts(panel, fee, halfSpread),
            capital: 1,
            noTradeBand: no_trade_band,
            detail: 'returns',
          })
          expect(fast.orders).toBe(whole.orders)
          expect(fast.growth).toBeCloseTo(whole.equity[T - 1]!, 10)
          expect(fast.maxDrawdown).toBeCloseTo(Math.min(0, ...drawdownCurve(whole.net)), 10)
          const mean = whole.net.reduce((sum, r) => sum + r, 0) / T
          const sd = Math.sqrt(whole.net.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (T - 1))
          if (sd > 0) expect(fast.sharpe).toBeCloseTo(mean / sd, 8)
        },
      ),
      {numRuns: 200},
    )
  })

  it('loses a short that doubles, once', () => {
    const prices = Float64Array.from([100, 100, 250, 10])
    const run = {
      rule: {size: 1, noTradeBand: 0, first: 0, every: 1},
      open: prices,
      close: prices,
      signal: new Float64Array(4).fill(-1),
      universe: new Uint8Array(4).fill(1),
      fee: 0,
      halfSpread: 0,
    }
    expect(sweepOneAsset(run)).toMatchObject({growth: 0, maxDrawdown: -1})
  })

  it('leaves what needs more than the signal of the bar to the whole engine', () => {
    const rule = (over: Parameters<typeof idea>[0]): unknown =>
      oneAssetRule(idea({neutral: 'none', rebalance: '1h', ...over}), panel)
    expect(rule({})).toEqual({size: 1, noTradeBand: 0, first: 0, every: 1})
    expect(rule({rebalance: '1d'})).toMatchObject({first: 23, every: 24})
    for (const over of [{neutral: 'dollar'}, {vol_target_annual: 0.2}, {construct: 'equal_risk'}] as const)
      expect(rule(over)).toBeNull()
    expect(oneAssetRule(idea(), walkPanel({assets: 2, bars: 30}))).toBeNull()
  })
})
