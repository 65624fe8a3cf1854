import {describe, expect, it} from 'vitest'
import {cosineCount, cosineTest} from '../../../src/cognition/statistics/cosine-test.ts'
import {hacT} from '../../../src/cognition/statistics/newey-west.ts'
import {normalSf} from '../../../src/kernel/distributions.ts'
import {Random} from '../../../src/kernel/random.ts'

/** Sums of `horizon` neighbours of white noise: what forward returns of a lasting order look like when it knows nothing. */
function windows(random: Random, T: number, horizon: number): Float64Array {
  const noise = Float64Array.from({length: T + horizon - 1}, () => random.normal())
  return Float64Array.from({length: T}, (_, t) => noise.subarray(t, t + horizon).reduce((a, b) => a + b, 0))
}

// One of fifteen looks at 5 %: the level at which a report says that chance does not explain a coefficient.
const LEVEL = 1 - 0.95 ** (1 / 15)

/** Share of null series that are called significant: by the test at LEVEL and at 5 %, by Newey-West and the normal at LEVEL. */
function alarms(T: number, horizon: number, runs: number): {strict: number; plain: number; normal: number} {
  const random = new Random(`overlap ${T} ${horizon}`)
  let [strict, plain, normal] = [0, 0, 0]
  for (let run = 0; run < runs; run++) {
    const x = windows(random, T, horizon)
    const {p} = cosineTest(x, horizon)
    if (p < LEVEL) strict++
    if (p < 0.05) plain++
    if (2 * normalSf(Math.abs(hacT(x, horizon).t)) < LEVEL) normal++
  }
  return {strict: strict / runs, plain: plain / runs, normal: normal / runs}
}

describe('the test of a mean of overlapping windows', () => {
  it.each([
    [120, 28],
    [400, 28],
    [1200, 28],
    [1200, 1],
  ])('fires at its level on %i bars of windows of %i, where Newey-West with the normal does not', (T, horizon) => {
    const {strict, plain, normal} = alarms(T, horizon, 2000)
    // .0034 nominal; three Monte-Carlo errors and a quarter of a per cent for windows that are not quite white.
    expect(strict).toBeLessThan(0.01)
    expect(plain).toBeGreaterThan(0.03)
    expect(plain).toBeLessThan(0.07)
    if (horizon > 1) expect(normal).toBeGreaterThan(0.015)
  })

  it('still finds an effect of a quarter of a deviation in forty windows', () => {
    const random = new Random('an effect')
    let found = 0
    for (let run = 0; run < 200; run++) {
      const x = windows(random, 40 * 5, 5).map((v) => v + 0.5 * Math.sqrt(5))
      if (cosineTest(x, 5).p < 0.05) found++
    }
    expect(found / 200).toBeGreaterThan(0.8)
  })

  it('takes few cosines where few windows fit, and never the variance below that of the bars', () => {
    expect([cosineCount(74, 28), cosineCount(1200, 28), cosineCount(1200, 1), cosineCount(1e6, 1)]).toEqual([
      1, 21, 45, 100,
    ])
    const saw = Float64Array.from({length: 101}, (_, t) => (t % 2 === 0 ? 1.1 : -0.9))
    const R0 = 1 - 1 / 101 ** 2
    const {margin, df} = cosineTest(saw, 1)
    expect(df).toBe(8)
    expect(margin).toBeCloseTo(2.306 * Math.sqrt(R0 / 101), 3)
  })

  it('has no p for a series that does not vary', () => {
    expect(() => cosineTest(new Float64Array(50).fill(0.1), 3)).toThrowError(
      expect.objectContaining({code: 'gauntlet.no_variance'}),
    )
  })
})
