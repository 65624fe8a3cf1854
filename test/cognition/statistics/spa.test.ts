import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {familyBlockLength} from '../../../src/cognition/statistics/block-length.ts'
import {blockLengths} from '../../../src/cognition/statistics/block-length-draws.ts'
import {sequentialP} from '../../../src/cognition/statistics/sequential-p.ts'
import {realityCheck, spa, spaSequential} from '../../../src/cognition/statistics/spa.ts'
import {
  bootstrapMeans,
  meansOfPaths,
  stationaryIndices,
  stationaryVariance,
} from '../../../src/cognition/statistics/stationary-bootstrap.ts'
import {stepM} from '../../../src/cognition/statistics/stepm.ts'
import {Random} from '../../../src/kernel/random.ts'
import {columnsOf, expectAllClose, expectClose, reference, table} from './reference.ts'

const values = reference('bootstrap_spa')

describe.skipIf(values === null)('bootstrap tests equal the reference values', () => {
  const columns = columnsOf(table('spa_differentials'))
  const paths = table('boot_indices_T120_B200_b5')
  const draws = values === null ? {B: 0, K: 0, values: new Float64Array()} : meansOfPaths(columns, paths)
  const want = values?.deterministic_B200

  it('the index rule and the sample means of its paths', () => {
    const {starts, u, b, idx} = values.index_rule
    expect([...stationaryIndices(starts, u, b)]).toEqual(idx)
    const centre = columns[0]!.reduce((a, x) => a + x, 0) / 120
    const firstColumn = [0, 1, 2, 3, 4].map((row) => draws.values[row * 8]! + centre)
    expectAllClose(firstColumn, values.mean_path_col0, 'path')
  })

  it('the Reality Check, and SPA lower, consistent and upper on given indices', () => {
    const rc = realityCheck(columns, draws)
    expectClose(rc.statistic, want.rc.stat, 'RC')
    expectClose(rc.strict, want.rc.p_strict, 'RC p strict')
    expectClose(rc.p, want.rc.p_plus1, 'RC p')
    const found = spa(columns, 5, draws)
    expectClose(found.statistic, want.spa_stat, 'SPA')
    expect([...found.recentred]).toEqual(want.consistent_recentred)
    const omega = columns.map((column) => Math.sqrt(stationaryVariance(column, 5)))
    expectAllClose(omega, want.omega, 'omega')
    for (const form of ['lower', 'consistent', 'upper'] as const) {
      expectClose(found[form].strict, want.spa[form].p_strict, `${form} strict`)
      expectClose(found[form].p, want.spa[form].p_plus1, `${form} p`)
    }
  })

  it('StepM: who is rejected, at which critical values, with which adjusted p', () => {
    for (const [alpha, expected] of [
      [0.05, values.stepm_alpha05],
      [0.1, values.stepm_alpha10],
    ] as const) {
      const found = stepM(columns, 5, draws, alpha)
      expect([...found.rejected]).toEqual(expected.rejected)
      expectAllClose(found.critical, expected.crit, 'critical')
      expectAllClose(found.t, expected.t, 't')
      expectAllClose(found.adjustedP, expected.adj_p, 'adjusted p')
    }
  })

  it('its own draws agree with 20,000 foreign ones within four standard errors', () => {
    const B = 20_000
    const own = bootstrapMeans(columns, 5, B, new Random('reference'))
    const big = values.large_B
    const near = (p: number, {p: other, mc_se}: {p: number; mc_se: number}): void =>
      expect(Math.abs(p - other)).toBeLessThan(4 * Math.SQRT2 * mc_se)
    near(realityCheck(columns, own).strict, big.rc)
    const found = spa(columns, 5, own)
    for (const form of ['lower', 'consistent', 'upper'] as const) near(found[form].strict, big.spa[form])
    const step = stepM(columns, 5, own, 0.05)
    expect([...step.rejected]).toEqual(big.stepm_rejected)
    expectAllClose(step.adjustedP, big.stepm_adj_p, 'adjusted p', 4 * Math.sqrt((2 * 0.25) / B) + 1e-4)
  })
})

