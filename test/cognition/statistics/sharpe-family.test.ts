import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {politisWhite} from '../../../src/cognition/statistics/block-length.ts'
import {
  deflatedSharpe,
  deflatedSharpeGate,
  effectiveTrials,
  expectedMaxApproximate,
  expectedMaxSharpe,
  meanTrialCorrelation,
  trialVariance,
} from '../../../src/cognition/statistics/deflated-sharpe.ts'
import {effectiveSampleSize} from '../../../src/cognition/statistics/effective-sample.ts'
import {memmelZ} from '../../../src/cognition/statistics/memmel.ts'
import {minBacktestYears} from '../../../src/cognition/statistics/min-backtest-length.ts'
import {minTrackRecord} from '../../../src/cognition/statistics/min-track-record.ts'
import {autocorrelations, moments} from '../../../src/cognition/statistics/moments.ts'
import {hacT, neweyWestLag, neweyWestVariance} from '../../../src/cognition/statistics/newey-west.ts'
import {psr, psrAtNull, psrHard, psrHardGate, psrQuestion} from '../../../src/cognition/statistics/psr.ts'
import {
  annualise,
  sharpeErrorHac,
  sharpeErrorMertens,
  sharpeErrorNormal,
  sharpeRatio,
  sharpeVariance,
  timeAggregation,
  timeAggregationAr1,
} from '../../../src/cognition/statistics/sharpe.ts'
import {stationaryVariance} from '../../../src/cognition/statistics/stationary-bootstrap.ts'
import {normalPpf} from '../../../src/kernel/distributions.ts'
import {expectAllClose, expectClose, reference, table} from './reference.ts'

const scalar = reference('sharpe_scalar')
const stats = reference('series_stats')

describe.skipIf(scalar === null)('the Sharpe family equals the reference values', () => {
  // biome-ignore lint/suspicious/noExplicitAny: one argument record per function
  const compute: Record<string, (a: any) => number> = {
    se_lo_iid: (a) => sharpeErrorNormal(a.sr, a.T),
    se_mertens: (a) => sharpeErrorMertens(a.sr, a.g3, a.g4, a.T, a.ddof),
    psr: (a) => psr(a),
    psr_null: (a) => psrAtNull(a),
    psr_hard: (a) => psrHard(a),
    min_trl_years: (a) => minTrackRecord(a, a.conf) / a.periods,
    sr0_dsr: (a) => expectedMaxSharpe(a.n, a.v),
    dsr: (a) => deflatedSharpe({...a, N: a.n, V: a.v}),
    emax_approx: (a) => expectedMaxApproximate(a.n),
    min_btl: (a) => minBacktestYears(a.n, a.sr_ann),
    eta_ar1: (a) => timeAggregationAr1(a.rho, a.q),
    eta_q: (a) => timeAggregation(a.rhos, a.q),
  }

  it('in every one of the scalar cases', () => {
    expect(scalar.cases.length).toBeGreaterThan(50)
    for (const {fn, args, out, tol} of scalar.cases)
      expectClose(compute[fn]!(args), out, `${fn}(${JSON.stringify(args)})`, tol)
  })

  it('so that a DSR of 0.95 is far stricter than a 5 % family-wise test', () => {
    for (const {N, z_threshold} of scalar.dsr_gate_true_fwer)
      expectClose(expectedMaxApproximate(N) + normalPpf(0.95), z_threshold, `threshold at N=${N}`)
  })
})

