import {describe, expect, it} from 'vitest'
import type {Panel} from '../../src/contracts/panel.ts'
import type {Component, ComponentName} from '../../src/contracts/selection.ts'
import {type AssetDays, assetDays} from '../../src/selection/asset-days.ts'
import {orderByCorrelation} from '../../src/selection/components/correlation.ts'
import {COMPONENTS} from '../../src/selection/components/index.ts'
import {scoreAssets} from '../../src/selection/score.ts'
import {transform} from '../../src/selection/transform.ts'
import {panelOf} from './panels.ts'
import {costs, ruleOf} from './rules.ts'

const spec = (lookback_days: number): Component => ({weight: 1, direction: 'higher', lookback_days, transform: 'rank'})

type Listed = Exclude<ComponentName, 'correlation'>
const measured = (name: Listed, table: AssetDays, lookback: number, changes = {}): number =>
  COMPONENTS[name](table, 0, table.days - 1, spec(lookback), ruleOf(changes), costs)

/** Closes whose daily log returns are the given ones, from 100. */
const closesOf = (moves: readonly number[]) => (t: number) =>
  100 * Math.exp(moves.slice(0, t).reduce((sum, move) => sum + move, 0))

const ALTERNATING = [0.1, -0.1, 0.1, -0.1]

/** Hourly bars with a funding column. */
function paying(rate: (hour: number) => number, days: number): Panel {
  const panel = panelOf([{name: 'A'}], days * 24, '1h')
  const funding = [Float64Array.from({length: days * 24}, (_, t) => rate(t))]
  return {...panel, series: new Map([...panel.series, ['funding', funding]])}
}

describe('liquidity', () => {
  it('is the median daily notional of the lookback, days before it left out', () => {
    const table = assetDays(panelOf([{name: 'A', close: () => 10, volume: (t) => [900, 2, 3, 4, 5][t]!}], 5))
    expect(measured('liquidity', table, 4)).toBe(35)
  })

  it('counts a day without a trade as zero', () => {
    const table = assetDays(panelOf([{name: 'A', close: () => 10, volume: (t) => [5, 0, 0][t]!}], 3))
    expect(measured('liquidity', table, 3)).toBe(0)
  })
})

describe('cost', () => {
  it('adds the half-spread of the notional and the square-root impact of one position', () => {
    // Sigma of (+.1, -.1, +.1, -.1) is .2/sqrt(3); 25,000 / 20 against 1 M a day; Y = .7; the 1 M row says 8 bps.
    const close = closesOf(ALTERNATING)
    const table = assetDays(panelOf([{name: 'A', close, volume: (t) => 1_000_000 / close(t)}], 5))
    const expected = 8 + 0.7 * (0.2 / Math.sqrt(3)) * Math.sqrt(1250 / 1_000_000) * 10_000
    expect(measured('cost', table, 4, {capital_usd: 25_000, top: 20})).toBeCloseTo(expected, 9)
    expect(expected).toBeCloseTo(36.5773803, 6)
  })

  it('is not known for an asset that never moved in a market without volume', () => {
    expect(measured('cost', assetDays(panelOf([{name: 'A', volume: () => 0}], 5)), 4)).toBeNaN()
  })
})

describe('quality', () => {
  it('is the share of expected bars that are there and traded', () => {
    // 48 hours: 24 there, of which 6 silent.
    const table = assetDays(panelOf([{name: 'A', to: 23, volume: (t) => (t < 6 ? 0 : 1)}, {name: 'B'}], 48, '1h'))
    expect(measured('quality', table, 2)).toBe(18 / 48)
  })
})

describe('history', () => {
  it('counts days since the first bar and stops at the lookback', () => {
    const table = assetDays(panelOf([{name: 'A', from: 3}, {name: 'B'}], 10))
    expect(measured('history', table, 365)).toBe(7)
    expect(measured('history', table, 5)).toBe(5)
  })
})

describe('volatility', () => {
  it('is the distance of annualised volatility from the band', () => {
    // .2/sqrt(3) a day is 2.206052 a year.
    const table = assetDays(panelOf([{name: 'A', close: closesOf(ALTERNATING)}], 5))
    expect(measured('volatility', table, 4)).toBeCloseTo(1.0060522810365728, 12)
    expect(measured('volatility', table, 4, {volatility_band: {low: 3, high: 4}})).toBeCloseTo(
      3 - 2.2060522810365728,
      12,
    )
    expect(measured('volatility', table, 4, {volatility_band: {low: 2, high: 3}})).toBe(0)
  })
})

describe('momentum', () => {
  it('is mean over deviation, the last day left out', () => {
    const table = assetDays(panelOf([{name: 'A', close: closesOf([0.01, 0.02, 0.03, -0.5])}], 5))
    expect(measured('momentum', table, 3)).toBeCloseTo(2, 9)
  })

  it('is not known without risk', () => {
    expect(measured('momentum', assetDays(panelOf([{name: 'A'}], 8)), 5)).toBeNaN()
  })
})

