import {describe, expect, it} from 'vitest'
import {type AssetDays, assetDays} from '../../src/selection/asset-days.ts'
import {candidateFilter} from '../../src/selection/candidate-names.ts'
import {DayFold, depthWithin} from '../../src/selection/fold-days.ts'
import {replaySelection} from '../../src/selection/replay.ts'
import {firstFailedScreen, inactiveScreens, screenChecks} from '../../src/selection/screens.ts'
import {dayAt, panelOf} from './panels.ts'
import {costs, ruleOf} from './rules.ts'

const DAYS = 40
const TRADING = {standing: 'trading', delisted: false} as const
const flat = (value: number): Float64Array => new Float64Array(DAYS).fill(value)
const table = (extra: Partial<AssetDays> = {}): AssetDays => ({
  ...assetDays(panelOf([{name: 'A', close: () => 100, volume: () => 100_000}], DAYS)),
  ...extra,
})
/** The first failure on the last day. */
const failureOf = (
  days: AssetDays,
  screens: object,
  circumstances: Parameters<typeof firstFailedScreen>[3] = TRADING,
) => firstFailedScreen(days, 0, DAYS - 1, circumstances, ruleOf({screens}))

describe('firstFailedScreen', () => {
  it('passes an asset that meets every limit exactly', () => {
    expect(failureOf(table(), {min_history_days: 40, min_listing_age_days: 40, max_gap_share: 0})).toBeNull()
    expect(failureOf(table(), {min_median_daily_notional_usd: 10_000_000})).toBeNull()
  })

  it('names dead before prelisting before delisted before everything else', () => {
    const strict = {min_history_days: 500, quarantine: ['A']}
    expect(failureOf(table(), strict, {standing: 'dead', delisted: true})?.reason).toBe('dead')
    expect(failureOf(table(), strict, {standing: 'prelisting', delisted: true})?.reason).toBe('prelisting')
    expect(failureOf(table(), strict, {standing: 'trading', delisted: true})?.reason).toBe('delisted')
    expect(failureOf(table(), strict)?.reason).toBe('quarantine')
  })

  it('counts history in days with bars and age in days since the first', () => {
    const gappy = table()
    for (const d of [5, 6, 7]) (gappy.bars[0] as Uint16Array)[d] = 0
    expect(failureOf(gappy, {min_history_days: 38})).toEqual({reason: 'history_days', value: 37, limit: 38})
    expect(failureOf(gappy, {min_listing_age_days: 41})).toEqual({reason: 'listing_age_days', value: 40, limit: 41})
  })

  it('measures quoted half-spread and depth by the median of the lookback', () => {
    const halfSpread = [Float64Array.from({length: DAYS}, (_, d) => (d % 2 === 0 ? 3 : 5))]
    expect(failureOf(table({halfSpread}), {max_half_spread_bps: 3.9})).toEqual({
      ...{reason: 'half_spread', value: 4, limit: 3.9},
    })
    // capital 10,000 over 2 places: a position of 5,000, of which the book has to hold two.
    expect(failureOf(table({depth: [flat(9_999)]}), {min_depth_positions: 2})).toEqual({
      ...{reason: 'depth', value: 9_999, limit: 10_000},
    })
    expect(failureOf(table({depth: [flat(10_000)]}), {min_depth_positions: 2})).toBeNull()
  })

  it('compares one position with the open interest, and heeds what the venue restricts', () => {
    expect(failureOf(table({openInterest: [flat(500)]}), {max_share_of_open_interest: 0.05})).toEqual({
      ...{reason: 'share_of_open_interest', value: 0.1, limit: 0.05},
    })
    const capped = {atOpenInterestCap: [flat(1)], isolatedOnly: [flat(1)]}
    expect(failureOf(table(capped), {exclude_at_open_interest_cap: true})?.reason).toBe('open_interest_cap')
    expect(failureOf(table(capped), {exclude_isolated_only: true})?.reason).toBe('isolated_only')
    expect(failureOf(table(capped), {})).toBeNull()
  })

  it('excludes for no data where the table exists, and is inactive where it does not', () => {
    const asked = {
      ...{max_half_spread_bps: 5, min_depth_positions: 1, max_share_of_open_interest: 0.1},
      ...{exclude_at_open_interest_cap: true, exclude_isolated_only: true},
    }
    expect(failureOf(table(), asked)).toBeNull()
    expect(inactiveScreens(table(), ruleOf({screens: asked}))).toEqual([
      ...['half_spread', 'depth', 'share_of_open_interest', 'open_interest_cap', 'isolated_only'],
    ])
    expect(inactiveScreens(table(), ruleOf())).toEqual([])
    const unknown = [flat(Number.NaN)]
    const reasons = (['halfSpread', 'depth', 'openInterest', 'atOpenInterestCap', 'isolatedOnly'] as const).map(
      (column) => failureOf(table({[column]: unknown}), asked)?.reason,
    )
    expect(reasons).toEqual([
      ...['no_data:half_spread', 'no_data:depth', 'no_data:share_of_open_interest'],
      ...['no_data:open_interest_cap', 'no_data:isolated_only'],
    ])
  })

  it('is the first failure among all checks, which explain shows in full', () => {
    const rule = ruleOf({screens: {min_history_days: 50, min_listing_age_days: 60}})
    const checks = [...screenChecks(table(), 0, DAYS - 1, TRADING, rule)]
    expect(checks.filter(({passed}) => !passed).map(({reason}) => reason)).toEqual(['history_days', 'listing_age_days'])
    expect(checks.length).toBe(9)
  })
})