describe.skipIf(stats === null)('statistics of a fat-tailed daily series equal the reference values', () => {
  const r = Float64Array.from(table('returns_a', true), (row) => row[1]!)
  const ar1 = Float64Array.from(table('ar1_1000', true), (row) => row[1]!)

  it('moments, Sharpe, its errors and its aggregation over a year', () => {
    const found = moments(r)
    for (const [name, value] of Object.entries(found)) expectClose(value, stats.moments[name], name)
    expectClose(sharpeRatio(r), stats.moments.sr, 'sr')
    expectClose(annualise(found.sr, 252), stats.sr_annual, 'annual sr')
    expectClose(sharpeErrorNormal(found.sr, 504), stats.se_lo_iid, 'Lo')
    expectClose(sharpeErrorMertens(found.sr, found.g3, found.g4, 504), stats.se_mertens_T, 'Mertens T')
    expectClose(sharpeErrorMertens(found.sr, found.g3, found.g4, 504, 1), stats.se_mertens_Tm1, 'Mertens T-1')
    for (const [lag, se] of Object.entries(stats.se_sr_hac))
      expectClose(sharpeErrorHac(r, Number(lag)), se as number, `HAC ${lag}`)
    const rhos = autocorrelations(r, 20)
    expectAllClose(rhos, stats.acf20, 'rho')
    const padded = Float64Array.from({length: 251}, (_, k) => rhos[k] ?? 0)
    expectClose(timeAggregation(padded, 252), stats.eta_252_acf20, 'eta 252')
    expectClose(found.sr * timeAggregation(padded, 252), stats.sr_annual_lo, 'annual sr, Lo')
    expectClose(timeAggregationAr1(rhos[0]!, 252), stats.eta_252_ar1, 'eta 252 AR(1)')
  })

  it('every form of the probabilistic Sharpe ratio and the track record', () => {
    const question = psrQuestion(r)
    expectClose(psr(question), stats.psr_0, 'psr')
    expectClose(psrAtNull({...question, rho: 0}), stats.psr_null_0, 'psr at null')
    expectClose(psrAtNull(question), stats.psr_null_ar1, 'psr at null, AR(1)')
    expectClose(psrHard(question), stats.psr_hard, 'psr hard')
    expectClose(minTrackRecord(question), stats.min_trl, 'MinTRL')
  })

  it('Newey-West by lag, effective sample size, bootstrap variance', () => {
    expect(neweyWestLag(504)).toBe(stats.nw_auto_lag)
    for (const [lag, value] of Object.entries(stats.nw_lrv))
      expectClose(neweyWestVariance(r, Number(lag)), value as number, `LRV ${lag}`)
    expectClose(hacT(r).t, stats.nw_t[String(stats.nw_auto_lag)], 'HAC t')
    for (const [lag, value] of Object.entries(stats.ess))
      expectClose(effectiveSampleSize(r, Number(lag)), value as number, `ESS ${lag}`)
    for (const [b, value] of Object.entries(stats.sb_var_mean))
      expectClose(stationaryVariance(r, Number(b)), value as number, `kernel ${b}`)
  })

  it('automatic block lengths', () => {
    for (const [name, series] of [
      ['returns_a', r],
      ['ar1_1000', ar1],
    ] as const) {
      const {canonical} = stats.politis_white[name]
      const found = politisWhite(series)
      expect([found.mHat, found.M, found.cap]).toEqual([canonical.mhat, canonical.M, canonical.b_max])
      expectClose(found.G, canonical.G, 'G')
      expectClose(found.longRunVariance, canonical.lrv, 'long-run variance')
      expectClose(found.stationary, canonical.b_sb, 'stationary')
      expectClose(found.circular, canonical.b_cb, 'circular')
    }
  })

  it("Memmel's z of two halves", () => {
    const [z, se] = stats.memmel.z_and_se
    const found = memmelZ(r.subarray(0, 252), r.subarray(252))
    expectClose(found.z, z, 'z')
    expectClose(found.se, se, 'se')
  })
})

describe('the gate form of the hard PSR', () => {
  const published = {sr: 0.455696, sr0: 0, T: 24, g3: -2.448, g4: 10.164, rho: 0}

  it('uses Student t with T_eff − 1 degrees of freedom below a hundred effective observations', () => {
    expect(psrHardGate(published)).toBeCloseTo(0.906123, 6)
    expect(psrHard(published)).toBeGreaterThan(psrHardGate(published))
  })

  it('is the normal form from a hundred effective observations on', () => {
    const long = {...published, T: 100}
    expect(psrHardGate(long)).toBe(psrHard(long))
    expect(psrHardGate({...long, rho: 0.1})).toBeLessThan(psrHard({...long, rho: 0.1}))
  })

  it('never rewards negative autocorrelation', () => {
    expect(psrHard({...published, rho: -0.5})).toBe(psrHard(published))
    expect(psrHardGate({...published, rho: -0.5})).toBe(psrHardGate(published))
  })
})

describe('the deflated Sharpe ratio', () => {
  it('expects nothing of a single trial and is exact for few', () => {
    expect(expectedMaxSharpe(1, 4)).toBe(0)
    expect(expectedMaxSharpe(2, 1)).toBeCloseTo(1 / Math.sqrt(Math.PI), 12)
    expect(deflatedSharpeGate({sr: 0.1, T: 500, g3: 0, g4: 3, N: 1, V: 0.01})).toBe(
      psrHardGate({sr: 0.1, sr0: 0, T: 500, g3: 0, g4: 3}),
    )
  })

  it('counts copies of one trial as two, one trial as one, unrelated trials in full', () => {
    expect([effectiveTrials(1, 0.9), effectiveTrials(40, 1), effectiveTrials(40, -0.3)]).toEqual([1, 2, 40])
    expect(effectiveTrials(41, 0.5)).toBe(21)
  })

  it('takes a trial without stored returns as uncorrelated', () => {
    const stream = [0.01, -0.02, 0.015, 0.003, -0.004]
    expect(meanTrialCorrelation([stream, stream], 2)).toBeCloseTo(1, 12)
    expect(meanTrialCorrelation([stream, stream], 4)).toBeCloseTo(1 / 6, 12)
    expect(meanTrialCorrelation([stream, stream.map((x) => -x)], 2)).toBe(0)
    expect(meanTrialCorrelation([stream], 1)).toBe(0)
  })

  it('does not let near-duplicate trials shrink the variance across trials', () => {
    expect(trialVariance([0.1, 0.1, 0.1], 101)).toBe(0.01)
    expect(trialVariance([0.5], 101)).toBe(0.01)
    expect(trialVariance([-0.5, 0.5], 101)).toBe(0.5)
  })
})

