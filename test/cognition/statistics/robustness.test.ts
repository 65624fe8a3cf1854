import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {capacity} from '../../../src/cognition/statistics/capacity.ts'
import {factorAlpha} from '../../../src/cognition/statistics/factor-alpha.ts'
import {cochranQ, concentration, equalParts} from '../../../src/cognition/statistics/heterogeneity.ts'
import {hacT} from '../../../src/cognition/statistics/newey-west.ts'
import {plateau} from '../../../src/cognition/statistics/plateau.ts'
import {Random} from '../../../src/kernel/random.ts'
import {expectAllClose, expectClose, reference} from './reference.ts'

const values = reference('misc')
const normals = (seed: string, T: number, mean = 0): Float64Array => {
  const random = new Random(seed)
  return Float64Array.from({length: T}, () => mean + random.normal())
}

describe.skipIf(values === null)('robustness equals the reference values', () => {
  it('of the plateau', () => {
    const want = values.plateau
    const found = plateau(want.grid.flat(), [5, 5], 5 * want.centre[0] + want.centre[1])
    expectClose(found.ratio, want.ratio, 'ratio')
    expectClose(found.worst, want.worst, 'worst')
    expectClose(found.worstRatio, want.worst_ratio, 'worst ratio')
    expectClose(found.halfShare, want.frac_ge_half, 'half')
    expectClose(found.positiveShare, want.frac_positive_grid, 'positive')
    expect(found.neighbours).toBe(8)
  })

  it('of heterogeneity and concentration', () => {
    const want = values.regime
    const parts = (want.T as number[]).map((T, i) => ({T, sr: want.sr[i], g3: want.g3[i], g4: want.g4[i]}))
    const found = cochranQ(parts)
    expectAllClose(found.se, want.se, 'se')
    for (const [ours, theirs] of [
      [found.pooled, want.pooled],
      [found.Q, want.cochran_Q],
      [found.p, want.p],
      [found.I2, want.I2],
      [concentration(want.year_pnl), want.hhi_afml],
    ])
      expectClose(ours, theirs, 'value')
    expect(found.df).toBe(want.df)
  })

  it('of capacity, whatever capital the impact was measured at', () => {
    const {mu_gross, turnover, half_spread_fee, Y, sigma, adv, A_zero, A_max_profit} = values.capacity
    for (const capital of [1e3, 1e6]) {
      const impact = turnover * Y * sigma * Math.sqrt((capital * turnover) / adv)
      const found = capacity(mu_gross - turnover * half_spread_fee, impact, capital)
      expectClose(found.zero, A_zero, 'zero')
      expectClose(found.mostProfit, A_max_profit, 'most profit')
    }
  })
})

describe('a plateau', () => {
  it('has at its corner only the neighbours that exist, and none on an axis of one value', () => {
    expect(plateau([1, 1, 1, 1, 1, 1], [2, 3], 0).neighbours).toBe(3)
    expect(plateau([1, 2, 3], [1, 3], 2)).toMatchObject({neighbours: 1, worst: 2})
    expect(() => plateau([1], [1], 0)).toThrowError(expect.objectContaining({code: 'gauntlet.out_of_range'}))
  })

  it('has no ratio around a point that loses: NaN never passes a gate', () => {
    expect(plateau([-1, -2], [2], 0).ratio).toBeNaN()
  })
})

describe('capacity', () => {
  it('is none without an edge before impact, and without bound where nothing moves the price', () => {
    expect(capacity(-0.001, 0.1, 1000)).toEqual({zero: 0, mostProfit: 0})
    expect(capacity(0.001, 0, 1000).mostProfit).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('equal parts', () => {
  it('cover every observation once and differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({min: 8, max: 500}), fc.integer({min: 1, max: 8}), (T, n) => {
        const parts = equalParts(T, n)
        expect(parts.map(([from]) => from)).toEqual([0, ...parts.slice(0, -1).map(([, to]) => to)])
        expect(parts.at(-1)![1]).toBe(T)
        const sizes = parts.map(([from, to]) => to - from)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('alpha beyond factors', () => {
  it('is the mean and its t where the factor has nothing to do with the return', () => {
    const r = normals('alpha', 3000, 0.06)
    const factor = normals('factor', 3000)
    const found = factorAlpha(r, [factor])
    expect(Math.abs(found.t - hacT(r).t)).toBeLessThan(0.1)
    expect(Math.abs(found.betas[0]!)).toBeLessThan(0.05)
  })

  it('is nothing for a levered factor, and the edge for an edge on top of one', () => {
    const [btc, eth] = [normals('btc', 2000, 0.05), normals('eth', 2000, 0.03)]
    const noise = normals('noise', 2000)
    const levered = btc.map((x, t) => 2 * x - 0.5 * eth[t]! + 0.1 * noise[t]!)
    const {alpha, t, betas} = factorAlpha(levered, [btc, eth])
    expect(betas[0]).toBeCloseTo(2, 1)
    expect(betas[1]).toBeCloseTo(-0.5, 1)
    expect(Math.abs(t)).toBeLessThan(3)
    const lifted = factorAlpha(
      levered.map((x) => x + 0.02),
      [btc, eth],
    )
    expect(lifted.alpha - alpha).toBeCloseTo(0.02, 12)
    expect(lifted.t).toBeGreaterThan(5)
  })

  it('does not depend on the scale or the order of the factors', () => {
    const [r, a, b] = [normals('r', 400, 0.1), normals('a', 400), normals('b', 400)]
    const plain = factorAlpha(r, [a, b], 5)
    const other = factorAlpha(r, [b.map((x) => 100 * x), a.map((x) => x / 7)], 5)
    expectClose(other.alpha, plain.alpha, 'alpha')
    expectClose(other.t, plain.t, 't')
  })

  it('cannot be told apart from a factor that stands twice or never moves', () => {
    const [r, a] = [normals('r', 100), normals('a', 100)]
    for (const factors of [[a, a], [new Float64Array(100)]])
      expect(() => factorAlpha(r, factors)).toThrowError(expect.objectContaining({code: 'gauntlet.no_variance'}))
  })
})
