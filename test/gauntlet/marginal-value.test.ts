import {describe, expect, it} from 'vitest'
import {type Book, marginalValue} from '../../src/cognition/gauntlet/marginal-value.ts'
import {type DailyReturns, packReturns, unpackReturns} from '../../src/cognition/hypotheses/daily-returns.ts'
import {Random} from '../../src/kernel/random.ts'

const DAYS = 1000
const random = new Random('marginal value')
const normals = (drift = 0): Float64Array => Float64Array.from({length: DAYS}, () => drift + 0.01 * random.normal())
const daily = (values: Float64Array, first = 17_000): DailyReturns => ({first, values})
const book = (hypothesis: string, points: readonly DailyReturns[] | null): Book => ({
  hypothesis,
  state: 'validated',
  points,
})
const [edge, other, fresh] = [normals(0.001), normals(0.001), normals(0.002)]

describe('marginalValue', () => {
  it('compares with the nearest grid point, and puts the nearest book first', () => {
    const half = edge.map((r, t) => 0.6 * r + 0.4 * other[t]!)
    const found = marginalValue(
      daily(edge),
      [book('far', [daily(normals())]), book('near', [daily(normals()), daily(half)])],
      1,
    )
    expect(found.map(({book: {hypothesis}}) => hypothesis)).toEqual(['near', 'far'])
    expect(found[0]!.correlation!).toBeGreaterThan(0.75)
    expect(Math.abs(found[1]!.correlation!)).toBeLessThan(0.15)
  })

  it('finds nothing left of a copy, at whatever scale, or as it was stored', () => {
    const [stored] = unpackReturns(packReturns([daily(edge)]))
    for (const copy of [daily(edge), daily(edge.map((r) => 3 * r)), stored!]) {
      const [one] = marginalValue(daily(edge), [book('twin', [copy])], 1)
      expect(one!.correlation!).toBeCloseTo(1, 6)
      expect(one!.t).toBeNaN()
    }
  })

  it('finds what an idea adds to a book that it contains', () => {
    const both = edge.map((r, t) => r + 0.6 * fresh[t]!)
    const [one] = marginalValue(daily(both), [book('part', [daily(edge)])], 1)
    expect(one!.correlation!).toBeGreaterThan(0.7)
    expect(one!.t).toBeGreaterThan(3)
  })

  it('sees no addition in noise around a copy', () => {
    const noisy = edge.map((r, t) => r + 0.5 * (other[t]! - 0.001))
    const [one] = marginalValue(daily(noisy), [book('twin', [daily(edge)])], 1)
    expect(one!.correlation!).toBeGreaterThan(0.7)
    expect(one!.t).toBeLessThan(1.645)
  })

  it('cannot compare with a book whose returns are gone or of other days, and says so first', () => {
    const found = marginalValue(
      daily(edge),
      [book('a', [daily(other)]), book('gone', null), book('old', [daily(other, 1000)])],
      1,
    )
    expect(found.map(({book: {hypothesis}, correlation}) => [hypothesis, correlation === null])).toEqual([
      ['gone', true],
      ['old', true],
      ['a', false],
    ])
  })

  it('is nothing where nothing is confirmed', () => {
    expect(marginalValue(daily(edge), [], 1)).toEqual([])
  })
})
