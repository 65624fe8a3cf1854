import {describe, expect, it} from 'vitest'
import {ControlId} from '../../../src/contracts/orders.ts'
import type {ControlInput} from '../../../src/reflex/controls/control-input.ts'
import {CONTROLS, judgeIntent} from '../../../src/reflex/controls/index.ts'
import {accountOf, ETH, inputOf, intentOf, LIMITS, NOON, workingOf} from './control-fixture.ts'

const refusedBy = (input: ControlInput): string | null => judgeIntent(input, null).control

describe('the fixed order of controls', () => {
  it('passes an order that meets every limit', () => {
    expect(judgeIntent(inputOf(), null)).toMatchObject({pass: true, control: null, action: 'none', reduces: false})
  })

  it('names one control per file, each under its own id', () => {
    for (const id of ControlId.options) expect(CONTROLS[id].id).toBe(id)
  })

  it('reports the first failure when several limits are broken', () => {
    const broken = inputOf({latched: true, limits: null, market: null, account: null})
    expect(refusedBy(broken)).toBe('C02')
    expect(refusedBy({...broken, latched: false})).toBe('C01')
  })

  it('refuses under the id of a control that throws', () => {
    const poisoned = inputOf()
    Object.defineProperty(poisoned, 'messages', {
      get() {
        throw new Error('gone')
      },
    })
    expect(judgeIntent(poisoned, null)).toMatchObject({pass: false, control: 'C15'})
  })
})

describe('C01 C02: limits and latch', () => {
  it('halts without limits', () => {
    expect(judgeIntent(inputOf({limits: null, limitsTrouble: 'line 3'}), null)).toMatchObject({
      control: 'C01',
      action: 'halt',
      reason: 'line 3',
    })
  })

  it('lets only a provable reduction pass in reduce-only mode', () => {
    const held = accountOf({positions: new Map([['ETH', '2']])})
    const mode = {reduceOnly: 'limits file unreadable', account: held}
    expect(refusedBy(inputOf(mode))).toBe('C02')
    expect(refusedBy(inputOf({...mode, intent: intentOf({side: 'sell', px: '2000.1', sz: '2'})}))).toBe('C02')
    const reduction = intentOf({side: 'sell', px: '2000.1', sz: '2', reduceOnly: true})
    expect(judgeIntent(inputOf({...mode, intent: reduction}), null)).toMatchObject({pass: true, reduces: true})
    const flip = intentOf({side: 'sell', px: '2000.1', sz: '2.001', reduceOnly: true})
    expect(refusedBy(inputOf({...mode, intent: flip}))).toBe('C02')
  })

  it('does not count a second half as a reduction when the first half already closes the position', () => {
    const account = accountOf({
      positions: new Map([['ETH', '2']]),
      working: [workingOf({side: 'sell', sz: '1.5', px: '2001', reduceOnly: true})],
    })
    const half = intentOf({side: 'sell', px: '2000.1', sz: '1', reduceOnly: true})
    expect(refusedBy(inputOf({reduceOnly: 'test', account, intent: half}))).toBe('C02')
  })
})

describe('C05: instruments', () => {
  it('refuses what the venue does not list, what is delisted and what was not selected', () => {
    expect(refusedBy(inputOf({market: null}))).toBe('C05')
    expect(refusedBy(inputOf({market: {...ETH, delisted: true}}))).toBe('C05')
    expect(refusedBy(inputOf({selected: ['BTC']}))).toBe('C05')
    expect(refusedBy(inputOf({selected: null}))).toBe('C05')
  })

  it('still closes a coin that left the selection', () => {
    const account = accountOf({positions: new Map([['ETH', '1']])})
    const close = intentOf({side: 'sell', px: '2000.1', reduceOnly: true})
    expect(refusedBy(inputOf({selected: [], account, intent: close}))).toBeNull()
  })

  it('refuses a builder-dex coin that the list does not name', () => {
    const market = {...ETH, coin: 'xyz:SP500'}
    const account = accountOf({marks: new Map([['xyz:SP500', '2000']])})
    const input = inputOf({market, account, intent: intentOf({coin: 'xyz:SP500'}), selected: ['xyz:SP500']})
    expect(refusedBy(input)).toBe('C05')
    const named = {...LIMITS, instruments: {allow: ['xyz:SP500'], deny: []}}
    expect(refusedBy({...input, limits: named})).toBeNull()
  })

  it('puts the deny list above the allow list', () => {
    expect(refusedBy(inputOf({limits: {...LIMITS, instruments: {allow: ['ETH'], deny: ['ETH']}}}))).toBe('C05')
  })
})

