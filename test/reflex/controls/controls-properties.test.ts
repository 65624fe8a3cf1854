import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {ControlInput} from '../../../src/reflex/controls/control-input.ts'
import {exact} from '../../../src/reflex/controls/exact.ts'
import {judgeIntent} from '../../../src/reflex/controls/index.ts'
import {accountOf, ETH, inputOf, intentOf, LIMITS, workingOf} from './control-fixture.ts'

/** Text and numbers that are no usable amount. */
const junk = fc.constantFrom(
  'NaN',
  'Infinity',
  '-Infinity',
  '',
  ' ',
  '1e5',
  '1e400',
  '-1',
  '-0.5',
  '0',
  '0x10',
  '1,000',
  'null',
)
const junkNumber = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
const passes = (input: ControlInput): boolean => judgeIntent(input, null).pass

describe('whatever is not a number', () => {
  it('never lets an order pass, wherever it stands', () => {
    const places: ((text: string) => ControlInput)[] = [
      (text) => inputOf({intent: {...intentOf(), sz: text}}),
      (text) => inputOf({intent: {...intentOf(), px: text}}),
      (text) => inputOf({market: {...ETH, markPx: text}}),
      (text) => inputOf({market: {...ETH, oraclePx: text}}),
      (text) => inputOf({market: {...ETH, bidPx: text}}),
      (text) => inputOf({market: {...ETH, askPx: text}}),
      (text) => inputOf({market: {...ETH, dayVolumeUsd: text}}),
      (text) => inputOf({account: accountOf({equity: text})}),
      (text) => inputOf({account: accountOf({dayStartEquity: text})}),
      (text) => inputOf({limits: {...LIMITS, order_notional: {...LIMITS.order_notional, max_usd: text}}}),
      (text) => inputOf({limits: {...LIMITS, order_size: {...LIMITS.order_size, min_notional_usd: text}}}),
      (text) => inputOf({limits: {...LIMITS, daily_loss: {...LIMITS.daily_loss, halt_usd: text}}}),
    ]
    fc.assert(fc.property(fc.constantFrom(...places), junk, (place, text) => !passes(place(text))))
  })

  it('never lets an order pass as a time, a count or a volatility', () => {
    const places: ((value: number) => ControlInput)[] = [
      (value) => inputOf({venueTime: value}),
      (value) => inputOf({venueStalledMs: Math.abs(value)}),
      (value) => inputOf({market: {...ETH, bookTime: value}}),
      (value) => inputOf({market: {...ETH, markTime: value}}),
      (value) => inputOf({market: {...ETH, sizeDecimals: value}}),
      (value) => inputOf({messages: {lastSecond: Math.abs(value), lastMinute: 0, addressLeft: 9999}}),
      (value) => inputOf({messages: {lastSecond: 0, lastMinute: Math.abs(value), addressLeft: 9999}}),
      (value) => inputOf({dailySigma: value}),
    ]
    fc.assert(fc.property(fc.constantFrom(...places), junkNumber, (place, value) => !passes(place(value))))
  })

  it('never lets an order pass when a part is absent', () => {
    const absent: Partial<ControlInput>[] = [
      {limits: null},
      {market: null},
      {account: null},
      {venueTime: null},
      {selected: null},
      {market: {...ETH, bookTime: null}},
      {messages: {lastSecond: 0, lastMinute: 0, addressLeft: null}},
      {account: accountOf({equity: null})},
      {account: accountOf({dayStartEquity: null})},
      {account: accountOf({working: [workingOf({sz: 'NaN'})]})},
      {account: accountOf({positions: new Map([['ETH', 'NaN']])})},
      {account: accountOf({positions: new Map([['BTC', '1']]), marks: new Map()})},
    ]
    for (const part of absent) expect(passes(inputOf(part))).toBe(false)
  })
})

describe('limits', () => {
  const lots = (max: number) => fc.integer({min: 1, max}).map((n) => (n / 1000).toString())

  it('never pass a larger order than one they refuse', () => {
    fc.assert(
      fc.property(lots(6000), lots(6000), fc.constantFrom('buy' as const, 'sell' as const), (a, b, side) => {
        const [small, large] = Number(a) <= Number(b) ? [a, b] : [b, a]
        const px = side === 'buy' ? '2000' : '2000.1'
        const judged = (sz: string) => judgeIntent(inputOf({intent: intentOf({sz, side, px, tif: 'Gtc'})}), null)
        if (judged(large).pass) expect(judged(small).pass || judged(small).control === 'C07').toBe(true)
      }),
    )
  })

  it('keep the worst case inside the position limit, whatever already works', () => {
    const orders = fc.array(fc.tuple(fc.constantFrom('buy' as const, 'sell' as const), lots(9000)), {maxLength: 8})
    fc.assert(
      fc.property(orders, fc.integer({min: -30, max: 30}), lots(2500), (working, position, sz) => {
        const account = accountOf({
          positions: new Map(position === 0 ? [] : [['ETH', String(position)]]),
          working: working.map(([side, size], i) => workingOf({side, sz: size, px: String(1990 - i)})),
        })
        if (!passes(inputOf({account, intent: intentOf({sz})}))) return
        const sum = (side: string) =>
          working.filter(([s]) => s === side).reduce((total, [, size]) => total + Number(size), 0)
        const worst = Math.max(Math.abs(position + sum('buy') + Number(sz)), Math.abs(position - sum('sell')))
        expect(worst * 2000).toBeLessThanOrEqual(50_000 + 1e-6)
      }),
    )
  })

  it('a tighter file never passes what a looser one refuses', () => {
    fc.assert(
      fc.property(lots(4000), fc.double({min: 0.05, max: 1, noNaN: true}), (sz, factor) => {
        const tight = {
          ...LIMITS,
          order_notional: {...LIMITS.order_notional, max_equity_fraction: 0.25 * factor},
          position: {...LIMITS.position, max_equity_fraction: 0.5 * factor},
        }
        if (passes(inputOf({limits: tight, intent: intentOf({sz})})))
          expect(passes(inputOf({intent: intentOf({sz})}))).toBe(true)
      }),
    )
  })
})

describe('exact', () => {
  it('reads decimal text and finite numbers and nothing else', () => {
    expect(exact('0.1')).toEqual({units: 1n, scale: 1})
    expect(exact(1e-7)).toEqual({units: 1n, scale: 7})
    fc.assert(
      fc.property(
        fc.oneof(junkNumber, fc.constantFrom(null, undefined, '', '1e5', 'NaN')),
        (value) => exact(value) === null,
      ),
    )
  })
})
