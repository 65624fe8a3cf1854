import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {coefficientOf, worstStretch} from '../../../src/cognition/features/report/coefficient.ts'
import {averageRanks, correlationOf} from '../../../src/cognition/features/report/cross-rank.ts'
import {forwardReturns} from '../../../src/cognition/features/report/forward-returns.ts'
import {defaultHorizons, parseHorizons, requireReach} from '../../../src/cognition/features/report/horizons.ts'
import {informationCoefficients} from '../../../src/cognition/features/report/information-coefficient.ts'
import {judgeFeature, usableBars, yardstick} from '../../../src/cognition/features/report/judge-feature.ts'
import {rankStability, standingsOf} from '../../../src/cognition/features/report/rank-stability.ts'
import {BAR, type Panel} from '../../../src/contracts/panel.ts'
import {HOUR_MS} from '../../../src/kernel/instant.ts'
import {Random} from '../../../src/kernel/random.ts'
import {everywhere, firstBars, panelOf, randomPanel} from './panels.ts'

const NaN_ = Number.NaN
const row = (...values: number[]): Float64Array => Float64Array.from(values)

/** Two assets; opens lie 1 below the close of the same bar. */
function pair(a: number[], b: number[]): Panel {
  const close = [Float64Array.from(a), Float64Array.from(b)]
  return panelOf({
    close,
    open: close.map((values) => values.map((px) => px - 1)),
    funding: close.map(() => row(...a.map(() => 0.01))),
  })
}

/** The asset has no data from this bar on. */
function dies(panel: Panel, asset: number, at: number): Panel {
  const gone = (columns: readonly Float64Array[]): Float64Array[] =>
    columns.map((column, a) => (a === asset ? column.map((v, t) => (t >= at ? NaN_ : v)) : column))
  return {
    ...panel,
    series: new Map([...panel.series].map(([name, columns]) => [name, gone(columns)])),
    state: panel.state.map((column, a) => column.map((code, t) => (a === asset && t >= at ? BAR.dead : code))),
  }
}

describe('a forward return', () => {
  it('begins at the open after the decision and ends at the close of the horizon', () => {
    const panel = pair([10, 20, 30, 40], [10, 10, 10, 10])
    expect([...forwardReturns(panel, 0, 2, false).values[0]!]).toEqual([30 / 19 - 1, 40 / 29 - 1, NaN_, NaN_])
    expect([...forwardReturns(panel, 1, 2, false).values[0]!]).toEqual([30 / 20 - 1, 40 / 30 - 1, NaN_, NaN_])
  })

  it('loses the funding that a long pays while it is held', () => {
    const panel = pair([10, 20, 30, 40], [10, 10, 10, 10])
    expect(forwardReturns(panel, 0, 2, true).values[0]![0]).toBeCloseTo(30 / 19 - 1 - 0.02, 12)
    expect(forwardReturns(panel, 1, 2, true).values[0]![0]).toBeCloseTo(30 / 20 - 1 - 0.01, 12)
  })

  it('of an asset that dies inside ends at its last trade, so that not only survivors are measured', () => {
    const panel = dies(pair([10, 10, 10, 10, 10, 10], [10, 9, 2, 1, 1, 1]), 1, 3)
    const {values, cutShort} = forwardReturns(panel, 0, 3, false)
    expect([...values[1]!]).toEqual([2 / 8 - 1, 2 / 1 - 1, NaN_, NaN_, NaN_, NaN_])
    expect(cutShort).toBe(2)
  })

  it('over a hole is not known', () => {
    const panel = pair([10, 20, NaN_, 40, 50], [10, 10, 10, 10, 10])
    expect([...forwardReturns(panel, 0, 2, false).values[0]!]).toEqual([NaN_, NaN_, 50 / 39 - 1, NaN_, NaN_])
  })

  it('does not reach across bars that nobody has: not even that of an asset which died among them', () => {
    const sealed = pair([10, 11, NaN_, NaN_, 14, 15, 16], [10, 9, NaN_, NaN_, 5, 4, 3])
    for (const values of forwardReturns(sealed, 0, 3, false).values) {
      expect([...values]).toEqual([NaN_, NaN_, NaN_, expect.any(Number), NaN_, NaN_, NaN_])
    }
    const gone = dies(sealed, 1, 2)
    expect([...forwardReturns(gone, 0, 3, false).values[1]!].every(Number.isNaN)).toBe(true)
  })

  it('whose end came before a cut does not change when what comes after is cut off', () => {
    const panel = randomPanel('labels', 4, 60, 0.03)
    const cut = firstBars(panel, 40)
    for (const [from, to] of [
      [0, 1],
      [0, 5],
      [5, 9],
    ] as const) {
      const [whole, early] = [forwardReturns(panel, from, to, false), forwardReturns(cut, from, to, false)]
      for (const [a, values] of early.values.entries()) {
        expect([...values.slice(0, 40 - to)]).toEqual([...whole.values[a]!.slice(0, 40 - to)])
      }
    }
  })
})