describe('C06: order notional', () => {
  const at = (sz: string, over: Partial<ControlInput> = {}): string | null =>
    refusedBy(inputOf({intent: intentOf({sz, px: '2000', tif: 'Gtc'}), ...over}))

  it('passes exactly the limit and refuses one lot more', () => {
    expect(at('2.5')).toBeNull()
    expect(at('2.501')).toBe('C06')
  })

  it('takes the smallest of the fixed sum, the equity and the volume', () => {
    expect(at('1', {account: accountOf({equity: '8000', dayStartEquity: '8000'})})).toBeNull()
    expect(at('1.001', {account: accountOf({equity: '8000', dayStartEquity: '8000'})})).toBe('C06')
    expect(at('1', {market: {...ETH, dayVolumeUsd: '400000'}})).toBeNull()
    expect(at('1', {market: {...ETH, dayVolumeUsd: '399999.99'}})).toBe('C06')
  })
})

describe('C07: lot, tick and smallest order', () => {
  it('refuses a size between two lots and a price between two ticks', () => {
    expect(refusedBy(inputOf({intent: intentOf({sz: '1.0005'})}))).toBe('C07')
    expect(refusedBy(inputOf({intent: intentOf({px: '1999.91'})}))).toBe('C07')
    expect(refusedBy(inputOf({intent: intentOf({sz: '1.0000'})}))).toBeNull()
  })

  it('refuses 9.9995 USD and passes 10 USD', () => {
    expect(refusedBy(inputOf({intent: intentOf({sz: '0.005', px: '1999.9'})}))).toBe('C07')
    expect(refusedBy(inputOf({intent: intentOf({sz: '0.005', px: '2000'})}))).toBeNull()
  })

  it('lets a whole position smaller than the smallest order be closed, but not a part of it', () => {
    const close = intentOf({side: 'sell', sz: '0.004', px: '2000.1', reduceOnly: true})
    expect(refusedBy(inputOf({intent: close, account: accountOf({positions: new Map([['ETH', '0.004']])})}))).toBeNull()
    expect(refusedBy(inputOf({intent: close, account: accountOf({positions: new Map([['ETH', '0.006']])})}))).toBe(
      'C07',
    )
  })

  it('caps coins per order where the file says so', () => {
    const limits = {...LIMITS, order_size: {...LIMITS.order_size, max_units: {ETH: '1'}}}
    expect(refusedBy(inputOf({limits}))).toBeNull()
    expect(refusedBy(inputOf({limits, intent: intentOf({sz: '1.001'})}))).toBe('C07')
  })
})

describe('C08: price collar', () => {
  const priced = (px: string, tif: 'Alo' | 'Ioc' | 'Gtc', side: 'buy' | 'sell' = 'buy', market = ETH): string | null =>
    refusedBy(inputOf({intent: intentOf({px, tif, side}), market}))

  it('holds 1 % for what may trade at once and 3 % for what rests, to the tick', () => {
    expect(priced('2020', 'Ioc')).toBeNull()
    expect(priced('2020.1', 'Ioc')).toBe('C08')
    expect(priced('2020.1', 'Gtc')).toBe('C08')
    expect(priced('1940', 'Alo')).toBeNull()
    expect(priced('1939.9', 'Alo')).toBe('C08')
    expect(priced('1980', 'Ioc', 'sell')).toBeNull()
    expect(priced('1979.9', 'Ioc', 'sell')).toBe('C08')
  })

  it('measures from mark and from oracle', () => {
    expect(priced('1999.9', 'Alo', 'buy', {...ETH, oraclePx: '1900'})).toBe('C08')
    expect(priced('1999.9', 'Alo', 'buy', {...ETH, oraclePx: null})).toBe('C08')
  })

  it('refuses ten times the price', () => {
    expect(priced('20000', 'Ioc')).toBe('C08')
  })
})

