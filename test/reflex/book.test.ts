import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {BookConfig} from '../../src/contracts/book.ts'
import {Random} from '../../src/kernel/random.ts'
import {buildBook, type Member} from '../../src/reflex/book.ts'
import {annualVol, shrunkCorrelation, toDaily} from '../../src/reflex/covariance.ts'

const config: BookConfig = {
  artifact: 'book@1',
  vol_target_annual: 0.2,
  shares: {},
  ladder: {validated: 1, pilot: 0.1, scaled: 0.25},
  correlation: {above: 0.7, group_cap: 0.5, min_days: 60},
  caps: {asset: 0.25, gross: 1.5, net: 1, clusters: {}},
  no_trade_band: 0.1,
}
const DAYS = 400
/** Daily returns of an annual volatility, from their own seeded stream. */
const noise = (seed: string, vol = 0.2): Float64Array => {
  const random = new Random(seed)
  return Float64Array.from({length: DAYS}, () => (random.normal() * vol) / Math.sqrt(365))
}
const member = (id: string, weights: Record<string, number>, change: Partial<Member> = {}): Member => ({
  id,
  state: 'validated',
  weights: new Map(Object.entries(weights)),
  dailyReturns: noise(id),
  capitalUsd: 1e9,
  ...change,
})
const budgets = (members: readonly Member[], change: Partial<BookConfig> = {}) =>
  buildBook(members, {...config, ...change}, 10_000).budgets.map(({budget}) => budget)

