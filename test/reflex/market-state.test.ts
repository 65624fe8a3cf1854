import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type MarketSnapshot, marketState} from '../../src/reflex/market-state.ts'

const rules = {maxAgeMs: 5000, maxFromMark: 0.03, wideBps: 40}
const calm: MarketSnapshot = {
  asset: 'BTC',
  sizeDecimals: 5,
  bids: [
    {px: '99990', sz: '3'},
    {px: '99980', sz: '1'},
  ],
  asks: [
    {px: '100010', sz: '1'},
    {px: '100020', sz: '2'},
  ],
  bookTime: 1000,
  venueTime: 1500,
  mark: '100000',
  oracle: '100000',
  dayVolumeUsd: '1000000',
}

describe('marketState', () => {
  it('reads spread, depth, imbalance and microprice off the book', () => {
    const state = marketState(calm, rules)
    expect(state).toMatchObject({noPrice: null, regime: 'calm', mid: 100000, spreadTicks: 20, ageMs: 500})
    expect(state.spreadBps).toBeCloseTo(2, 12)
    expect(state.imbalance[0]).toBe(0.5)
    expect(state.micro).toBe(100005)
    expect(state.depthUsd[0]).toBe(100010)
  })

  it.each([
    ['empty', {bids: [], asks: []}],
    ['one_sided', {asks: []}],
    ['crossed', {bids: [{px: '100020', sz: '1'}]}],
    ['crossed', {bids: [{px: '100010', sz: '1'}]}],
    ['stale', {venueTime: 6001}],
    ['no_mark', {mark: null}],
    ['no_mark', {mark: '0'}],
    ['far_from_mark', {mark: '96000'}],
    ['unreadable', {bids: [{px: 'NaN', sz: '1'}]}],
    ['unreadable', {asks: [{px: '100010', sz: '0'}]}],
  ] as const)('does not take a book that is %s for a price', (why, change) => {
    expect(marketState({...calm, ...(change as Partial<MarketSnapshot>)}, rules).noPrice).toBe(why)
  })

  it('calls a spread above the limit wide, which is still a price', () => {
    expect(marketState({...calm, asks: [{px: '100600', sz: '1'}]}, rules)).toMatchObject({
      noPrice: null,
      regime: 'wide',
    })
  })

  it('never finds a price in a book with a number it cannot read', () => {
    const text = fc.oneof(fc.constantFrom('', 'NaN', '-1', '1e5', 'Infinity', '0', '0.0'), fc.string({maxLength: 4}))
    fc.assert(
      fc.property(text, fc.constantFrom('bids', 'asks'), fc.constantFrom('px', 'sz'), (bad, side, key) => {
        fc.pre(!/^\d+(\.\d+)?$/.test(bad) || Number(bad) === 0)
        const levels = calm[side].map((level, i) => (i === 1 ? {...level, [key]: bad} : level))
        expect(marketState({...calm, [side]: levels}, rules).noPrice).toBe('unreadable')
      }),
    )
  })
})