describe('the rank of values', () => {
  it('is shared by ties, and its correlation is that of Spearman', () => {
    const out = new Float64Array(5)
    averageRanks(row(3, 1, 3, 2, 9), 5, new Float64Array(5), out)
    expect([...out]).toEqual([3.5, 1, 3.5, 2, 5])
    // Spearman's own formula holds without ties: 1 − 6 Σd² / (n³ − n).
    const [x, y] = [row(1, 2, 3, 4, 5), row(2, 1, 4, 3, 5)]
    expect(correlationOf(x, y, 5)).toBeCloseTo(1 - (6 * 4) / 120, 12)
  })

  it('does not mind any rising change of scale', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: -50, max: 50}), {minLength: 3, maxLength: 20}), (values) => {
        const rank = (x: Float64Array): number[] => {
          const out = new Float64Array(x.length)
          averageRanks(x, x.length, new Float64Array(x.length), out)
          return [...out]
        }
        const x = Float64Array.from(values)
        expect(rank(x.map((v) => Math.exp(v / 10)))).toEqual(rank(x))
      }),
    )
  })
})

describe('an information coefficient', () => {
  const cross = {least: 3, buckets: 3}

  it('is 1 for the return itself and −1 for its opposite, and nothing for a constant', () => {
    const returns = [row(0.1, 0.2), row(0.3, -0.1), row(-0.2, 0.4)]
    const universe = returns.map(() => Uint8Array.of(1, 1))
    const of = (values: Float64Array[]) => informationCoefficients({...cross, values, returns, universe})
    expect(of(returns).rank[0]).toBe(1)
    expect(of(returns).pearson[1]).toBeCloseTo(1, 12)
    expect(of(returns.map((values) => values.map((v) => -v))).rank[0]).toBe(-1)
    expect(of(returns.map(() => row(7, 7))).rank[0]).toBeNaN()
    expect(of(returns).buckets.map((bucket) => bucket[0]!)).toEqual([
      expect.closeTo(-0.2 - 0.2 / 3, 12),
      expect.closeTo(0.1 - 0.2 / 3, 12),
      expect.closeTo(0.3 - 0.2 / 3, 12),
    ])
  })

  it('counts members of the universe with a value and a return only, and needs enough of them', () => {
    const returns = [row(0.1), row(0.2), row(0.3), row(NaN_), row(-9)]
    const values = [row(1), row(2), row(3), row(4), row(5)]
    const universe = [1, 1, 1, 1, 0].map((member) => Uint8Array.of(member))
    expect(informationCoefficients({...cross, values, returns, universe}).rank[0]).toBe(1)
    universe[0]![0] = 0
    expect(informationCoefficients({...cross, values, returns, universe}).rank[0]).toBeNaN()
  })

  it('is found where it was planted: corr of value and next return .05 at one bar, in the first piece only', () => {
    const [N, T, planted] = [40, 1200, 0.05]
    const random = new Random('planted coefficient')
    const signal = Array.from({length: N}, () => Float64Array.from({length: T}, () => random.normal()))
    const close = signal.map((knows) => {
      let px = 100
      return knows.map((_, t) => {
        const shock = random.normal() * Math.sqrt(1 - planted ** 2) + (t === 0 ? 0 : planted * knows[t - 1]!)
        px *= Math.exp(0.01 * shock)
        return px
      })
    })
    const open = close.map((values) => values.map((px, t) => (t === 0 ? px : values[t - 1]!)))
    const panel = panelOf({open, close})
    const yard = yardstick(panel, everywhere(panel), [1, 3], {funded: false, least: 3, buckets: 5})
    const {horizons} = judgeFeature(signal, yard)
    const [one, three] = horizons
    // Standard error over bars is 1/√(39 × 1199) = .0046.
    expect(one!.ic.mean).toBeCloseTo(planted, 1.7)
    expect(Math.abs(one!.ic.mean! - planted)).toBeLessThan(0.014)
    expect(one!.rank_ic.t).toBeGreaterThan(6)
    expect(one!.spread.mean).toBeGreaterThan(0)
    expect(Math.abs(three!.decay.rank_ic.t!)).toBeLessThan(3)
    expect(three!.rank_ic.mean).toBeCloseTo(planted / Math.sqrt(3), 1.7)
    expect(one!.quantiles[4]!).toBeGreaterThan(one!.quantiles[0]!)
    expect(one!.positive).toBeGreaterThan(0.5)
    // Fresh noise every bar: four of five assets of a bucket are new.
    expect(one!.turnover.top).toBeCloseTo(0.8, 1)
    expect(Math.abs(one!.autocorrelation!)).toBeLessThan(0.03)
  })

  it('of noise exceeds t = 1.96 about once in twenty, though returns overlap and values persist', () => {
    const random = new Random('noise reports')
    const [N, T, horizon] = [8, 400, 5]
    let [hits, claims] = [0, 0]
    const runs = 120
    for (let run = 0; run < runs; run++) {
      const close = Array.from({length: N}, () => {
        let px = 100
        return Float64Array.from({length: T}, () => (px *= Math.exp(0.02 * random.normal())))
      })
      const values = close.map(() => {
        let x = 0
        return Float64Array.from({length: T}, () => (x = 0.9 * x + random.normal()))
      })
      const panel = panelOf({open: close, close})
      const returns = forwardReturns(panel, 0, horizon, false).values
      const {rank} = informationCoefficients({values, returns, universe: everywhere(panel), least: 3, buckets: 3})
      const {t, p} = coefficientOf(rank, horizon)
      if (Math.abs(t!) > 1.96) hits++
      if (p! < 0.05) claims++
    }
    // Newey-West leans a little to significance in small samples; without it this would be near a third.
    expect(hits / runs).toBeLessThan(0.15)
    expect(claims).toBeLessThan(hits)
    expect(claims / runs).toBeLessThan(0.1)
  })

  it('claims nothing where fewer than four windows fit, however large the t', () => {
    const random = new Random('few windows')
    const noise = Array.from({length: 101}, () => random.normal() - 3)
    const series = Float64Array.from({length: 74}, (_, t) => noise.slice(t, t + 28).reduce((a, b) => a + b, 0))
    const found = coefficientOf(series, 28)
    expect(found.t).toBeLessThan(-7)
    expect(found).toMatchObject({p: null, margin: null})
    expect(coefficientOf(series, 18).p).toBeLessThan(0.1)
  })
})