describe('candidateFilter', () => {
  it('keeps the quote currency and drops excluded names, incarnations alike', () => {
    const isCandidate = candidateFilter(ruleOf({universe: {quote: 'USDT', exclude: ['*UPUSDT', 'USDC*', 'A.BUSDT']}}))
    const names = ['BTCUSDT', 'LUNAUSDT#2', 'BTCEUR', 'ADAUPUSDT', 'ADAUPUSDT#2', 'USDCUSDT', 'AXBUSDT']
    expect(names.filter(isCandidate)).toEqual(['BTCUSDT', 'LUNAUSDT#2', 'AXBUSDT'])
  })

  it('leaves others out of the ranking altogether', () => {
    const panel = panelOf([{name: 'A'}, {name: 'AUP'}], 30)
    const {rebalances} = replaySelection(assetDays(panel), ruleOf({universe: {exclude: ['*UP']}}), costs, dayAt(30))
    expect(rebalances.every(({ranked, excluded}) => ranked.length + excluded.size <= 1)).toBe(true)
    expect([...rebalances.at(-1)!.since.keys()]).toEqual([0])
  })
})

describe('DayFold', () => {
  const place = assetDays(panelOf([{name: 'A', to: 9}, {name: 'A#2', from: 20}, {name: 'B'}], 30))
  const observe = (rows: readonly (readonly [string, number, number])[]) => {
    const fold = new DayFold(place)
    fold.add({
      coin: rows.map(([coin]) => coin),
      availableAt: Float64Array.from(rows, ([, at]) => at),
      value: Float64Array.from(rows, ([, , value]) => value),
    })
    return fold
  }

  it('puts what became available at the close into the day, and one millisecond later into the next', () => {
    const last = observe([
      ['B', dayAt(3), 7],
      ['B', dayAt(3) + 1, 8],
    ]).last()
    expect([last[2]![2], last[2]![3]]).toEqual([7, 8])
    expect(last[2]![4]).toBeNaN()
  })

  it('gives an observation to the incarnation that lived then', () => {
    const last = observe([
      ['A', dayAt(5), 1],
      ['A', dayAt(25), 2],
    ]).last()
    expect(last[0]![4]).toBe(1)
    expect(last[1]![24]).toBe(2)
  })

  it('takes the median of a day, and carries the last word forward', () => {
    const fold = observe([
      ['B', dayAt(3) - 30, 1],
      ['B', dayAt(3) - 20, 100],
      ['B', dayAt(3) - 10, 3],
      ['B', dayAt(3) - 5, Number.NaN],
    ])
    expect(fold.median()[2]![2]).toBe(3)
    const known = fold.lastKnown()[2]!
    expect([known[1], known[2], known[29]]).toEqual([Number.NaN, 3, 3])
  })
})

describe('depthWithin', () => {
  it('is what the thinner side holds within 10 bps of mid', () => {
    const bids = Float64Array.of(99.95, 99.9, 99.8)
    const asks = Float64Array.of(100.05, 100.1, 100.2)
    const sizes = Float64Array.of(1, 2, 50)
    expect(depthWithin(bids, sizes, asks, sizes)).toBeCloseTo(99.95 + 2 * 99.9, 9)
    expect(depthWithin(new Float64Array(), sizes, asks, sizes)).toBeNaN()
  })
})
