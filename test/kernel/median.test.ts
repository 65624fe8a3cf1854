import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {knownMedian, median} from '../../src/kernel/median.ts'

/** By definition: the middle of the sorted values, or the mean of the two in the middle. */
function defined(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const value = fc.oneof(fc.integer({min: -9, max: 9}), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))

describe('a median', () => {
  it('is the middle of the sorted values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: -9, max: 9}), {maxLength: 40}), (values) => {
        expect(median(Float64Array.from(values)) + 0).toEqual(defined(values) + 0)
      }),
    )
  })

  it('of what is known in a range leaves out the rest, whatever was asked before, and moves nothing', () => {
    fc.assert(
      fc.property(fc.array(value, {maxLength: 200}), fc.nat(200), fc.nat(200), (values, a, b) => {
        const [from, to] = [Math.min(a, b, values.length), Math.min(Math.max(a, b), values.length)]
        const column = Float64Array.from(values)
        const expected = defined(values.slice(from, to).filter(Number.isFinite))
        expect(knownMedian(column, from, to) + 0).toEqual(expected + 0)
        expect([...column]).toEqual(values)
      }),
    )
  })
})
