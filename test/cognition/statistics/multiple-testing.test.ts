import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  type Adjustment,
  benjaminiHochberg,
  benjaminiYekutieli,
  bonferroni,
  haircutFromLedger,
  harveyLiuBhy,
  holm,
  sharpeOfP,
  sharpeP,
  sidak,
} from '../../../src/cognition/statistics/multiple-testing.ts'
import {timeAggregationAr1} from '../../../src/cognition/statistics/sharpe.ts'
import {normalPpf} from '../../../src/kernel/distributions.ts'
import {expectAllClose, expectClose, reference} from './reference.ts'

const values = reference('multiple_testing')
const methods: Record<string, Adjustment> = {
  bonferroni,
  sidak,
  holm,
  bh: benjaminiHochberg,
  by: benjaminiYekutieli,
  bhy_harvey_liu: harveyLiuBhy,
}

describe.skipIf(values === null)('multiple testing equals the reference values', () => {
  it('adjusted p-values of every method on every list', () => {
    for (const list of values.adjust) {
      for (const [name, adjust] of Object.entries(methods)) {
        const found = adjust(list.p)
        expectAllClose(found, list[name], `${list.name} ${name}`)
        const rejections = list.n_reject_05[name]
        if (rejections !== undefined) expect(found.filter((p) => p <= 0.05).length).toBe(rejections)
      }
    }
  })

  it("Harvey and Liu's haircut of a monthly Sharpe", () => {
    for (const row of values.haircut_bonferroni) {
      const corrected = (row.sr_ann * timeAggregationAr1(row.rho, 12)) / Math.sqrt(12)
      expectClose(corrected, row.sr_ac, 'corrected Sharpe')
      const p = sharpeP(corrected, row.n_months, 12)
      expectClose(p, row.p_single, 'p')
      expectClose(sharpeOfP(Math.min(1, row.n_tests * p), row.n_months, 12), row.sr_bonf, 'haircut Sharpe', 1e-8)
    }
  })

  it('the haircut by the trials in the ledger', () => {
    const {trial_sr_ann, candidate_sr_ann, n_months, ...want} = values.haircut_from_ledger
    for (const name of ['bonferroni', 'holm', 'bhy_harvey_liu', 'by']) {
      const found = haircutFromLedger(candidate_sr_ann, trial_sr_ann, n_months, 12, methods[name]!)
      expectClose(found.adjustedP, want[name].p_adj, `${name} p`)
      expectClose(found.sharpe, want[name].sr_haircut, `${name} Sharpe`, 1e-8)
      expectClose(found.haircut, want[name].haircut, `${name} haircut`, 1e-8)
    }
    expectClose(haircutFromLedger(1.45, trial_sr_ann, 96, 12, holm).sharpe, 1.114513539776778, '40-digit value', 1e-13)
  })

  it('the hurdle of 316 factors', () => {
    expectClose(-normalPpf(0.05 / 632), values.t_cutoffs.bonferroni_316_5pct, 't cutoff')
  })
})

describe('laws of adjustment', () => {
  const list = fc.array(fc.double({min: 0, max: 1, noNaN: true}), {minLength: 1, maxLength: 30})

  it('no adjusted p is below its raw p or above 1, and order is kept', () => {
    fc.assert(
      fc.property(list, (p) => {
        for (const adjust of Object.values(methods)) {
          const found = adjust(p)
          found.forEach((value, i) => {
            expect(value >= p[i]! - 1e-15 && value <= 1).toBe(true)
            found.forEach((other, j) => {
              if (p[i]! < p[j]!) expect(value).toBeLessThanOrEqual(other + 1e-15)
            })
          })
        }
      }),
    )
  })

  it('Holm is never above Bonferroni, BH never above Holm', () => {
    fc.assert(
      fc.property(list, (p) => {
        const [b, h, d] = [bonferroni(p), holm(p), benjaminiHochberg(p)]
        for (const i of p.keys()) expect(d[i]! <= h[i]! + 1e-15 && h[i]! <= b[i]!).toBe(true)
      }),
    )
  })

  it('a list in another order has the same answers in that order', () => {
    fc.assert(
      fc.property(list, (p) => {
        for (const adjust of Object.values(methods))
          expect([...adjust([...p].reverse())].reverse().every((v, i) => Math.abs(v - adjust(p)[i]!) < 1e-15)).toBe(
            true,
          )
      }),
    )
  })

  it('refuses a missing p, one outside [0, 1], and an empty list', () => {
    for (const adjust of Object.values(methods)) {
      expect(() => adjust([0.1, Number.NaN])).toThrowError(expect.objectContaining({code: 'gauntlet.not_finite'}))
      expect(() => adjust([1.1])).toThrowError(expect.objectContaining({code: 'gauntlet.out_of_range'}))
      expect(() => adjust([])).toThrowError(expect.objectContaining({code: 'gauntlet.sample_too_small'}))
    }
  })
})
