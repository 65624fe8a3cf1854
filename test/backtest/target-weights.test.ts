import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {targetWeights} from '../../src/cognition/backtest/target-weights.ts'
import type {Hypothesis} from '../../src/contracts/hypothesis.ts'
import {everyBar, noiseSignal, portfolio, prefix, walkPanel} from './panels.ts'

const shape = (over: Partial<Hypothesis['portfolio']>, min_assets = 1): Pick<Hypothesis, 'portfolio' | 'universe'> => ({
  portfolio: portfolio(over),
  universe: {from: 'selection', min_assets},
})

/** One bar of signals for a small panel, read back as weights. */
function book(signals: readonly number[], over: Partial<Hypothesis['portfolio']>): number[] {
  const panel = walkPanel({assets: signals.length, bars: 40})
  const signal = signals.map((s) => new Float64Array(40).fill(s))
  return targetWeights({hypothesis: shape(over), signal, panel, universe: everyBar(panel)}).map((w) => w[39]!)
}

describe('targetWeights', () => {
  it('keeps the proportions of the signal at the declared gross', () => {
    expect(book([3, 1, -4], {neutral: 'none', gross: 0.8})).toEqual([0.3, 0.1, -0.4].map((w) => expect.closeTo(w, 12)))
  })

  it('centres ranks, with equal weights for equal signals', () => {
    const weights = book([5, 1, 1, 9], {construct: 'rank_long_short', neutral: 'dollar'})
    expect(weights).toEqual([0.5, -1, -1, 1.5].map((w) => expect.closeTo(w / 4, 12)))
  })

  it('takes only the side of the signal under sign, and nothing for zero', () => {
    expect(book([0.1, -7, 0], {construct: 'sign', neutral: 'none'})).toEqual([0.5, -0.5, 0])
  })

  it('gives the calmer asset the larger weight under equal risk', () => {
    const panel = walkPanel({assets: 2, bars: 40})
    const wild = panel.series.get('close')![0]!
    for (let t = 0; t < 40; t++) wild[t] = 100 * Math.exp(0.3 * Math.sin(7 * t))
    const signal = [new Float64Array(40).fill(1), new Float64Array(40).fill(1)]
    const hypothesis = shape({construct: 'equal_risk', neutral: 'none'})
    const weights = targetWeights({hypothesis, signal, panel, universe: everyBar(panel)}).map((w) => w[39]!)
    expect(weights[1]! / weights[0]!).toBeGreaterThan(4)
  })

  it('makes no book of one opinion that all share', () => {
    expect(book([2, 2, 2], {neutral: 'dollar'})).toEqual([0, 0, 0])
  })

  it('wants no position where the signal has no opinion or the asset is outside the universe', () => {
    const panel = walkPanel({assets: 3, bars: 4})
    const universe = everyBar(panel)
    universe[1]!.fill(0)
    const signal = [Number.NaN, 1, 1].map((s) => new Float64Array(4).fill(s))
    const weights = targetWeights({hypothesis: shape({neutral: 'none'}), signal, panel, universe})
    expect(weights.map((w) => w[3])).toEqual([0, 0, 1])
  })

  it('holds nothing while the universe is smaller than the idea asks for', () => {
    const panel = walkPanel({assets: 3, bars: 4})
    const weights = targetWeights({
      hypothesis: shape({}, 4),
      signal: noiseSignal(panel),
      panel,
      universe: everyBar(panel),
    })
    expect(weights.map((w) => w[3])).toEqual([0, 0, 0])
  })

  it('rebalances at the same instants wherever the data start', () => {
    const panel = walkPanel({assets: 2, bars: 60, interval: '1h'})
    const late = {...prefix(panel, 55), ts: panel.ts.slice(5)}
    const bars = (p: typeof panel): number[] => {
      const [w] = targetWeights({
        hypothesis: shape({rebalance: '8h'}),
        signal: noiseSignal(p),
        panel: p,
        universe: everyBar(p),
      })
      return [...p.ts].filter((_, t) => !Number.isNaN(w![t]!))
    }
    expect(bars(late)).toEqual(bars(panel).filter((ts) => ts >= late.ts[0]!))
    expect(bars(panel).every((ts) => (ts + panel.barMs) % 28_800_000 === 0)).toBe(true)
  })

  it('refuses a rebalance that falls between bars', () => {
    const panel = walkPanel({assets: 1, bars: 4})
    const request = {hypothesis: shape({rebalance: '8h'}), signal: noiseSignal(panel), panel, universe: everyBar(panel)}
    expect(() => targetWeights(request)).toThrowError(
      expect.objectContaining({code: 'portfolio.rebalance_off_grid', exitCode: 3}),
    )
  })

  it('scales the book down to its volatility target with what was known, and has none before 20 days', () => {
    const panel = walkPanel({assets: 4, bars: 90})
    const request = {signal: noiseSignal(panel), panel, universe: everyBar(panel)}
    const plain = targetWeights({...request, hypothesis: shape({neutral: 'none'})})
    const target = targetWeights({...request, hypothesis: shape({neutral: 'none', vol_target_annual: 0.1})})
    expect(target.map((w) => w[19])).toEqual([0, 0, 0, 0])
    const ratios = target.map((w, a) => w[80]! / plain[a]![80]!)
    for (const ratio of ratios) expect(ratio).toBeCloseTo(ratios[0]!, 10)
    expect(ratios[0]).toBeGreaterThan(0.05)
    expect(ratios[0]).toBeLessThan(1)
  })

  it('leaves a beta-neutral book without exposure to the equal-weighted market', () => {
    const panel = walkPanel({assets: 6, bars: 120})
    const request = {signal: noiseSignal(panel), panel, universe: everyBar(panel)}
    const weights = targetWeights({...request, hypothesis: shape({neutral: 'beta'})})
    // Against the very returns the betas come from, the exposure is zero by construction.
    const close = panel.series.get('close')!
    const r = (a: number, day: number): number => close[a]![119 - day]! / close[a]![118 - day]! - 1
    const market = Array.from({length: 60}, (_, day) => [0, 1, 2, 3, 4, 5].reduce((s, a) => s + r(a, day), 0) / 6)
    const own = Array.from({length: 60}, (_, day) => weights.reduce((s, w, a) => s + w[119]! * r(a, day), 0))
    const mean = (x: number[]): number => x.reduce((s, v) => s + v, 0) / x.length
    const covariance = mean(own.map((o, i) => (o - mean(own)) * (market[i]! - mean(market))))
    expect(Math.abs(covariance)).toBeLessThan(1e-15)
  })

  it('keeps a book of the faintest opinions neutral', () => {
    for (const faint of [-4.4e-323, 5e-324, 1e-310, 1e-200]) {
      const weights = book([0, faint], {neutral: 'dollar', gross: 1})
      expect(weights).toEqual([-0.5, 0.5].map((w) => w * Math.sign(faint)))
    }
  })

  it('is neutral, within gross and under every cap, whatever the signal', () => {
    const construct = fc.constantFrom('proportional' as const, 'rank_long_short' as const, 'sign' as const)
    const signals = fc.array(fc.oneof(fc.constant(Number.NaN), fc.double({min: -5, max: 5, noNaN: true})), {
      minLength: 2,
      maxLength: 12,
    })
    fc.assert(
      fc.property(signals, construct, fc.double({min: 0.05, max: 1, noNaN: true}), (s, kind, max_weight) => {
        const weights = book(s, {construct: kind, neutral: 'dollar', gross: 1.5, max_weight})
        expect(Math.abs(weights.reduce((sum, w) => sum + w, 0))).toBeLessThan(1e-9)
        expect(weights.reduce((sum, w) => sum + Math.abs(w), 0)).toBeLessThanOrEqual(1.5 + 1e-9)
        for (const w of weights) expect(Math.abs(w)).toBeLessThanOrEqual(max_weight + 1e-12)
      }),
      {numRuns: 200},
    )
  })

  it('decides on no bar with anything that comes after it', () => {
    const panel = walkPanel({assets: 4, bars: 100})
    const signal = noiseSignal(panel)
    for (const over of [{vol_target_annual: 0.2}, {neutral: 'beta' as const}, {construct: 'equal_risk' as const}]) {
      const whole = targetWeights({hypothesis: shape(over), signal, panel, universe: everyBar(panel)})
      const cut = prefix(panel, 77)
      const part = targetWeights({
        hypothesis: shape(over),
        signal: signal.map((s) => s.slice(0, 77)),
        panel: cut,
        universe: everyBar(cut),
      })
      expect(part).toEqual(whole.map((w) => w.slice(0, 77)))
    }
  })
})
