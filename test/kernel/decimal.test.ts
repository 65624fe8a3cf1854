import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  add,
  compare,
  type Decimal,
  decimal,
  decimalText,
  decimalTextOfNumber,
  divide,
  multiply,
  negate,
  round,
  subtract,
} from '../../src/kernel/decimal.ts'

const anyDecimal = fc
  .tuple(fc.bigInt({min: -(10n ** 24n), max: 10n ** 24n}), fc.integer({min: 0, max: 12}))
  .map(([units, scale]): Decimal => ({units, scale}))

describe('decimal', () => {
  it('keeps every digit that a double would lose', () => {
    expect(decimalText(add(decimal('0.1'), decimal('0.2')))).toBe('0.3')
    expect(decimalText(multiply(decimal('9007199254740993'), decimal('1')))).toBe('9007199254740993')
  })

  it('truncates a fee to six digits as the venue does', () => {
    const fee = multiply(decimal('66.653'), decimal('0.00015'))
    expect(decimalText(round(fee, 6, 'down'))).toBe('0.009997')
    expect(decimalText(round(multiply(decimal('8480.69904'), decimal('0.00035')), 6, 'down'))).toBe('2.968244')
  })

  it('rounds down toward zero, up away from zero, half away from zero', () => {
    expect(['down', 'up', 'half'].map((way) => decimalText(round(decimal('-1.25'), 1, way as 'down')))).toEqual([
      '-1.2',
      '-1.3',
      '-1.3',
    ])
  })

  it('refuses exponents, signs and empty text', () => {
    for (const text of ['1e5', '+1', '', '.5', '1.', 'NaN', '0x10', ' 1']) {
      expect(() => decimal(text)).toThrowError(expect.objectContaining({code: 'decimal.invalid', exitCode: 3}))
    }
  })

  it('refuses to divide by zero', () => {
    expect(() => divide(decimal('1'), decimal('0.00'), 2, 'down')).toThrowError(
      expect.objectContaining({code: 'decimal.division_by_zero'}),
    )
  })

  it('reads back what it writes, and writes no trailing zero', () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        const text = decimalText(value)
        expect(compare(decimal(text), value)).toBe(0)
        expect(text).not.toMatch(/\.\d*0$|^-0$/)
      }),
    )
  })

  it('adds and subtracts to exactly where it began', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        expect(compare(subtract(add(a, b), b), a)).toBe(0)
        expect(compare(add(a, negate(a)), decimal('0'))).toBe(0)
      }),
    )
  })

  it('never rounds up when told down, nor by more than one unit', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, fc.integer({min: 0, max: 8}), (a, b, scale) => {
        fc.pre(b.units !== 0n)
        const magnitude = (x: Decimal): Decimal => (x.units < 0n ? negate(x) : x)
        const back = multiply(magnitude(divide(a, b, scale, 'down')), magnitude(b))
        expect(compare(back, magnitude(a))).not.toBe(1)
        const over = multiply(magnitude(divide(a, b, scale, 'up')), magnitude(b))
        expect(compare(over, magnitude(a))).not.toBe(-1)
      }),
    )
  })

  it('writes any double without exponent and reads the same double back', () => {
    fc.assert(
      fc.property(fc.double({noNaN: true, noDefaultInfinity: true}), (x) => {
        const text = decimalTextOfNumber(x)
        expect(text).not.toContain('e')
        expect(Number(text)).toBe(x === 0 ? 0 : x)
      }),
    )
  })
})
