import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {add, compare, decimal, decimalText, subtract} from '../../src/kernel/decimal.ts'
import {isOnPriceGrid, lotsFor, roundLots, roundPrice, tickAt} from '../../src/reflex/price-grid.ts'

/** Positive decimals from 0.000001 to about ten million, with up to twelve digits after the point. */
const price = fc
  .tuple(fc.bigInt({min: 1n, max: 10n ** 13n}), fc.integer({min: 0, max: 12}))
  .map(([units, scale]) => ({units, scale}))
  .filter((px) => Number(px.units) / 10 ** px.scale >= 0.001)
const sizeDecimals = fc.integer({min: 0, max: 5})
const side = fc.constantFrom('buy' as const, 'sell' as const)
const intention = fc.constantFrom('passive' as const, 'marketable' as const)

describe('roundPrice', () => {
  it('keeps five significant figures and six decimals less the size decimals', () => {
    expect(roundPrice(decimal('1.23456'), 0, 'buy', 'passive')).toBe('1.2345')
    expect(roundPrice(decimal('12.3456'), 0, 'buy', 'passive')).toBe('12.345')
    expect(roundPrice(decimal('0.0123456'), 0, 'buy', 'passive')).toBe('0.012345')
    expect(roundPrice(decimal('0.0123456'), 3, 'buy', 'passive')).toBe('0.012')
    expect(roundPrice(decimal('84143.5'), 5, 'buy', 'passive')).toBe('84143')
    expect(roundPrice(decimal('84143.5'), 5, 'sell', 'passive')).toBe('84144')
  })

  it('leaves an integer of six figures alone and cuts only the fraction of a larger price', () => {
    expect(roundPrice(decimal('123456'), 2, 'buy', 'passive')).toBe('123456')
    expect(roundPrice(decimal('123456.7'), 2, 'buy', 'passive')).toBe('123456')
    expect(roundPrice(decimal('123456.7'), 2, 'buy', 'marketable')).toBe('123457')
  })

  it('rounds away from the market when passive and through it when marketable', () => {
    expect(roundPrice(decimal('1.00005'), 0, 'buy', 'marketable')).toBe('1.0001')
    expect(roundPrice(decimal('1.00005'), 0, 'sell', 'marketable')).toBe('1')
    expect(roundPrice(decimal('9.99995'), 0, 'sell', 'passive')).toBe('10')
  })

  it('always lands on the grid, on the right side, less than a tick away', () => {
    fc.assert(
      fc.property(price, sizeDecimals, side, intention, (px, decimals, from, kind) => {
        const text = roundPrice(px, decimals, from, kind)
        const up = (from === 'buy') === (kind === 'marketable')
        const rounded = decimal(text)
        if (rounded.units === 0n) return // below the grid: no order can be placed there
        expect(isOnPriceGrid(text, decimals)).toBe(true)
        expect(compare(rounded, px)).toBeOneOf(up ? [0, 1] : [0, -1])
        const gap = up ? subtract(rounded, px) : subtract(px, rounded)
        expect(compare(gap, decimal(tickAt(px, decimals)))).toBe(-1)
        expect(roundPrice(rounded, decimals, from, kind)).toBe(text)
      }),
    )
  })

  it('never places a passive buy above a passive sell of the same price', () => {
    fc.assert(
      fc.property(price, sizeDecimals, (px, decimals) => {
        const buy = decimal(roundPrice(px, decimals, 'buy', 'passive'))
        expect(compare(buy, decimal(roundPrice(px, decimals, 'sell', 'passive')))).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('isOnPriceGrid', () => {
  it('refuses the sixth figure, the extra decimal and zero', () => {
    expect(isOnPriceGrid('84143.5', 5)).toBe(false)
    expect(isOnPriceGrid('84143', 5)).toBe(true)
    expect(isOnPriceGrid('1.23450', 0)).toBe(true)
    expect(isOnPriceGrid('0.0012345', 0)).toBe(false)
    expect(isOnPriceGrid('0.001234', 0)).toBe(true)
    expect(isOnPriceGrid('0', 0)).toBe(false)
  })
})

describe('lots', () => {
  it('cuts a size towards zero, whichever its sign', () => {
    expect(decimalText(roundLots(decimal('1.2399'), 2))).toBe('1.23')
    expect(decimalText(roundLots(decimal('-1.2399'), 2))).toBe('-1.23')
  })

  it('buys the lots nearest to an amount, within half a lot of it', () => {
    fc.assert(
      fc.property(price, sizeDecimals, fc.bigInt({min: -(10n ** 9n), max: 10n ** 9n}), (px, decimals, cents) => {
        const usd = {units: cents, scale: 2}
        const lots = lotsFor(usd, px, decimals)
        const half = {units: 5n, scale: decimals + 1}
        const exact = Number(cents) / 100 / (Number(px.units) / 10 ** px.scale)
        const off = Math.abs(Number(decimalText(lots)) - exact)
        expect(off).toBeLessThanOrEqual(Number(decimalText(add(half, half))) / 2 + Math.abs(exact) * 1e-12)
      }),
    )
  })
})