describe('carry', () => {
  const eightHourly = (hour: number): number => ((hour + 1) % 8 === 0 ? 0.0001 : 0)

  it('annualises payments every 8 h and every hour by their own interval', () => {
    // 1 bp per 8 h and 0.125 bp per hour are both 10.95 % a year.
    const slow = assetDays(paying(eightHourly, 4), () => 8)
    const fast = assetDays(
      paying(() => 0.0000125, 4),
      () => 1,
    )
    expect(measured('carry', slow, 4)).toBeCloseTo(0.1095, 12)
    expect(measured('carry', fast, 4)).toBeCloseTo(0.1095, 12)
  })

  it('does not move when the venue changes its schedule', () => {
    const switched = paying((hour) => (hour < 48 ? eightHourly(hour) : 0.0000125), 4)
    const table = assetDays(switched, (at) => (at < switched.ts[48]! ? 8 : 1))
    expect(measured('carry', table, 4)).toBeCloseTo(0.1095, 12)
  })

  it('does not take a lost payment for a free one', () => {
    const lossy = paying((hour) => (hour === 15 ? Number.NaN : eightHourly(hour)), 4)
    expect(
      measured(
        'carry',
        assetDays(lossy, () => 8),
        4,
      ),
    ).toBeCloseTo(0.1095, 12)
  })

  it('is not known without payments', () => {
    expect(measured('carry', assetDays(panelOf([{name: 'A'}], 4)), 4)).toBeNaN()
  })
})

describe('open-interest growth', () => {
  const table = (openInterest: number[]): AssetDays => ({
    ...assetDays(panelOf([{name: 'A'}], openInterest.length)),
    openInterest: [Float64Array.from(openInterest)],
  })

  it('is the log growth of coins over the lookback', () => {
    expect(measured('open_interest_growth', table([50, 100, 110, 121]), 2)).toBeCloseTo(Math.log(1.21), 12)
  })

  it('is not known when less than half of the lookback is, or the last day is missing', () => {
    expect(measured('open_interest_growth', table([Number.NaN, Number.NaN, Number.NaN, 100, 121]), 4)).toBeNaN()
    expect(measured('open_interest_growth', table([100, 110, Number.NaN]), 2)).toBeNaN()
    expect(measured('open_interest_growth', assetDays(panelOf([{name: 'A'}], 5)), 2)).toBeNaN()
  })
})

describe('correlation to what is chosen', () => {
  it('gives the second place to the asset that adds most, not to a twin of the first', () => {
    const rule = ruleOf({
      score: {
        liquidity: {weight: 1, direction: 'higher', lookback_days: 5},
        correlation: {weight: 1, direction: 'lower', lookback_days: 30},
      },
    })
    const names = ['A', 'TWIN', 'OTHER']
    const table = assetDays(
      panelOf(
        names.map((name, i) => ({name, volume: () => 3e6 - i * 1e6})),
        20,
      ),
    )
    const scores = scoreAssets(table, [0, 1, 2], 19, rule, costs)
    const rho = [
      [1, 0.9, 0.1],
      [0.9, 1, 0.2],
      [0.1, 0.2, 1],
    ]
    const ordered = orderByCorrelation(scores, names, {
      spec: rule.score.correlation!,
      totalWeight: 2,
      top: 2,
      rho: (a, b) => rho[a]![b]!,
    })
    expect(ordered.map(({asset}) => names[asset])).toEqual(['A', 'OTHER', 'TWIN'])
    // Second place: liquidity rank 1/3 and correlation rank 1 of 2, each with half the weight.
    expect(ordered[1]!.components['correlation']).toEqual({value: 0.1, contribution: 0.5})
    expect(ordered[1]!.score).toBeCloseTo((1 / 3 + 1) / 2, 12)
    // The twin is compared with both chosen ones: (.9 + .2) / 2.
    expect(ordered[2]!.components['correlation']!.value).toBeCloseTo(0.55, 12)
  })
})

describe('transform', () => {
  it('ranks with ties in the middle, in (0, 1], unknown values apart', () => {
    expect(transform([30, 10, 10, Number.NaN, 20], 'higher', 'rank')).toEqual([1, 0.375, 0.375, Number.NaN, 0.75])
    expect(transform([30, 10, 20], 'lower', 'rank')).toEqual([1 / 3, 1, 2 / 3])
  })

  it('measures in sample deviations and clips them at three', () => {
    expect(transform([1, 2, 3], 'higher', 'zscore')).toEqual([-1, 0, 1])
    const spike = [...new Array<number>(20).fill(0), 100]
    expect(transform(spike, 'higher', 'zscore').at(-1)).toBeCloseTo(20 / Math.sqrt(21), 12)
    expect(transform(spike, 'higher', 'winsorised_zscore').at(-1)).toBe(3)
    expect(transform([5, 5], 'higher', 'zscore')).toEqual([0, 0])
  })
})
