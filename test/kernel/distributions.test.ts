import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  binomialSf,
  chi2Ppf,
  chi2Sf,
  erfc,
  expectedMaxNormal,
  normalCdf,
  normalPpf,
  normalSf,
  studentCdf,
  studentIsf,
  studentPpf,
  studentSf,
  studentTwoSided,
} from '../../src/kernel/distributions.ts'
import {incompleteBeta, lgamma, upperGamma} from '../../src/kernel/special-functions.ts'
import {golden} from '../golden-files.ts'

const path = golden('gauntlet/specfun.json')
type Row = number[]
const table = path === null ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Row[]>)

/** |a − b| relative to b, or absolute when b is 0. */
const error = (a: number, b: number): number => (Math.abs(b) < 1e-12 ? Math.abs(a) : Math.abs(a / b - 1))

describe.skipIf(path === null)('distributions equal the 50-digit reference values', () => {
  const cases: [string, (row: Row) => number, number][] = [
    ['norm_cdf', ([x]) => normalCdf(x!), 1e-13],
    ['norm_ppf', ([p]) => normalPpf(p!), 1e-13],
    ['t_cdf', ([x, df]) => studentCdf(x!, df!), 1e-13],
    ['t_two_sided_p', ([x, df]) => studentTwoSided(x!, df!), 2e-13],
    ['t_ppf', ([p, df]) => studentPpf(p!, df!), 2e-13],
    ['chi2_sf', ([x, k]) => chi2Sf(x!, k!), 1e-13],
    ['binom_sf_ge', ([k, n, p]) => binomialSf(k!, n!, p!), 1e-13],
    ['lgamma', ([x]) => lgamma(x!), 2e-14],
    ['emax_exact', ([n]) => expectedMaxNormal(n!), 1e-12],
  ]
  for (const [name, compute, tolerance] of cases) {
    it(`${name} within ${tolerance} relative, in the far tail as well`, () => {
      for (const row of table[name]!) {
        const found = error(compute(row), row.at(-1)!)
        expect(found, `${name}(${row.slice(0, -1)}) is off by ${found}`).toBeLessThanOrEqual(tolerance)
      }
    })
  }
})

describe('distributions', () => {
  it('give NaN outside their domain, never a number that could pass a gate', () => {
    for (const value of [
      normalPpf(-0.1),
      normalPpf(1.1),
      normalPpf(Number.NaN),
      normalCdf(Number.NaN),
      studentPpf(0.5, 0),
      studentIsf(2, 3),
      studentSf(1, Number.NaN),
      chi2Sf(1, 0),
      chi2Ppf(0.5, -1),
      binomialSf(1, 2, Number.NaN),
      binomialSf(1.5, 2, 0.5),
      expectedMaxNormal(0.5),
      lgamma(0),
      incompleteBeta(0, 1, 0.5),
      upperGamma(1, -1),
    ])
      expect(value).toBeNaN()
  })

  it('meet their limits at the ends', () => {
    expect([normalPpf(0), normalPpf(1), studentPpf(0, 3), studentPpf(1, 3)]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ])
    expect([normalCdf(-50), normalCdf(50), studentSf(Number.POSITIVE_INFINITY, 4), chi2Sf(0, 3)]).toEqual([0, 1, 0, 1])
    expect([binomialSf(0, 5, 0.5), binomialSf(6, 5, 0.5), chi2Ppf(0, 2)]).toEqual([1, 0, 0])
    expect(erfc(0)).toBe(1)
  })

  it('invert: the quantile of a probability has that probability', () => {
    fc.assert(
      fc.property(
        fc.double({min: 1e-12, max: 1 - 1e-12, noNaN: true}),
        fc.double({min: 0.6, max: 3000, noNaN: true}),
        (p, df) => {
          expect(error(normalCdf(normalPpf(p)), p)).toBeLessThan(1e-12)
          expect(error(studentSf(studentIsf(p, df), df), p)).toBeLessThan(1e-9)
          expect(error(1 - chi2Sf(chi2Ppf(p, df), df), p) * p).toBeLessThan(1e-10)
        },
      ),
      {numRuns: 200},
    )
  })

  it('are symmetric and rise', () => {
    fc.assert(
      fc.property(fc.double({min: -30, max: 30, noNaN: true}), fc.double({min: 1e-6, max: 2, noNaN: true}), (x, d) => {
        expect(normalCdf(x + d)).toBeGreaterThanOrEqual(normalCdf(x))
        expect(normalSf(x)).toBe(normalCdf(-x))
        expect(studentCdf(x + d, 5)).toBeGreaterThanOrEqual(studentCdf(x, 5))
      }),
    )
  })
})
