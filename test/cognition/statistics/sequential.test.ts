import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {cusum, cusumRunLength, cusumThreshold} from '../../../src/cognition/statistics/cusum.ts'
import {eLond} from '../../../src/cognition/statistics/e-lond.ts'
import {bettingProcess, killProcess, mixtureProcess} from '../../../src/cognition/statistics/e-process.ts'
import {Random} from '../../../src/kernel/random.ts'
import {expectAllClose, expectClose, reference} from './reference.ts'

const golden = reference('sequential')
const BETTOR = {mean: 4e-4, variance: 1e-4, weight: 60, fraction: 0.5}
const last = (x: Float64Array): number => x.at(-1)!

describe.skipIf(golden === null)('the sequential monitors equal the reference values', () => {
  it('CUSUM: path, alarm and average run lengths', () => {
    const {z, k, h, path, alarm_index} = golden.cusum
    const found = cusum(z, k, h)
    expectAllClose(found.path, path, 'cusum')
    expect(found.alarm).toBe(alarm_index)
    for (const {delta, k: reference, h: threshold, arl_siegmund} of golden.cusum_arl)
      expectClose(cusumRunLength(delta, reference, threshold), arl_siegmund, `ARL ${delta} ${threshold}`)
    // The rounded values of the textbook.
    expectClose(cusumRunLength(0, 0.5, 5), 938.2, 'ARL0', 1e-4)
    expectClose(cusumRunLength(1, 0.5, 5), 10.34, 'ARL1', 1e-3)
  })

  it('the betting process: bets fixed before each return, and the wealth they leave', () => {
    const {
      r,
      B,
      mu_prior: mean,
      var_prior: variance,
      n_prior: weight,
      frac: fraction,
      log_e,
      lam,
    } = golden.eprocess_betting
    const {logE, bets} = bettingProcess(r, {lossBound: B, mean, variance, weight, fraction})
    expectAllClose(bets, lam, 'bets')
    expectAllClose(logE, log_e, 'ln E')
  })

  it('the normal mixture', () => {
    const z = golden.eprocess_betting.r.map((value: number) => value / 0.009)
    expectAllClose(mixtureProcess(z, golden.eprocess_mixture.tau2), golden.eprocess_mixture.log_e, 'ln E')
  })

  it('e-LOND: levels and discoveries', () => {
    const {e, alpha, alpha_t, R} = golden.elond
    const {levels, discovered} = eLond(e, alpha)
    expectAllClose(levels, alpha_t, 'levels')
    expect(discovered.map(Number)).toEqual(R)
  })
})

describe('a CUSUM', () => {
  it('alarms as rarely as its threshold promises when nothing has changed, and soon when the edge is gone', () => {
    const [k, wanted] = [0.25, 200]
    const h = cusumThreshold(k, wanted)
    expect(cusumRunLength(0, k, h)).toBeGreaterThanOrEqual(wanted)
    const runs = (shift: number): number => {
      let total = 0
      for (let i = 0; i < 300; i++) {
        const random = new Random(`cusum ${shift} ${i}`)
        let [S, t] = [0, 0]
        while (S <= h && t < 20_000) {
          S = Math.max(0, S - (random.normal() - shift) - k)
          t += 1
        }
        total += t
      }
      return total / 300
    }
    // Monte-Carlo error of a mean of 300 about exponential times is 6 %.
    expect(runs(0) / wanted).toBeGreaterThan(0.8)
    expect(runs(0) / wanted).toBeLessThan(1.25)
    expect(runs(0.5) / cusumRunLength(0.5, k, h)).toBeGreaterThan(0.8)
    expect(runs(0.5) / cusumRunLength(0.5, k, h)).toBeLessThan(1.25)
  })

  it('alarms falsely at times that are nearly exponential: 1 − e^(−n/ARL) of the series within n', () => {
    const [k, wanted, n] = [0.25, 200, 120]
    const h = cusumThreshold(k, wanted)
    const hits = Array.from({length: 600}, (_, i) => {
      const random = new Random(`exponential ${i}`)
      return cusum(
        Array.from({length: n}, () => random.normal()),
        k,
        h,
      ).alarm
    }).filter((alarm) => alarm !== null)
    // From 0 it takes a while to get anywhere, so a little fewer; ± 2 % is chance among 600.
    const expected = 1 - Math.exp(-n / wanted)
    expect(hits.length / 600).toBeLessThan(expected + 0.04)
    expect(hits.length / 600).toBeGreaterThan(expected - 0.1)
  })

  it('is monotone: a worse return never makes it smaller', () => {
    fc.assert(
      fc.property(fc.array(fc.double({min: -5, max: 5, noNaN: true}), {minLength: 1, maxLength: 30}), (z) => {
        const better = cusum(z, 0.1, 4).path
        const worse = cusum(
          z.map((value) => value - 0.1),
          0.1,
          4,
        ).path
        for (const [t, S] of better.entries()) expect(worse[t]!).toBeGreaterThanOrEqual(S)
      }),
      {numRuns: 50},
    )
  })

  it('refuses a threshold or a reference value that means nothing', () => {
    for (const [k, h] of [
      [-1, 5],
      [0.5, 0],
      [Number.NaN, 5],
    ] as const)
      expect(() => cusum([0], k, h)).toThrowError(expect.objectContaining({code: 'gauntlet.out_of_range'}))
    expect(() => cusumThreshold(0, 100)).toThrowError(expect.objectContaining({code: 'gauntlet.out_of_range'}))
  })
})