describe('laws of the Sharpe family', () => {
  const returns = fc
    .array(fc.double({min: -0.5, max: 0.5, noNaN: true}), {minLength: 5, maxLength: 60})
    .filter((r) => new Set(r.map((x) => x.toFixed(6))).size > 3)

  it('the Sharpe ratio does not know the unit of returns', () => {
    fc.assert(
      fc.property(returns, fc.double({min: 0.01, max: 100, noNaN: true}), (r, scale) => {
        expectClose(sharpeRatio(r.map((x) => x * scale)), sharpeRatio(r), 'scaled', 1e-9)
        expectClose(sharpeRatio(r.map((x) => -x)), -sharpeRatio(r), 'reversed', 1e-12)
      }),
    )
  })

  it('PSR rises with the Sharpe, falls with the benchmark and stays a probability', () => {
    const moment = fc.record({
      g3: fc.double({min: -2, max: 2, noNaN: true}),
      excess: fc.double({min: 0.1, max: 20, noNaN: true}),
      T: fc.integer({min: 5, max: 2000}),
      sr: fc.double({min: 0, max: 0.5, noNaN: true}),
      step: fc.double({min: 1e-3, max: 0.3, noNaN: true}),
    })
    fc.assert(
      fc.property(moment, ({g3, excess, T, sr, step}) => {
        const question = {sr, sr0: 0, T, g3, g4: 1 + g3 * g3 + excess}
        const value = psrHard(question)
        expect(value >= 0 && value <= 1).toBe(true)
        expect(psrHard({...question, sr0: step})).toBeLessThanOrEqual(value)
        expect(psrHard({...question, g3: 0, sr: sr + step})).toBeGreaterThanOrEqual(psrHard({...question, g3: 0}))
        expect(value).toBeLessThanOrEqual(Math.max(psr(question), psrAtNull({...question, T: T + 1})) + 1e-12)
      }),
    )
  })

  it('a real sample obeys the Pearson bound, so its Sharpe has a variance', () => {
    fc.assert(
      fc.property(returns, (r) => {
        const {sr, g3, g4} = moments(r)
        expect(sharpeVariance(sr, g3, g4)).toBeGreaterThan(0)
      }),
    )
  })

  it('the HAC variance of the gate is never below that of independent returns', () => {
    fc.assert(
      fc.property(returns, (r) => {
        const {varianceUsed, longRunVariance} = hacT(r)
        expect(longRunVariance).toBeGreaterThanOrEqual(-1e-18)
        expect(varianceUsed).toBeGreaterThanOrEqual(neweyWestVariance(r, 0))
      }),
    )
  })
})

describe('degenerate input never passes', () => {
  const flat = Array.from({length: 50}, () => 0.001)
  const holed = [0.1, Number.NaN, 0.2, -0.1, 0.05]

  it('refuses a series without variance, with a hole, or too short', () => {
    for (const statistic of [sharpeRatio, moments, hacT, psrQuestion, politisWhite]) {
      expect(() => statistic(flat)).toThrowError(expect.objectContaining({code: 'gauntlet.no_variance', exitCode: 4}))
      expect(() => statistic([...holed, ...flat])).toThrowError(expect.objectContaining({code: 'gauntlet.not_finite'}))
      expect(() => statistic([0.1])).toThrowError(expect.objectContaining({code: 'gauntlet.sample_too_small'}))
    }
  })

  it('refuses moments that no distribution has, and correlations outside (−1, 1)', () => {
    for (const wrong of [
      () => sharpeVariance(1, 3, 3),
      () => sharpeVariance(0.1, 0, 3, 1),
      () => sharpeVariance(Number.NaN, 0, 3),
      () => sharpeVariance(0.1, 0, Number.NaN),
      () => timeAggregation([-0.9, -0.9, -0.9], 4),
      () => minTrackRecord({sr: 1, sr0: 0, g3: 0, g4: 3}, 1),
      () => expectedMaxSharpe(0, 1),
      () => expectedMaxSharpe(10, Number.NaN),
      () => minBacktestYears(10, 0),
      () => effectiveTrials(0, 0),
    ])
      expect(wrong).toThrowError(expect.objectContaining({code: 'gauntlet.out_of_range'}))
  })

  it('calls a track record of too few independent observations too small', () => {
    for (const small of [
      () => psr({sr: 1, sr0: 0, T: 1, g3: 0, g4: 3}),
      () => psrHardGate({sr: 1, sr0: 0, T: 20, g3: 0, g4: 3, rho: 0.95}),
    ])
      expect(small).toThrowError(expect.objectContaining({code: 'gauntlet.sample_too_small', exitCode: 4}))
  })

  it('needs an endless track record when the Sharpe is not above its benchmark', () => {
    expect(minTrackRecord({sr: 0.1, sr0: 0.1, g3: 0, g4: 3})).toBe(Number.POSITIVE_INFINITY)
  })
})
