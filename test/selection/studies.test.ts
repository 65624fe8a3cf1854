import {describe, expect, it} from 'vitest'
import {assetDays} from '../../src/selection/asset-days.ts'
import {equityOf, listReturns, returnFigures} from '../../src/selection/list-returns.ts'
import {offsetTest} from '../../src/selection/offset-test.ts'
import {standings} from '../../src/selection/point-in-time-universe.ts'
import {percent} from '../../src/selection/study-page.ts'
import {survivorship} from '../../src/selection/survivorship.ts'
import {survivorshipBlocks, survivorshipSentence} from '../../src/selection/survivorship-report.ts'
import {type AssetSpec, dayAt, panelOf} from './panels.ts'
import {costs, ruleOf} from './rules.ts'

const tableOf = (specs: readonly AssetSpec[], days: number) => assetDays(panelOf(specs, days))

describe('listReturns', () => {
  it('holds equal weights, lets them drift, and puts them back to equal at the next date', () => {
    // A doubles on day 1 and again on day 3; B stands still. Day 1: +50 %. Day 3, after equal weights again: +50 %.
    const table = tableOf(
      [
        {name: 'A', close: (t) => [1, 2, 2, 4][t]!},
        {name: 'B', close: () => 1},
      ],
      4,
    )
    const lists = [dayAt(1), dayAt(3)].map((at) => ({at, members: [0, 1]}))
    expect([...listReturns(table, lists, standings(table), dayAt(4)).returns]).toEqual([0.5, 0, 0.5])
    const drifting = listReturns(table, lists.slice(0, 1), standings(table), dayAt(4))
    expect(drifting.returns[2]).toBeCloseTo(2 / 3, 12)
    expect([...equityOf(drifting).y]).toEqual([1.5, 1.5, 2.5])
  })

  it('books the loss of an asset that dies and keeps its money in cash until the next date', () => {
    // A halves on day 10 and never trades again; B doubles every day from day 14 on.
    const table = tableOf(
      [
        {name: 'A', close: (t) => (t < 10 ? 10 : 5), volume: (t) => (t <= 10 ? 1 : 0)},
        {name: 'B', close: (t) => (t < 14 ? 1 : 2 ** (t - 13))},
      ],
      16,
    )
    const found = listReturns(table, [{at: dayAt(10), members: [0, 1]}], standings(table), dayAt(16))
    expect(found.returns[0]).toBeCloseTo(-0.25, 12)
    // 0.25 of the first equity in cash, 0.5 in B: B doubling makes 1.25 of 0.75.
    expect(found.returns.at(-2)).toBeCloseTo(0.5 / 0.75, 12)
  })

  it('is in cash while nothing is listed', () => {
    const table = tableOf([{name: 'A', close: (t) => 2 ** t}], 5)
    expect([...listReturns(table, [{at: dayAt(1), members: []}], standings(table), dayAt(5)).returns]).toEqual([
      0, 0, 0, 0,
    ])
  })
})

describe('returnFigures', () => {
  it('compounds growth, annualises at 365 days and finds the deepest fall', () => {
    const {annual, volatility, sharpe, drawdown} = returnFigures({returns: Float64Array.of(0.1, -0.1, 0.1)})
    expect(annual).toBeCloseTo(1.089 ** (365 / 3) - 1, 6)
    expect(volatility).toBeCloseTo(Math.sqrt(0.04 / 3) * Math.sqrt(365), 12)
    expect(sharpe).toBeCloseTo(((0.1 / 3) * Math.sqrt(365)) / Math.sqrt(0.04 / 3), 12)
    expect(drawdown).toBeCloseTo(-0.1, 12)
  })
})

/** Three large coins of which one loses 90 % on day 60 and dies, and a small one. */
const market = tableOf(
  [
    {name: 'DOOMED', close: (t) => (t < 60 ? 100 : 10), volume: (t) => (t <= 60 ? 9e6 : 0)},
    {name: 'B', close: () => 50, volume: () => 8e6},
    {name: 'C', close: () => 50, volume: () => 7e6},
    {name: 'LATE', from: 70, close: (t) => 1.01 ** (t - 70), volume: () => 9e8},
  ],
  120,
)