describe('buildBook', () => {
  it('gives a lone hypothesis its own risk, and no more', () => {
    const calm = member('a', {BTC: 0.2}, {dailyReturns: noise('a', 0.05)})
    expect(budgets([calm])).toEqual([1])
  })

  it('scales down to the volatility target of the book', () => {
    const wild = member('a', {BTC: 0.2}, {dailyReturns: noise('a', 0.8)})
    const book = buildBook([wild], config, 10_000)
    expect(book.volAnnual).toBeCloseTo(0.2, 9)
    expect(book.budgets[0]!.budget).toBeCloseTo(0.2 / annualVol(wild.dailyReturns, 60), 9)
  })

  it('lets independent hypotheses fill the volatility target together', () => {
    const book = buildBook([member('a', {}), member('b', {}), member('c', {}), member('d', {})], config, 10_000)
    expect(book.volAnnual).toBeCloseTo(0.2, 6)
    expect(book.budgets[0]!.budget).toBeGreaterThan(0.4)
    expect(book.budgets[0]!.budget).toBeLessThanOrEqual(1)
  })

  it('counts two copies of one idea as one group under one cap', () => {
    const copy = {dailyReturns: noise('a')}
    const members = [member('a', {}, copy), member('b', {}, copy), member('c', {}), member('d', {})]
    const {budgets: three} = buildBook(members, {...config, correlation: {...config.correlation, group_cap: 0.3}}, 1)
    expect(three[0]!.budget / three[2]!.budget).toBeCloseTo(0.15 / 0.25, 9)
    expect(three[0]!.cuts[0]).toMatch(/group of 2/)
  })

  it('treats hypotheses without a record as fully correlated at the target volatility', () => {
    const young = {dailyReturns: noise('a').subarray(0, 30)}
    const book = buildBook([member('a', {}, young), member('b', {}, young)], config, 10_000)
    expect(book.budgets.map(({budget}) => budget)).toEqual([0.5, 0.5].map((half) => half * 1))
    expect(book.volAnnual).toBeCloseTo(0.2, 9)
  })

  it('uses the ladder fraction of the lifecycle state and the named share', () => {
    const [a, b] = [
      member('a', {}, {dailyReturns: new Float64Array()}),
      member('b', {}, {state: 'pilot', dailyReturns: new Float64Array()}),
    ]
    const [first, second] = budgets([a, b], {shares: {a: 0.8}})
    expect(second! / first!).toBeCloseTo((0.2 * 0.1) / 0.8, 9)
  })

  it('never runs a hypothesis on more capital than it was judged for', () => {
    expect(budgets([member('a', {BTC: 0.1}, {capitalUsd: 2500})])).toEqual([0.25])
  })

  it('nets opposite wishes and keeps who wanted what', () => {
    const book = buildBook(
      [member('a', {BTC: 0.2}), member('b', {BTC: -0.1, ETH: 0.1})],
      {...config, shares: {a: 0.5, b: 0.5}},
      1,
    )
    const btc = book.targets.find(({asset}) => asset === 'BTC')!
    const [a, b] = [btc.parts.get('a')!, btc.parts.get('b')!]
    expect(btc.weight).toBeCloseTo(a + b, 12)
    expect(btc.crossed).toBeCloseTo(2 * Math.abs(b), 12)
  })

  it('caps asset, cluster, gross and net', () => {
    const caps = {asset: 0.25, gross: 0.6, net: 0.3, clusters: {majors: {assets: ['A', 'B'], cap: 0.4}}}
    const book = buildBook(
      [member('a', {A: 0.5, B: 0.5, C: 0.25}, {dailyReturns: noise('a', 0.05)})],
      {...config, caps},
      1,
    )
    expect(book.net).toBeCloseTo(0.3, 12)
    expect(book.targets.map(({cap}) => cap)).toEqual(['net 0.3', 'net 0.3', 'net 0.3'])
    expect(book.targets[0]!.weight / book.targets[2]!.weight).toBeCloseTo(0.8, 12)
  })

  it('has no targets without members', () => {
    expect(buildBook([], config, 10_000)).toMatchObject({budgets: [], targets: [], gross: 0, net: 0})
  })

  it('keeps every cap and every sum of parts, whatever the wishes', () => {
    const weights = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), fc.double({min: -1, max: 1, noNaN: true}))
    fc.assert(
      fc.property(fc.array(weights, {minLength: 1, maxLength: 4}), (wishes) => {
        const caps = {asset: 0.25, gross: 0.5, net: 0.2, clusters: {one: {assets: ['A', 'B'], cap: 0.3}}}
        const book = buildBook(
          wishes.map((wish, i) => member(`h${i}`, wish)),
          {...config, caps},
          10_000,
        )
        expect(book.gross).toBeLessThanOrEqual(0.5 + 1e-12)
        expect(Math.abs(book.net)).toBeLessThanOrEqual(0.2 + 1e-12)
        for (const {weight, parts, crossed} of book.targets) {
          expect(Math.abs(weight)).toBeLessThanOrEqual(0.25 + 1e-12)
          expect([...parts.values()].reduce((sum, part) => sum + part, 0)).toBeCloseTo(weight, 12)
          expect(crossed).toBeGreaterThanOrEqual(-1e-12)
        }
        for (const {budget} of book.budgets) expect(budget).toBeLessThanOrEqual(1 + 1e-12)
      }),
      {numRuns: 60},
    )
  })
})

describe('shrunkCorrelation', () => {
  it('shrinks the correlation of independent series towards zero and leaves a strong one', () => {
    const [a, b] = [noise('a'), noise('b')]
    const independent = shrunkCorrelation([a, b], 60)
    expect(Math.abs(independent[0]![1]!)).toBeLessThan(0.06)
    const tied = shrunkCorrelation([a, a.map((x, t) => x + 0.3 * b[t]!)], 60)
    expect(tied[0]![1]).toBeGreaterThan(0.9)
  })

  it('takes a pair that was never seen together for the same idea', () => {
    const early = noise('a').map((x, t) => (t < 200 ? x : Number.NaN))
    const late = noise('b').map((x, t) => (t < 200 ? Number.NaN : x))
    expect(shrunkCorrelation([early, late], 60)[0]![1]).toBe(1)
  })
})

describe('toDaily', () => {
  it('compounds the bars that close in a day and gives midnight to the day that ends', () => {
    const day = 86_400_000
    const ts = [0, 12, 24, 36].map((hour) => 100 * day + hour * 3_600_000)
    const daily = toDaily(ts, 12 * 3_600_000, [0.1, 0.1, 0.2, Number.NaN], 102 * day, 3)
    expect(daily[0]).toBeNaN()
    expect(daily[1]).toBeCloseTo(0.21, 12)
    expect(daily[2]).toBeCloseTo(0.2, 12)
  })
})
