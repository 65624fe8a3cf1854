import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {breakEvenMultiplier, netOfCosts, rollHalfSpread} from '../../../src/cognition/statistics/cost-stress.ts'
import {labelUniqueness} from '../../../src/cognition/statistics/effective-sample.ts'
import {crashRateUpper, ruleOfThree, survivesCrashes} from '../../../src/cognition/statistics/rule-of-three.ts'
import {sharpeRatio} from '../../../src/cognition/statistics/sharpe.ts'
import {defaultWindowPlan, walkForward, walkForwardWindows} from '../../../src/cognition/statistics/walk-forward.ts'
import {Random} from '../../../src/kernel/random.ts'
import {expectAllClose, expectClose, reference} from './reference.ts'

const values = reference('misc')

describe.skipIf(values === null)('labels, windows, crashes and costs equal the reference values', () => {
  it('uniqueness of overlapping labels', () => {
    for (const {t0, t1, T, concurrency, u} of [values.uniqueness, values.uniqueness_afml]) {
      const found = labelUniqueness(t0, t1, T)
      expect([...found.concurrency]).toEqual(concurrency)
      expectAllClose(found.uniqueness, u, 'label')
    }
    const {t0, t1, T, n_eff} = values.uniqueness
    expectClose(labelUniqueness(t0, t1, T).nEff, n_eff, 'n_eff')
  })

  it('walk-forward windows, rolling and anchored', () => {
    const {rolling, anchored, T, train, test, step, embargo} = values.walk_forward
    const plan = {T, train, test, step, gap: embargo}
    expect(walkForwardWindows(plan)).toEqual(rolling)
    expect(walkForwardWindows({...plan, anchored: true})).toEqual(anchored)
  })

  it('the rule of three', () => {
    expectAllClose([0, 1, 2, 3, 4, 5].map(crashRateUpper), values.rule_of_three.lambda_U_95, 'crash rate')
    const {pnl_ex_crash, L, passes, passes_c1} = values.rule_of_three.example
    expect([survivesCrashes(pnl_ex_crash, L, 0).pass, survivesCrashes(pnl_ex_crash, L, 1).pass]).toEqual([
      passes,
      passes_c1,
    ])
  })

  it('break-even costs and the Sharpe ratio under multiples of them', () => {
    const {gross, turnover, cost, breakeven_multiplier, sr_net} = values.cost_stress
    expectClose(breakEvenMultiplier(gross, turnover, cost), breakeven_multiplier, 'k*')
    for (const [k, sr] of Object.entries(sr_net))
      expectClose(sharpeRatio(netOfCosts(gross, turnover, cost, Number(k))), sr as number, `k=${k}`)
  })
})

describe('walk-forward', () => {
  const columns = (): Float64Array[] => {
    const random = new Random('walk')
    return [0, 0.5].map((edge) => Float64Array.from({length: 300}, () => 0.01 * (random.normal() + edge)))
  }

  it('stitches the test returns of the columns that training chose', () => {
    const [, good] = columns()
    const windows = walkForwardWindows(defaultWindowPlan(300, 5))
    const found = walkForward(columns(), windows)
    expect(found.chosen).toEqual(windows.map(() => 1))
    expect([...found.stitched]).toEqual(windows.flatMap(({test}) => [...good!.subarray(...test)]))
    expect(found.profitable).toBe(windows.length)
  })

  it('never tests on a bar it trained on, whatever the plan', () => {
    const bars = fc.integer({min: 1, max: 60})
    fc.assert(
      fc.property(bars, bars, bars, fc.nat(20), fc.boolean(), (train, test, step, gap, anchored) => {
        for (const window of walkForwardWindows({T: 200, train, test, step, gap, anchored})) {
          expect(window.test[0] - window.train[1]).toBe(gap)
          expect(window.test[1]).toBeLessThanOrEqual(200)
          expect(window.test[1] - window.test[0]).toBe(test)
        }
      }),
    )
  })

  it('refuses a plan that does not fit, and training windows in which nobody trades', () => {
    expect(() => walkForwardWindows({T: 100, train: 90, test: 10, step: 1, gap: 1})).toThrowError(
      expect.objectContaining({code: 'gauntlet.sample_too_small'}),
    )
    expect(() => walkForward([new Float64Array(300)], walkForwardWindows(defaultWindowPlan(300, 0)))).toThrowError(
      expect.objectContaining({code: 'gauntlet.no_variance'}),
    )
  })
})

describe('the rule of three', () => {
  /** 0.3 % a bar and, once in 250, a loss of 50 %: nothing in sample warns of it. */
  const seller = (T: number): number[] => Array.from({length: T}, (_, t) => 0.003 + 0.001 * Math.sin(t))

  it('turns away a crash seller whose crash is not in the sample', () => {
    expect(ruleOfThree(seller(250), 0.5)).toMatchObject({crashes: 0, crashSize: 0.5, pass: false})
    expect(ruleOfThree(seller(250), 0.1).pass).toBe(true)
  })

  it('counts realised crashes and takes them out of the P&L', () => {
    const crashed = ruleOfThree([...seller(250), -0.5], 0)
    expect([crashed.crashes, crashed.crashSize]).toEqual([1, 0.5])
    expect(crashed.crashesUpper).toBeCloseTo(4.744, 3)
    expect(crashed.pnlWithoutCrashes).toBeGreaterThan(0.7)
  })
})

describe('costs', () => {
  it('find the half-spread in bid-ask bounce, and none in a trend', () => {
    const random = new Random('bounce')
    const prices: number[] = []
    let mid = 0
    for (let t = 0; t < 20_000; t++) {
      mid += 0.0005 * random.normal()
      prices.push(mid + (random.unit() < 0.5 ? 0.001 : -0.001))
    }
    const changes = prices.slice(1).map((p, t) => p - prices[t]!)
    expect(rollHalfSpread(changes)).toBeCloseTo(0.001, 4)
    expect(rollHalfSpread([1, 1.1, 1.2, 1.3, 1.4, 1.5])).toBe(0)
  })

  it('have no break-even for a strategy that never trades', () => {
    expect(() => breakEvenMultiplier([0.1, 0.2], [0, 0], 0.001)).toThrowError(
      expect.objectContaining({code: 'gauntlet.no_trades'}),
    )
  })

  it('refuse labels that end before they start or outside the sample', () => {
    for (const [first, last] of [
      [[3], [2]],
      [[0], [10]],
      [[-1], [2]],
      [[Number.NaN], [2]],
    ] as const)
      expect(() => labelUniqueness(first, last, 10)).toThrowError(
        expect.objectContaining({code: 'gauntlet.out_of_range'}),
      )
  })
})
