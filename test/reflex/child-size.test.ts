import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {compare, decimal, decimalText, isZero, multiply, subtract} from '../../src/kernel/decimal.ts'
import {childSize} from '../../src/reflex/child-size.ts'

const rules = {capUsd: '4000', minNotionalUsd: '10', jitter: 0.1}

describe('childSize', () => {
  it('takes all of what fits under the cap', () => {
    expect(childSize('0.08', '50000', 5, 0.5, rules)).toBe('0.08')
  })

  it('slices what does not, about equally', () => {
    expect(childSize('0.2', '50000', 5, 0.5, rules)).toBe('0.06666')
    expect(childSize('0.2', '50000', 5, 0, rules)).toBe('0.05999')
  })

  it('trades any amount in slices under the cap that all clear the minimum notional', () => {
    const amount = fc.record({
      lots: fc.integer({min: 1, max: 5_000_000}),
      sizeDecimals: fc.integer({min: 0, max: 5}),
      cents: fc.integer({min: 1, max: 9_999_999}),
      draws: fc.array(fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true}), {minLength: 5, maxLength: 5}),
    })
    fc.assert(
      fc.property(amount, ({lots, sizeDecimals, cents, draws}) => {
        let left = decimal(decimalText({units: BigInt(lots), scale: sizeDecimals}))
        const px = decimalText({units: BigInt(cents), scale: 2})
        const usd = multiply(left, decimal(px))
        const lotUsd = multiply({units: 1n, scale: sizeDecimals}, decimal(px))
        // Lots far below the cap: with lots of thousands of dollars no slicing can be even.
        fc.pre(compare(lotUsd, decimal('100')) < 0 && compare(usd, decimal('100000')) < 0)
        fc.pre(compare(usd, decimal('10')) >= 0)
        for (let i = 0; !isZero(left); i++) {
          const size = decimal(childSize(decimalText(left), px, sizeDecimals, draws[i % 5]!, rules))
          const value = multiply(size, decimal(px))
          expect(compare(value, decimal('10'))).toBeGreaterThanOrEqual(0)
          expect(compare(value, decimal(rules.capUsd))).toBeLessThanOrEqual(0)
          left = subtract(left, size)
          expect(left.units >= 0n).toBe(true)
          expect(i).toBeLessThan(60)
        }
      }),
    )
  })
})
