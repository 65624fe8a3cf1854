import {describe, expect, it} from 'vitest'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {assetDays} from '../../src/selection/asset-days.ts'
import {decayErrorRates, PLANTED} from '../../src/selection/decay-error-rates.ts'
import {decayEvidence} from '../../src/selection/decay-evidence.ts'
import {decayMonitor} from '../../src/selection/decay-monitor.ts'
import {type EdgeSeries, edgeSeries} from '../../src/selection/edge-series.ts'
import {halfLife} from '../../src/selection/half-life.ts'
import {dayAt, panelOf} from './panels.ts'

const RULE = {windowDays: 100, fdr: 0.1}

/** Coefficients around a mean that may change with the day. */
const series = (asset: number, mean: (t: number) => number, days = 400): EdgeSeries => {
  const random = new Random(`decay-test|${asset}`)
  return {
    ...{asset, family: 'f'},
    known: Float64Array.from({length: days}, (_, t) => (t + 1) * DAY_MS),
    value: Float64Array.from({length: days}, (_, t) => mean(t) + random.normal()),
  }
}

describe('edgeSeries', () => {
  it('is forecast times next return, both in units of their own trailing size', () => {
    // Returns of ±2 % in turn; the forecast is long before each rise and short before each fall: a coefficient of one.
    const rises = (t: number): boolean => t % 2 === 0
    const close = (t: number): number => 100 * Math.exp(rises(t) ? 0.02 : 0)
    const table = assetDays(panelOf([{name: 'A', close}], 80))
    const forecasts = Array.from({length: 79}, (_, t) => ({
      ...{asset: 0, family: 'f', at: dayAt(t + 1)},
      weight: rises(t + 1) ? 0.1 : -0.1,
    }))
    const [found] = edgeSeries(table, forecasts)
    expect(found!.value.every((x) => Math.abs(x - 1) < 1e-9)).toBe(true)
    // Thirty returns before the first value; the answer to the forecast at a close is known at the next one.
    expect(found!.known[0]).toBe(dayAt(32))
    expect(found!.known.at(-1)).toBe(dayAt(80))
  })

  it('takes the last forecast of a day and leaves out the days on which nothing was wanted', () => {
    const table = assetDays(panelOf([{name: 'A', close: (t) => 100 * Math.exp(0.01 * (t % 3))}], 80))
    const at = (t: number, weight: number) => ({asset: 0, family: 'f', at: dayAt(t), weight})
    const [found] = edgeSeries(table, [at(50, 0.3), at(50, -0.3), at(60, 0)])
    expect(found!.value.length).toBe(1)
    expect(found!.known[0]).toBe(dayAt(51))
  })
})

describe('decayEvidence', () => {
  it('decides nothing on fewer than two windows', () => {
    expect(decayEvidence([series(0, () => 0.3, 199)], RULE)).toEqual([])
  })

  it('finds an edge that is gone, and shrinks what is weaker', () => {
    const family = Array.from({length: 10}, (_, a) => series(a, (t) => (a < 3 && t >= 300 ? 0 : 0.5)))
    const found = decayEvidence(family, RULE)
    expect(found.filter(({decayed}) => decayed).map(({asset}) => asset)).toEqual([0, 1, 2])
    for (const {asset, shrink} of found) expect(shrink < 0.5).toBe(asset < 3)
  })

  it('finds by pooling what no asset shows alone', () => {
    const fading = Array.from({length: 30}, (_, a) => series(a, (t) => (t >= 300 ? 0 : 0.12)))
    const alone = fading.map((one) => decayEvidence([one], RULE)[0]!)
    const pooled = decayEvidence(fading, RULE)
    expect(alone.filter(({decayed}) => decayed).length).toBeLessThan(10)
    expect(pooled[0]!.familyFall).toBeLessThan(0.001)
    expect(pooled.filter(({decayed}) => decayed).length).toBeGreaterThan(20)
  })

  it('never excludes for losing an edge that was not there', () => {
    const none = Array.from({length: 10}, (_, a) => series(a, (t) => (t >= 300 ? -0.5 : -0.1)))
    expect(decayEvidence(none, RULE).some(({decayed}) => decayed)).toBe(false)
  })
})

describe('decayMonitor', () => {
  const returning = (t: number): number => (t >= 300 && t < 420 ? -0.2 : 0.5)
  const family = Array.from({length: 8}, (_, a) => series(a, a === 0 ? returning : () => 0.5, 900))
  const outOn = (one: readonly EdgeSeries[]): number[] => {
    const monitor = decayMonitor(one, RULE)
    return Array.from({length: 900}, (_, t) => t).filter((t) => monitor.decayed(0, t * DAY_MS) !== null)
  }

  it('keeps an asset out until it has recovered for a full window', () => {
    const days = outOn(family)
    expect(days[0]).toBe(400)
    expect(days.at(-1)! - days[0]!).toBeGreaterThanOrEqual(99)
    expect(days.at(-1)).toBeLessThan(600)
  })

  it('decides the same on a date whether or not later days exist', () => {
    const cut = family.map((one) => ({...one, known: one.known.slice(0, 450), value: one.value.slice(0, 450)}))
    expect(outOn(cut).filter((t) => t <= 450)).toEqual(outOn(family).filter((t) => t <= 450))
  })

  it('lets nobody back without observations', () => {
    const silent = family.map((one, a) =>
      a === 0 ? {...one, known: one.known.slice(0, 401), value: one.value.slice(0, 401)} : one,
    )
    expect(outOn(silent).at(-1)).toBe(899)
  })
})

describe('halfLife', () => {
  it('finds a planted half-life within its interval', () => {
    const random = new Random('half-life')
    const value = Float64Array.from({length: 720}, (_, t) => 2 * 2 ** (-t / 90) + 0.5 * random.normal())
    const {days, low, high} = halfLife(value)
    expect(days).toBeGreaterThan(70)
    expect(days).toBeLessThan(115)
    expect(low).toBeLessThanOrEqual(days)
    expect(high).toBeGreaterThanOrEqual(days)
  })

  it('calls a steady edge undecayed, and knows nothing of a month', () => {
    const random = new Random('steady')
    expect(halfLife(Float64Array.from({length: 720}, () => 0.5 + 0.5 * random.normal())).high).toBe(Infinity)
    expect(halfLife(new Float64Array(29)).days).toBeNaN()
  })
})

describe('the error rates of the decay rule', () => {
  it('stay within the declared false-discovery rate where nothing decays, and find what is plain', () => {
    const [stable, together] = decayErrorRates(6, PLANTED.slice(0, 2))
    const [plain] = decayErrorRates(
      3,
      PLANTED.filter(({edge}) => edge === 0.3),
    )
    // Six runs of seven decisions: 0.1 plus two standard errors.
    for (const rates of [stable!, together!]) expect(rates.falseDiscoveryRate).toBeLessThan(0.2)
    expect(plain!.falseDiscoveryRate).toBeLessThan(0.1)
    expect(plain!.found).toBeGreaterThan(0.7)
  })
})