/** K columns of T standard normal returns, the first shifted by `edge`. */
function family(seed: string, K: number, T: number, edge = 0): Float64Array[] {
  const random = new Random(seed)
  return Array.from({length: K}, (_, k) => Float64Array.from({length: T}, () => random.normal() + (k === 0 ? edge : 0)))
}

describe('the stationary bootstrap', () => {
  it('draws means whose variance is the exact kernel variance', () => {
    const [column] = family('variance', 1, 200)
    for (const b of [1, 7, 30]) {
      const {values: means} = bootstrapMeans([column!], b, 20_000, new Random(`b ${b}`))
      const variance = means.reduce((a, m) => a + m * m, 0) / means.length
      expect(Math.abs((200 * variance) / stationaryVariance(column!, b) - 1)).toBeLessThan(0.05)
    }
  })

  it('gives the same draws for the same seed text, whatever stands beside a column', () => {
    const columns = family('same', 3, 120)
    const alone = bootstrapMeans([columns[1]!], 4, 20, new Random('s')).values
    const together = bootstrapMeans(columns, 4, 20, new Random('s')).values
    expectAllClose(
      together.filter((_, i) => i % 3 === 1),
      [...alone],
      'row',
      1e-14,
    )
  })

  it('refuses blocks longer than a third of the sample', () => {
    expect(() => bootstrapMeans(family('long', 1, 120), 41, 10, new Random('s'))).toThrowError(
      expect.objectContaining({code: 'gauntlet.out_of_range'}),
    )
  })
})

describe('superior predictive ability', () => {
  it('p lies in (0, 1] and lower <= consistent <= upper, for every family', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({min: 1, max: 6}),
        fc.double({min: -0.5, max: 0.5, noNaN: true}),
        (seed, K, edge) => {
          const columns = family(seed, K, 60, edge)
          const draws = bootstrapMeans(columns, 3, 99, new Random(seed))
          const {lower, consistent, upper} = spa(columns, 3, draws)
          for (const {p} of [lower, consistent, upper, realityCheck(columns, draws)]) expect(p > 0 && p <= 1).toBe(true)
          expect(lower.p <= consistent.p && consistent.p <= upper.p).toBe(true)
          const {adjustedP, rejected} = stepM(columns, 3, draws, 0.05)
          for (const p of adjustedP) expect(p > 0 && p <= 1).toBe(true)
          for (const k of rejected) expect(adjustedP[k]).toBeLessThanOrEqual(0.06)
        },
      ),
      {numRuns: 60},
    )
  })

  it('sees an edge, and does not see one in noise', () => {
    for (const [edge, low] of [
      [0.4, true],
      [0, false],
    ] as const) {
      const columns = family('edge', 20, 250, edge)
      const {consistent} = spa(columns, 2, bootstrapMeans(columns, 2, 999, new Random('x')))
      expect(consistent.p < 0.05).toBe(low)
    }
  })

  it('judges a single column', () => {
    const columns = family('one', 1, 100, 0.5)
    expect(spa(columns, 2, bootstrapMeans(columns, 2, 999, new Random('x'))).consistent.p).toBeLessThan(0.05)
  })

  it('drops a column that never trades, and refuses a family of them', () => {
    const columns = [new Float64Array(100), ...family('flat', 2, 100, 0.5)]
    const draws = bootstrapMeans(columns, 2, 199, new Random('x'))
    const found = spa(columns, 2, draws)
    expect([found.dropped, found.recentred[0]]).toEqual([[0], false])
    expect(stepM(columns, 2, draws, 0.05).adjustedP[0]).toBe(1)
    const flat = [new Float64Array(100).fill(0.1)]
    const still = bootstrapMeans(flat, 2, 99, new Random('x'))
    for (const test of [() => spa(flat, 2, still), () => stepM(flat, 2, still, 0.05), () => familyBlockLength(flat)])
      expect(test).toThrowError(expect.objectContaining({code: 'gauntlet.no_variance'}))
  })

  it('refuses fewer than 50 observations, holes, and draws of another family', () => {
    const columns = family('short', 2, 60)
    const draws = bootstrapMeans(columns, 2, 99, new Random('x'))
    const holed = columns.map((column) => column.with(3, Number.NaN))
    expect(() =>
      spa(
        columns.map((c) => c.subarray(0, 49)),
        2,
        draws,
      ),
    ).toThrowError(expect.objectContaining({code: 'gauntlet.sample_too_small'}))
    expect(() => spa(holed, 2, draws)).toThrowError(expect.objectContaining({code: 'gauntlet.not_finite'}))
    expect(() => spa(columns.slice(1), 2, draws)).toThrowError(expect.objectContaining({code: 'gauntlet.out_of_range'}))
  })

  it('survives the rejection of every column', () => {
    const columns = family('all', 1, 100, 5)
    const {rejected, critical} = stepM(columns, 2, bootstrapMeans(columns, 2, 199, new Random('x')), 0.05)
    expect([rejected, critical.length]).toEqual([[0], 1])
  })
})

