import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {dailyReturns, packReturns, unpackReturns} from '../../../src/cognition/hypotheses/daily-returns.ts'
import {relativesOf} from '../../../src/cognition/hypotheses/relatives.ts'
import {commonCorrelation, kinByReturns, LEAST_COMMON_DAYS} from '../../../src/cognition/hypotheses/returns-kinship.ts'
import {DAY_MS} from '../../../src/kernel/instant.ts'
import {Random} from '../../../src/kernel/random.ts'

const series = (seed: string, days: number, first = 0) => {
  const random = new Random(seed)
  return {first, values: Float64Array.from({length: days}, () => 0.01 * random.normal())}
}
const scaled = ({first, values}: ReturnType<typeof series>, by: number) => ({first, values: values.map((r) => by * r)})

describe('daily returns', () => {
  it('sum the bars of each UTC day and begin with the first that moved', () => {
    const ts = Float64Array.from({length: 6}, (_, t) => 10 * DAY_MS + (t * DAY_MS) / 2)
    expect(dailyReturns(ts, [0, 0, 0, 0.01, 0.02, -0.01])).toEqual({first: 11, values: Float64Array.of(0.01, 0.01)})
    expect(dailyReturns(ts, [0, 0, 0, 0, 0, 0]).values).toHaveLength(0)
  })

  it('leave a day without a bar at zero', () => {
    const ts = [0, DAY_MS, 4 * DAY_MS]
    expect(Array.from(dailyReturns(ts, [1, 2, 3]).values)).toEqual([1, 2, 0, 0, 3])
  })

  it('survive storing to one part in 60,000 of the largest day, each series in its place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({first: fc.integer({min: 15_000, max: 15_020}), days: fc.integer({min: 1, max: 40})}), {
          minLength: 1,
          maxLength: 4,
        }),
        (shapes) => {
          const columns = shapes.map(({first, days}, i) => series(`pack ${i} ${days}`, days, first))
          const back = unpackReturns(packReturns(columns))
          for (const [g, {first, values}] of columns.entries()) {
            const largest = Math.max(...values.map(Math.abs))
            for (const [i, r] of values.entries()) {
              const stored = back[g]!.values[first + i - back[g]!.first]!
              expect(Math.abs(stored - r)).toBeLessThanOrEqual(largest / 60_000)
            }
          }
        },
      ),
      {numRuns: 30},
    )
  })

  it('refuse a stored series of another length than its file says', () => {
    const stored = packReturns([series('short', 40)])
    expect(() => unpackReturns({...stored, points: [...stored.points], days: 41})).toThrowError(
      expect.objectContaining({code: 'returns.malformed', exitCode: 4}),
    )
  })
})

describe('kinship by returns', () => {
  it('does not see a scale, a sign or an offset', () => {
    fc.assert(
      fc.property(fc.double({min: 0.01, max: 100, noNaN: true}), fc.boolean(), (factor, flip) => {
        const own = series('own', 200)
        const by = flip ? -factor : factor
        expect(Math.abs(commonCorrelation(own, scaled(own, by))!)).toBeCloseTo(1, 9)
        const moved = {...own, values: own.values.map((r) => r + 0.003)}
        expect(commonCorrelation(own, moved)).toBeCloseTo(1, 9)
      }),
      {numRuns: 30},
    )
  })

  it('compares the days that both were measured, and only those', () => {
    const long = series('long', 300, 1000)
    const part = {first: 1100, values: long.values.subarray(100, 200)}
    expect(commonCorrelation(long, part)).toBeCloseTo(1, 12)
    expect(commonCorrelation(long, {...part, first: 1101})!).toBeLessThan(0.5)
  })

  it('takes two ideas with too few common days for one: it cannot be shown that they differ', () => {
    const [a, b] = [series('a', 100, 0), series('b', 100, 100 - LEAST_COMMON_DAYS + 1)]
    expect(
      kinByReturns(
        new Map([
          ['a', [a]],
          ['b', [b]],
        ]),
      ),
    ).toEqual([{between: ['a', 'b'], correlation: null}])
    const enough = {...b, first: 100 - LEAST_COMMON_DAYS}
    expect(
      kinByReturns(
        new Map([
          ['a', [a]],
          ['b', [enough]],
        ]),
      ),
    ).toEqual([])
  })

  it('says nothing of an idea that never moved', () => {
    const still = {first: 0, values: new Float64Array(100)}
    expect(
      kinByReturns(
        new Map([
          ['a', [series('a', 100)]],
          ['b', [still]],
          ['c', []],
        ]),
      ),
    ).toEqual([])
  })

  it('finds one relative point in two large grids', () => {
    const grid = (name: string) => Array.from({length: 12}, (_, i) => series(`${name} ${i}`, 400))
    const [left, right] = [grid('left'), grid('right')]
    expect(
      kinByReturns(
        new Map([
          ['left', left],
          ['right', right],
        ]),
      ),
    ).toEqual([])
    right[7] = scaled(left[3]!, -2)
    const [kin] = kinByReturns(
      new Map([
        ['left', left],
        ['right', right],
      ]),
    )
    expect(kin).toMatchObject({between: ['left', 'right'], correlation: expect.closeTo(-1, 9)})
  })
})

describe('relatives', () => {
  const kin = (hypothesis: string) => ({hypothesis, family: hypothesis, lineage: null, fingerprint: hypothesis})
  const everybody = ['a', 'b', 'c', 'd', 'e'].map(kin)
  const none = {correlated: [], unknown: new Map<string, string>()}

  it('are found through relatives, each with its reason', () => {
    const correlated = [
      {between: ['a', 'b'], correlation: 0.8},
      {between: ['b', 'c'], correlation: -0.6},
    ] as const
    expect(
      relativesOf(kin('a'), everybody, {...none, correlated}).map(({hypothesis, to, note}) => [hypothesis, to, note]),
    ).toEqual([
      ['b', 'a', 'research returns correlate 0.80 with a'],
      ['c', 'b', 'research returns correlate -0.60 with b'],
    ])
  })

  it('include whom nobody can compare, with those he is known to be related to, but join no two strangers', () => {
    const correlated = [{between: ['b', 'd'], correlation: 0.9}] as const
    const unknown = new Map([['b', 'lost']])
    expect(
      relativesOf(kin('a'), everybody, {correlated, unknown}).map(({hypothesis, because}) => [hypothesis, because]),
    ).toEqual([
      ['b', 'unknown'],
      ['d', 'returns'],
    ])
  })

  it('are everybody for a subject whose own returns are lost', () => {
    const found = relativesOf(kin('a'), everybody, {...none, unknown: new Map([['a', 'lost']])})
    expect(found.map(({hypothesis}) => hypothesis)).toEqual(['b', 'c', 'd', 'e'])
  })
})