describe('an e-process', () => {
  const returns = (seed: string, days: number, mean: number): Float64Array => {
    const random = new Random(seed)
    return Float64Array.from({length: days}, () => Math.max(-0.099, mean + 0.01 * random.normal()))
  }
  const share = (of: (i: number) => boolean, n: number): number =>
    Array.from({length: n}, (_, i) => of(i)).filter(Boolean).length / n
  const crosses = (logE: Float64Array, e: number): boolean => logE.some((value) => value >= Math.log(e))
  const bettor = {...BETTOR, lossBound: 0.1}

  it('crosses 1/a with at most probability a while there is no edge, whenever one looks', () => {
    // Ville: 5 %, and 3 Monte-Carlo errors of 400 tries.
    const rate = share((i) => crosses(bettingProcess(returns(`null ${i}`, 750, 0), bettor).logE, 20), 400)
    expect(rate).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 400))
  })

  it('has power: a Sharpe of 3 crosses 20 within four years nine times in ten', () => {
    const mean = (3 / Math.sqrt(252)) * 0.01
    const rate = share(
      (i) => crosses(bettingProcess(returns(`edge ${i}`, 1008, mean), {...bettor, lossBound: 0.04}).logE, 20),
      100,
    )
    expect(rate).toBeGreaterThanOrEqual(0.9)
  })

  it('bets on what came before only: a changed return moves no earlier bet and not its own', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 99}), fc.double({min: -0.09, max: 0.2, noNaN: true}), (t, value) => {
        const r = returns('past', 100, 0.001)
        const changed = Float64Array.from(r)
        changed[t] = value
        const [a, b] = [bettingProcess(r, bettor).bets, bettingProcess(changed, bettor).bets]
        expect(Array.from(b.subarray(0, t + 1))).toEqual(Array.from(a.subarray(0, t + 1)))
      }),
      {numRuns: 50},
    )
  })

  it('is 0 for good once a loss breaks the bound it relied on', () => {
    const r = Float64Array.from([...Array(50).fill(0.02), -0.5, ...Array(50).fill(0.02)])
    const {logE} = bettingProcess(r, bettor)
    expect(logE[49]!).toBeGreaterThan(0)
    expect([logE[50], last(logE)]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })

  it('kills a claim that does not hold, and spares one that does', () => {
    const claim = 0.002
    const kill = (seed: string, mean: number): boolean =>
      crosses(killProcess(returns(seed, 1000, mean), claim / 2, 0.1, {...BETTOR, mean: claim / 2}).logE, 20)
    expect(share((i) => kill(`dead ${i}`, -claim / 2), 60)).toBeGreaterThanOrEqual(0.9)
    expect(share((i) => kill(`alive ${i}`, claim), 200)).toBeLessThanOrEqual(0.05)
  })
})

describe('e-LOND', () => {
  it('asks more of the later ones, less after each discovery, and counts an e-value at its level', () => {
    const {levels, discovered} = eLond([40, 1, 1], 0.05)
    expect(levels[0]).toBeCloseTo(0.025, 12)
    expect(levels[1]).toBeCloseTo((0.05 * 2) / 6, 12)
    expect(discovered).toEqual([true, false, false])
    expect(eLond([40 - 1e-9], 0.05).discovered).toEqual([false])
  })

  it('keeps the false discoveries of strangers to trading below its level', () => {
    // e-values of a fair bet: 0 or 2, doubled until lost.
    const random = new Random('e-lond')
    let [false_, runs] = [0, 400]
    for (let i = 0; i < runs; i++) {
      const e = Array.from({length: 10}, () => (random.unit() < 1 / 64 ? 64 : 0))
      if (eLond(e, 0.05).discovered.some(Boolean)) false_ += 1
    }
    expect(false_ / runs).toBeLessThanOrEqual(0.05)
  })
})