describe('C09: reference price', () => {
  it('is fresh for exactly 5 s of venue time', () => {
    expect(refusedBy(inputOf({market: {...ETH, bookTime: NOON - 5000}}))).toBeNull()
    expect(refusedBy(inputOf({market: {...ETH, bookTime: NOON - 5001}}))).toBe('C09')
    expect(refusedBy(inputOf({market: {...ETH, markTime: NOON - 5001}}))).toBe('C09')
  })

  it('turns reduce-only after a minute, and when the clock of the venue stands still', () => {
    expect(judgeIntent(inputOf({market: {...ETH, bookTime: NOON - 60_001}}), null).action).toBe('reduce_only')
    expect(refusedBy(inputOf({venueStalledMs: 5001}))).toBe('C09')
  })

  it('refuses a book from the future, a crossed book and a one-sided book', () => {
    expect(refusedBy(inputOf({market: {...ETH, bookTime: NOON + 1001}}))).toBe('C09')
    expect(refusedBy(inputOf({market: {...ETH, bidPx: '2000.1', askPx: '2000.1'}}))).toBe('C09')
    expect(refusedBy(inputOf({market: {...ETH, askPx: null}}))).toBe('C09')
  })

  it('refuses when mark and mid are more than 1 % apart', () => {
    const book = (mid: number) => ({...ETH, bidPx: String(mid - 0.1), askPx: String(mid + 0.1)})
    const intent = intentOf({px: '1990'})
    expect(refusedBy(inputOf({intent, market: book(2020)}))).toBeNull()
    expect(refusedBy(inputOf({intent, market: book(2020.1)}))).toBe('C09')
  })
})

describe('C10 C11: position and leverage', () => {
  it('counts open and in-flight orders as filled', () => {
    const account = accountOf({positions: new Map([['ETH', '20']]), working: [workingOf({sz: '4'})]})
    expect(refusedBy(inputOf({account}))).toBeNull()
    expect(refusedBy(inputOf({account, intent: intentOf({sz: '1.001'})}))).toBe('C10')
  })

  it('does not net a working sell against a working buy', () => {
    const working = [workingOf({sz: '24.5'}), workingOf({side: 'sell', sz: '24.5', px: '2010'})]
    expect(refusedBy(inputOf({account: accountOf({working})}))).toBe('C10')
  })

  it('takes a limit of its own for a coin that has one', () => {
    const limits = {...LIMITS, position: {max_equity_fraction: 0.5, per_coin: {ETH: 0.01}}}
    expect(refusedBy(inputOf({limits, intent: intentOf({sz: '0.5'})}))).toBeNull()
    expect(refusedBy(inputOf({limits, intent: intentOf({sz: '0.501'})}))).toBe('C10')
  })

  const wide = {...LIMITS, position: {max_equity_fraction: 3, per_coin: {}}}
  const hedged = accountOf({
    positions: new Map([
      ['ETH', '45'],
      ['BTC', '-1'],
    ]),
    marks: new Map([
      ['ETH', '2000'],
      ['BTC', '108000'],
    ]),
  })

  it('passes gross leverage of exactly 2 and refuses one lot more', () => {
    expect(refusedBy(inputOf({limits: wide, account: hedged}))).toBeNull()
    expect(refusedBy(inputOf({limits: wide, account: hedged, intent: intentOf({sz: '1.001'})}))).toBe('C11')
  })

  it('refuses net leverage above 1.5 while gross is within 2', () => {
    const account = accountOf({positions: new Map([['ETH', '74']])})
    expect(refusedBy(inputOf({limits: wide, account}))).toBeNull()
    expect(refusedBy(inputOf({limits: wide, account, intent: intentOf({sz: '1.001'})}))).toBe('C11')
  })

  it('refuses when another position has no mark', () => {
    const account = accountOf({positions: new Map([['DOGE', '1']])})
    expect(refusedBy(inputOf({account}))).toBe('C11')
  })
})

