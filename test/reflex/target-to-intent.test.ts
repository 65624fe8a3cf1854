import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {abs, add, compare, decimal, decimalText, multiply, subtract} from '../../src/kernel/decimal.ts'
import {type TargetInput, targetToIntents} from '../../src/reflex/target-to-intent.ts'

const rules = {equityUsd: '10000', noTradeBand: 0.1, participationCap: 0.01, minNotionalUsd: '10'}
const btc: TargetInput = {
  asset: 'BTC',
  weight: 0.1,
  position: '0',
  decisionPx: null,
  bandWeight: 0,
  px: '50000',
  noPrice: null,
  sizeDecimals: 5,
  dayVolumeUsd: '100000000',
}
const one = (change: Partial<TargetInput>, over: Partial<typeof rules> = {}) =>
  targetToIntents([{...btc, ...change}], {...rules, ...over})[0]!

describe('targetToIntents', () => {
  it('buys the lots nearest to weight × equity', () => {
    expect(one({})).toMatchObject({side: 'buy', size: '0.02', target: '0.02', reduceOnly: false, notionalUsd: '1000'})
  })

  it('marks an order reduce-only when it shrinks a position without crossing zero', () => {
    expect(one({position: '0.05'})).toMatchObject({side: 'sell', size: '0.03', reduceOnly: true})
    expect(one({position: '-0.05'})).toMatchObject({side: 'buy', size: '0.07', reduceOnly: false})
    expect(one({position: '0.05', weight: 0})).toMatchObject({
      side: 'sell',
      size: '0.05',
      reduceOnly: true,
      target: '0',
    })
  })

  it.each([
    ['not_on_venue', {px: null}],
    ['no_opinion', {weight: null}],
    ['no_opinion', {weight: Number.NaN}],
    ['no_price', {noPrice: 'crossed' as const}],
    ['at_target', {position: '0.02'}],
    ['no_trade_band', {position: '0.0185'}],
    ['no_volume', {dayVolumeUsd: null}],
    ['min_notional', {weight: 0.0005}],
  ])('leaves an asset alone under %s, at its position', (id, change) => {
    const intent = one(change)
    expect(intent).toMatchObject({side: null, rule: {id}})
    expect(intent.target).toBe(intent.before)
  })

  it('never traps a position: unknown volume stops an increase, not a close', () => {
    expect(one({dayVolumeUsd: null, position: '0.02', weight: 0})).toMatchObject({side: 'sell', reduceOnly: true})
  })

  it('sizes at the close that decided and applies the wider of both bands', () => {
    expect(one({decisionPx: '40000'})).toMatchObject({size: '0.025', notionalUsd: '1250'})
    expect(one({position: '0.015', bandWeight: 0.03})).toMatchObject({rule: {id: 'no_trade_band', limit: '0.006'}})
    expect(one({position: '0.015', bandWeight: 0.02})).toMatchObject({side: 'buy', size: '0.005'})
  })

  it('closes a whole position below the minimum notional, but sells no such part of one', () => {
    expect(one({position: '0.0001', weight: 0})).toMatchObject({side: 'sell', size: '0.0001', reduceOnly: true})
    expect(one({position: '0.0203', weight: 0.1}, {noTradeBand: 0.001})).toMatchObject({side: 'sell', rule: null})
    expect(one({position: '0.0201', weight: 0.1}, {noTradeBand: 0.001})).toMatchObject({rule: {id: 'min_notional'}})
  })

  it('cuts an order to the participation cap and says so', () => {
    expect(one({dayVolumeUsd: '50000'})).toMatchObject({
      side: 'buy',
      size: '0.01',
      target: '0.01',
      wanted: '0.02',
      rule: {id: 'participation_cap', limit: '500 USD'},
    })
  })

  it('puts orders that reduce risk before those that add it', () => {
    const order = targetToIntents(
      [
        {...btc, asset: 'A', weight: 0.2},
        {...btc, asset: 'B', weight: 0, position: '0.01'},
        {...btc, asset: 'C', weight: 0.3},
      ],
      rules,
    )
    expect(order.map(({asset}) => asset)).toEqual(['B', 'C', 'A'])
  })

  it('reaches a target on the lot grid, between position and wish, within cap and above the minimum', () => {
    const input = fc.record({
      weight: fc.double({min: -1, max: 1, noNaN: true}),
      lots: fc.integer({min: -2_000_000, max: 2_000_000}),
      cents: fc.integer({min: 1, max: 10_000_000}),
      sizeDecimals: fc.integer({min: 0, max: 5}),
      volume: fc.option(fc.integer({min: 0, max: 10 ** 9})),
    })
    fc.assert(
      fc.property(input, ({weight, lots, cents, sizeDecimals, volume}) => {
        const position = decimalText({units: BigInt(lots), scale: sizeDecimals})
        const px = decimalText({units: BigInt(cents), scale: 2})
        const intent = one({weight, position, px, sizeDecimals, dayVolumeUsd: volume === null ? null : String(volume)})
        const [before, target, wanted] = [intent.before, intent.target, intent.wanted].map(decimal) as [
          ReturnType<typeof decimal>,
          ReturnType<typeof decimal>,
          ReturnType<typeof decimal>,
        ]
        expect(decimal(decimalText(target)).scale).toBeLessThanOrEqual(sizeDecimals)
        // The executable target never overshoots the wish.
        expect(compare(abs(subtract(target, before)), abs(subtract(wanted, before)))).toBeLessThanOrEqual(0)
        if (intent.side === null) {
          expect(intent.rule).not.toBeNull()
          expect(intent.target).toBe(intent.before)
          return
        }
        const signed = intent.side === 'buy' ? decimal(intent.size) : decimal(`-${intent.size}`)
        expect(compare(add(before, signed), target)).toBe(0)
        const value = multiply(decimal(intent.size), decimal(px))
        if (!(intent.reduceOnly && intent.target === '0'))
          expect(compare(value, decimal(rules.minNotionalUsd))).toBeGreaterThanOrEqual(0)
        if (volume !== null) expect(compare(value, multiply(decimal(String(volume)), decimal('0.01')))).toBeLessThan(1)
        if (intent.reduceOnly) expect(compare(abs(target), abs(before))).toBe(-1)
      }),
    )
  })
})