describe('sequential Monte-Carlo p-values', () => {
  const coin = (seed: string, p: number) => {
    const random = new Random(seed)
    return () => random.unit() < p
  }

  it('give up on a clear failure within dozens of draws', () => {
    const found = sequentialP({exceeds: coin('clear', 0.5), maximum: 10_000, alpha: 0.05})
    expect(found.stop).toBe('above')
    expect(found.draws).toBeLessThan(60)
  })

  it('use every draw near the threshold, and confirm a clear pass early', () => {
    expect(sequentialP({exceeds: coin('near', 0.05), maximum: 2000, alpha: 0.05}).stop).toBe('maximum')
    const pass = sequentialP({exceeds: coin('pass', 0.001), maximum: 10_000, alpha: 0.05})
    expect([pass.stop, pass.p < 0.05, pass.draws < 1000]).toEqual(['below', true, true])
  })

  it('stop at the wanted number of exceedances', () => {
    const found = sequentialP({exceeds: coin('bc', 0.06), maximum: 10_000, alpha: 0.05, exceedances: 20})
    expect([found.stop, found.exceedances, found.p]).toEqual(['exceedances', 20, 20 / found.draws])
  })

  it('never give p = 0', () => {
    expect(sequentialP({exceeds: () => false, maximum: 99, alpha: 0.001}).p).toBe(0.01)
  })

  it('reach the verdict of the full test on the same stream', () => {
    for (const edge of [0, 0.3]) {
      const columns = family('seq', 5, 200, edge)
      const full = spa(columns, 2, bootstrapMeans(columns, 2, 2000, new Random('q'))).consistent.p <= 0.05
      const early = spaSequential(columns, 2, new Random('q'), {alpha: 0.05, maximum: 2000})
      expect(early.p <= 0.05).toBe(full)
      expect(early.draws).toBeLessThan(2000)
    }
  })
})

describe('the length of a bootstrap block', () => {
  it('is the one of the formula, looked up or not', () => {
    fc.assert(
      fc.property(
        fc.double({min: 1.01, max: 500, noNaN: true}),
        fc.double({min: 0, max: 1 - 2 ** -53, noNaN: true}),
        (b, u) => {
          const length = 1 + Math.floor(Math.log(1 - u) / Math.log(1 - 1 / b))
          expect(blockLengths(b)(u)).toBe(length)
        },
      ),
      {numRuns: 2000},
    )
  })

  it('is 1 for a u of 0, and long for one next to 1', () => {
    expect([blockLengths(10)(0), blockLengths(10)(1 - 2 ** -53)]).toEqual([
      1,
      1 + Math.floor((-53 * Math.LN2) / Math.log(0.9)),
    ])
  })
})