describe('C15 C17 C20: messages, duplicates, open orders', () => {
  const messages = (lastSecond: number, lastMinute: number, addressLeft: number | null) =>
    refusedBy(inputOf({messages: {lastSecond, lastMinute, addressLeft}}))

  it('passes the fifth message of a second, the sixtieth of a minute and the last one above the reserve', () => {
    expect(messages(4, 59, 2001)).toBeNull()
    expect(messages(5, 5, 9999)).toBe('C15')
    expect(messages(0, 60, 9999)).toBe('C15')
    expect(messages(0, 0, 2000)).toBe('C15')
    expect(messages(0, 0, null)).toBe('C15')
    expect(messages(Number.NaN, 0, 9999)).toBe('C15')
  })

  it('recognises a replayed intent and a cloid that belongs to another one', () => {
    expect(refusedBy(inputOf({cloidSeen: true}))).toBe('C17')
    expect(refusedBy(inputOf({intent: {...intentOf(), seq: 1}}))).toBe('C17')
  })

  it('refuses a twin of a working order for 30 s', () => {
    const twin = (at: number) => inputOf({account: accountOf({working: [workingOf({px: '1999.90', sz: '1.0', at})]})})
    expect(refusedBy(twin(NOON - 30_000))).toBe('C17')
    expect(refusedBy(twin(NOON - 30_001))).toBeNull()
  })

  it('allows 20 orders, or two per selected asset when that is more', () => {
    const account = (n: number) =>
      accountOf({working: Array.from({length: n}, (_, i) => workingOf({sz: '0.01', px: String(1990 - i)}))})
    expect(refusedBy(inputOf({account: account(19)}))).toBeNull()
    expect(refusedBy(inputOf({account: account(20)}))).toBe('C20')
    const selected = Array.from({length: 11}, (_, i) => (i === 0 ? 'ETH' : `C${i}`))
    expect(refusedBy(inputOf({account: account(21), selected}))).toBeNull()
    expect(refusedBy(inputOf({account: account(22), selected}))).toBe('C20')
  })
})

describe('C21: daily loss', () => {
  const lost = (equity: string, over: Partial<ControlInput> = {}, low: string | null = null) =>
    judgeIntent(inputOf({account: accountOf({equity, dayLowEquity: low}), ...over}), null)

  it('is measured in daily target-sigmas: reduce-only at 3.5, halt at 6', () => {
    const dailySigma = 0.01
    expect(lost('96500.01', {dailySigma})).toMatchObject({pass: true})
    expect(lost('96500', {dailySigma})).toMatchObject({control: 'C21', action: 'reduce_only'})
    expect(lost('94000', {dailySigma})).toMatchObject({control: 'C21', action: 'halt'})
  })

  it('falls back to 3 % and 5 % without a volatility target', () => {
    expect(lost('97000.01').pass).toBe(true)
    expect(lost('97000')).toMatchObject({control: 'C21', action: 'reduce_only'})
    expect(lost('95000')).toMatchObject({control: 'C21', action: 'halt'})
  })

  it('halts at the dollar floor whatever the sigmas say', () => {
    const limits = {...LIMITS, daily_loss: {...LIMITS.daily_loss, halt_usd: '1000'}}
    expect(lost('99000', {limits, dailySigma: 0.05})).toMatchObject({control: 'C21', action: 'halt'})
  })

  it('keeps the consequence of a loss that recovered until the day ends', () => {
    expect(lost('100500', {}, '96900')).toMatchObject({control: 'C21', action: 'reduce_only'})
  })

  it('lets a reduction pass after the loss', () => {
    const account = accountOf({equity: '94000', positions: new Map([['ETH', '1']])})
    const close = intentOf({side: 'sell', px: '2000.1', reduceOnly: true})
    expect(refusedBy(inputOf({account, intent: close}))).toBeNull()
  })
})