describe('survivorship', () => {
  const found = survivorship(market, ruleOf(), costs, dayAt(120), {})

  it('finds the dead, and the loss of the one that was on the list', () => {
    expect(found.dead).toEqual([0])
    // Dead on day 63: sold that day, and off the list at the next date.
    expect(found.held).toEqual([{asset: 0, from: dayAt(14), to: dayAt(70), moved: -0.9}])
  })

  it('puts the planted premium into one number: half a list times ninety percent', () => {
    const [whole, alive] = found.arms
    // Days 14 to 119: the only difference is −45 % on one of them.
    expect(whole.series.returns.length).toBe(106)
    expect(found.premium).toBeCloseTo((0.45 / 106) * 365, 9)
    expect(alive.figures.drawdown).toBeGreaterThan(-0.01)
    expect(whole.figures.drawdown).toBeCloseTo(-0.45, 9)
  })

  it("shows what holding today's list would have been worth", () => {
    expect(found.listPremium).toBeGreaterThan(found.premium)
  })

  it('says in the sentence what the table says: the premium is the difference of means, and growth goes where it goes', () => {
    const [whole, alive, list] = found.arms
    expect(alive.figures.mean - whole.figures.mean).toBeCloseTo(found.premium, 9)
    expect(list.figures.mean - whole.figures.mean).toBeCloseTo(found.listPremium, 9)
    const said = survivorshipSentence(found)
    expect(said).toMatch(/^In mean daily return × 365, leaving out the 1 dead adds/)
    for (const {figures} of [alive, list])
      expect(said).toContain(`growth ${percent(whole.figures.annual)} -> ${percent(figures.annual)}`)
    const page = survivorshipBlocks(found, market.assets, 'x.svg').join('\n')
    expect(page).toContain('| arm | dates | mean a year | growth a year |')
    for (const {name, dates, figures} of found.arms)
      expect(page).toContain(`| ${name} | ${dates} | ${percent(figures.mean)} | ${percent(figures.annual)} |`)
  })

  it('is zero where nobody died', () => {
    const alive = tableOf([{name: 'A', close: (t) => 1 + t}, {name: 'B'}, {name: 'C', volume: () => 5e6}], 60)
    expect(survivorship(alive, ruleOf(), costs, dayAt(60), {})).toMatchObject({premium: 0, premiumError: 0, dead: []})
  })
})

describe('offsetTest', () => {
  const range = {from: Number.NEGATIVE_INFINITY, until: dayAt(84)}

  it('finds no difference between anchors where the list never changes', () => {
    const steady = tableOf(
      [
        {name: 'A', close: (t) => 1.01 ** t},
        {name: 'B', close: (t) => 1.01 ** t},
      ],
      84,
    )
    const {offsets, spread} = offsetTest(steady, ruleOf(), costs, range, {})
    expect(offsets.map(({days}) => days)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(spread).toBeCloseTo(0, 9)
    for (const {overlap, turnover} of offsets) expect([overlap, turnover]).toEqual([1, 0])
  })

  it('finds the weekday that a list lives on', () => {
    // Two coins that change places in volume every week, each rising only in the week it is the larger one.
    const flip = (t: number, first: boolean): boolean => (Math.floor(t / 7) % 2 === 0) === first
    const path = (first: boolean) => (t: number) =>
      Array.from({length: t}, (_, i) => (flip(i + 1, first) ? 0.01 : -0.01)).reduce((px, r) => px * (1 + r), 100)
    const table = tableOf(
      [true, false].map((first) => ({
        name: first ? 'ODD' : 'EVEN',
        close: path(first),
        volume: (t: number) => (flip(t, first) ? 9e6 : 1e6),
      })),
      84,
    )
    const rule = ruleOf({top: 1, score: {liquidity: {weight: 1, direction: 'higher', lookback_days: 2}}})
    const {offsets, spread, rank} = offsetTest(table, rule, costs, range, {})
    expect(spread).toBeGreaterThan(1)
    expect(offsets.length).toBe(7)
    expect(rank).toBeGreaterThanOrEqual(1)
    const days = new Set(offsets.map(({series}) => series.ts.length))
    expect(days.size).toBe(1)
  })
})