describe('a mean of coefficients', () => {
  it('has no figures from fewer than 20 bars and no t when it never varies', () => {
    expect(coefficientOf(new Float64Array(19).fill(0.1), 1)).toEqual({
      mean: null,
      sd: null,
      t: null,
      p: null,
      margin: null,
    })
    const flat = coefficientOf(new Float64Array(50).fill(0.1), 1)
    expect(flat.mean).toBeCloseTo(0.1, 12)
    expect(flat.t).toBeNull()
  })

  it('of a year is the worst of its windows', () => {
    const series = Float64Array.from({length: 100}, (_, t) => (t >= 40 && t < 60 ? -1 : 1))
    expect(worstStretch(series, 20)).toBe(-1)
    expect(worstStretch(series, 40)).toBe(0)
    expect(worstStretch(series, 101)).toBeNull()
    expect(worstStretch(new Float64Array(100).fill(NaN_), 20)).toBeNull()
  })
})

describe('the stability of an order', () => {
  it('is whole when nothing moves, and a newcomer to a bucket has to be bought', () => {
    const values = [row(1, 1, 1), row(2, 2, 2), row(3, 3, 3), row(NaN_, 9, 9)]
    const universe = values.map(() => Uint8Array.of(1, 1, 1))
    const standings = standingsOf(values, universe, 3, 3)
    const stable = rankStability(standings, 1, 3, 3)
    expect(stable.autocorrelation).toBe(1)
    // Bar 1: the newcomer takes the highest bucket, bar 2: it keeps it.
    expect(stable.top).toBe(0.5)
    expect(stable.bottom).toBeLessThan(0.5)
  })
})

describe('horizons', () => {
  it('are spans that people hold, in whole bars', () => {
    expect(defaultHorizons(HOUR_MS)).toEqual([1, 4, 24, 72, 168, 336])
    expect(defaultHorizons(24 * HOUR_MS)).toEqual([1, 3, 7, 14, 28])
  })

  it.each(['', '0', '-1', '1.5', '1,1', '5,2', 'abc', '1,,2', '1e3', '9999999'])(
    '%s is no list of horizons',
    (text) => {
      expect(() => parseHorizons(text)).toThrowError(expect.objectContaining({code: 'feature.horizons', exitCode: 2}))
    },
  )

  it('of which fewer than four fit into the bars that can be used are refused, whatever the length of the data', () => {
    expect(() => requireReach([1, 26], [162, 103])).toThrowError(
      expect.objectContaining({code: 'feature.horizon_too_long', exitCode: 4}),
    )
    expect(() => requireReach([1, 25], [162, 103])).not.toThrow()
  })

  it('count bars with enough members whose return is known, not bars of the panel', () => {
    const panel = randomPanel('usable', 4, 60, 0)
    const late = everywhere(panel).map((row) => row.map((_, t) => (t < 30 ? 0 : 1)))
    const yard = yardstick(panel, late, [1, 7], {funded: false, least: 3, buckets: 3})
    expect(usableBars(yard)).toEqual([29, 23])
    expect(usableBars({...yard, least: 5})).toEqual([0, 0])
  })
})
