import {readFileSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {marketRegimes} from '../../src/cognition/gauntlet/market-regimes.ts'
import {judgeRobustness, type RobustnessInput} from '../../src/cognition/gauntlet/stages/08-robustness.ts'
import {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'

const limits = GauntletConfig.schema.parse(parse(readFileSync('configs/gauntlet.yaml', 'utf8'))).robustness
const T = 4 * 365
const TS = Float64Array.from({length: T}, (_, t) => Date.UTC(2019, 0, 1) + t * DAY_MS)
let random = new Random('qo-test|robustness')
const normals = (mean: number, sd: number): Float64Array =>
  Float64Array.from({length: T}, () => mean + sd * random.normal())
beforeEach(() => {
  random = new Random('qo-test|robustness')
})
const daily = (sharpe: number): number => sharpe / Math.sqrt(365)

/** Four years of an honest daily edge of Sharpe 2, spread over ten assets and a grid of nine. */
function honest(over: Partial<RobustnessInput> = {}): RobustnessInput {
  const market = normals(0.001, 0.03)
  const net = over.net ?? normals(0.01 * daily(2), 0.01)
  return {
    net,
    gridSharpes: Array.from({length: 9}, (_, k) => daily(k === 4 ? 2 : 1.6)),
    axes: [3, 3],
    candidate: 4,
    regimes: marketRegimes(market, TS, DAY_MS),
    assetTotals: Array.from({length: 10}, () => 0.15),
    assets: Array.from({length: 10}, (_, a) => `A${a}`),
    days: net,
    assetDays: net,
    halves: Array.from({length: 20}, () => daily(1.4)),
    halfShare: 4 / 9,
    factors: [market],
    factorNames: ['BTC'],
    beforeImpact: 0.001,
    impact: 0.0001,
    capital: 25_000,
    participation: {median: 0.001, p95: 0.01},
    marginal: [],
    stresses: [],
    labelHorizonBars: 1,
    periodsPerYear: 365,
    seed: 'x',
    ...over,
  }
}

const failed = (input: RobustnessInput): string[] =>
  judgeRobustness(input, limits)
    .stage.checks.filter(({gate, pass}) => gate && !pass)
    .map(({name}) => name)

describe('stage 8', () => {
  it('lets an honest edge through, and most of what is like it', () => {
    expect(judgeRobustness(honest(), limits).stage).toMatchObject({verdict: 'PASS', id: 8})
    const passed = Array.from({length: 60}, () => failed(honest())).filter((names) => names.length === 0).length
    console.log(`stage 8: ${passed} of 60 honest edges of Sharpe 2 over 4 years pass`)
    expect(passed).toBeGreaterThan(36)
  })

  it('finds most edges that worked in one fifth of their time', () => {
    const found = Array.from({length: 60}, () => {
      const once = normals(0, 0.01)
      for (let t = 0; t < T / 5; t++) once[t] = once[t]! + 0.01 * daily(5)
      return failed(honest({net: once})).filter((name) => /times/.test(name))
    })
    const caught = found.filter((names) => names.length > 0).length
    console.log(`stage 8: ${caught} of 60 edges of one fifth of the time are found by the gates of time`)
    expect(caught).toBeGreaterThan(42)
  })

  it('finds a spike among parameters, and a grid in which half loses', () => {
    const spike = Array.from({length: 9}, (_, k) => (k === 4 ? daily(2) : 0.0001))
    expect(failed(honest({gridSharpes: spike}))).toContain('plateau, median neighbour over the point')
    const losing = [2, 2, 2, 2, 2, -1, -1, -1, -1].map(daily)
    expect(failed(honest({gridSharpes: losing}))).toEqual(
      expect.arrayContaining(['worst neighbour, Sharpe per bar', 'share of the grid that earns']),
    )
  })

  it('finds that one asset, or a few days, earned it all', () => {
    const one = [1.8, -0.05, -0.05, -0.05, -0.05, -0.05, -0.05]
    expect(failed(honest({assetTotals: one, assets: one.map((_, a) => `A${a}`)}))).toContain(
      'return without the best asset',
    )
    const days = new Float64Array(T).map((_, t) => (t % 300 === 0 ? 0.3 : -0.0001))
    expect(failed(honest({days}))).toContain('return without the best hundredth of days')
  })

  it('finds a levered market behind a Sharpe', () => {
    const btc = normals(0.03 * daily(2), 0.03)
    const noise = normals(0, 0.002)
    const net = btc.map((r, t) => 0.5 * r + noise[t]!)
    expect(failed(honest({net, factors: [btc]}))).toContain('HAC t of alpha beyond the market')
  })

  it('finds that the rule loses whenever the market falls', () => {
    const market = normals(0, 0.03)
    const regimes = marketRegimes(market, TS, DAY_MS)
    const net = normals(0.01 * daily(6), 0.01)
    for (const t of regimes.find(({name}) => name === 'market falling')!.bars) net[t] = net[t]! - 0.01 * daily(10)
    expect(failed(honest({net, regimes}))).toContain('p that the worst regime does not lose')
  })

  it('finds a capital that the market does not carry, and fills that are too large a part of it', () => {
    const crowded = honest({impact: 0.002, participation: {median: 0.02, p95: 0.2}})
    expect(failed(crowded)).toEqual(
      expect.arrayContaining(['capital that earns most', 'participation, median fill', 'participation, 95 % of fills']),
    )
  })

  it('never passes on a number that is missing', () => {
    expect(failed(honest({participation: {median: Number.NaN, p95: Number.NaN}}))).toHaveLength(2)
    expect(failed(honest({halves: [Number.NaN]}))).toContain('Sharpe per bar on a random half of the assets')
    expect(() => judgeRobustness(honest({factors: [new Float64Array(T)]}), limits)).toThrowError(
      expect.objectContaining({code: 'gauntlet.no_variance'}),
    )
  })
})

describe('a regime', () => {
  it('is named by what was known before the bar', () => {
    const market = normals(0, 0.03)
    const named = (series: Float64Array): Map<string, Set<number>> =>
      new Map(marketRegimes(series, TS, DAY_MS).map(({name, bars}) => [name, new Set(bars)]))
    const changed = market.slice()
    changed.fill(0.5, 1000)
    const [before, after] = [named(market), named(changed)]
    for (const [name, bars] of before)
      for (const t of bars) if (t <= 1000) expect(after.get(name)?.has(t), `${name} at ${t}`).toBe(true)
  })

  it('covers every bar by its year and, after the first months, by volatility and trend', () => {
    const regimes = marketRegimes(normals(0, 0.03), TS, DAY_MS)
    const count = (start: string): number =>
      regimes.filter(({name}) => name.startsWith(start)).reduce((total, {bars}) => total + bars.length, 0)
    expect([count('year'), count('market'), count('volatility')]).toEqual([T, T - 30, T - 60])
  })
})

describe('marginal value', () => {
  const book = (hypothesis: string) => ({hypothesis, state: 'validated', points: []})
  const of = (marginal: RobustnessInput['marginal']) => judgeRobustness(honest({marginal}), limits)

  it('is not asked where no vault has confirmed anything', () => {
    expect(of([]).stage.checks.find(({name}) => name === 'marginal value')).toMatchObject({gate: false, pass: true})
  })

  it('lets an idea through that is unlike every book, or adds to the one it is like', () => {
    expect(of([{book: book('carry'), correlation: 0.69, t: 0}]).stage.verdict).toBe('PASS')
    expect(of([{book: book('carry'), correlation: 0.9, t: 2}]).stage.verdict).toBe('PASS')
  })

  it.each([1.64, Number.NaN, -3])('fails a copy that leaves a t of %s', (t) => {
    const {stage} = of([{book: book('carry'), correlation: 0.71, t}])
    expect(stage).toMatchObject({verdict: 'FAIL', sentence: expect.stringContaining('It is carry again')})
  })

  it('asks every book that it is like, not only the nearest', () => {
    const both = [
      {book: book('carry'), correlation: 0.95, t: 4},
      {book: book('trend'), correlation: 0.8, t: 0.3},
    ]
    expect(of(both).stage).toMatchObject({verdict: 'FAIL', sentence: expect.stringContaining('trend')})
  })

  it('is INSUFFICIENT where it cannot be compared', () => {
    expect(of([{book: book('carry'), correlation: null, t: Number.NaN}])).toMatchObject({
      stage: {verdict: 'INSUFFICIENT'},
      decidesOn: 'hypotheses/returns',
    })
  })
})

describe('stresses', () => {
  it('are shown and gate nothing', () => {
    const {stage} = judgeRobustness(honest({stresses: [{name: 'impact doubled', note: 'Y = 1.4', net: -0.5}]}), limits)
    expect(stage.verdict).toBe('PASS')
    expect(stage.checks.at(-1)).toMatchObject({name: 'annual net return, impact doubled', value: -0.5, gate: false})
  })
})
