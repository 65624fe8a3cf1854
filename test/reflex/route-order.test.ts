import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Intent} from '../../src/contracts/orders.ts'
import {marketState} from '../../src/reflex/market-state.ts'
import {advance, type Child, plannedChild} from '../../src/reflex/order-machine.ts'
import {type RouteView, routeOrder} from '../../src/reflex/route-order.ts'

const rules = {repegMinTicks: 2, repegDwellMs: 2000, repegBudget: 3, collar: 0.005, minNotionalUsd: '10'}
const bookAt = (bid: string, ask: string, change = {}) =>
  marketState(
    {
      asset: 'X',
      sizeDecimals: 2,
      bids: [{px: bid, sz: '50'}],
      asks: [{px: ask, sz: '50'}],
      bookTime: 0,
      venueTime: 0,
      mark: bid,
      oracle: bid,
      dayVolumeUsd: '1',
      ...change,
    },
    {maxAgeMs: 5000, maxFromMark: 0.03, wideBps: 40},
  )
const intentAt = (px: string): Intent => ({
  cloid: `0x${'b'.repeat(32)}`,
  strategy: 'book',
  parent: 'p',
  bar: 1,
  seq: 0,
  coin: 'X',
  side: 'buy',
  sz: '10',
  px,
  tif: 'Alo',
  reduceOnly: false,
})
const restingAt = (px: string, placedAt = 0): Child => ({...plannedChild(intentAt(px)), phase: 'open', placedAt})
const view: RouteView = {
  side: 'buy',
  remaining: '10',
  reduceOnly: false,
  closesWhole: false,
  urgency: 'normal',
  market: bookAt('100.00', '100.02'),
  child: null,
  repegs: 0,
  now: 0,
  crossAt: 10_000,
  deadlineAt: 20_000,
}
const move = (change: Partial<RouteView>) => routeOrder({...view, ...change}, rules)

describe('routeOrder', () => {
  it('posts at the touch first', () => {
    expect(move({})).toMatchObject({kind: 'post', px: '100'})
    expect(move({side: 'sell'})).toMatchObject({kind: 'post', px: '100.02'})
  })

  it('crosses inside the collar once the deadline is near, and at once when it is urgent', () => {
    expect(move({now: 10_000})).toMatchObject({kind: 'cross', px: '100.5'})
    expect(move({urgency: 'high'})).toMatchObject({kind: 'cross'})
  })

  it('pulls a resting order before it crosses', () => {
    expect(move({now: 10_000, child: restingAt('100')})).toMatchObject({kind: 'cancel', repeg: false})
  })

  it('follows the touch only when it has moved and the order has rested', () => {
    expect(move({child: restingAt('99.98'), now: 2000})).toMatchObject({kind: 'cancel', repeg: true})
    expect(move({child: restingAt('99.99'), now: 2000}).kind).toBe('wait')
    expect(move({child: restingAt('99.98'), now: 1999}).kind).toBe('wait')
    expect(move({child: restingAt('99.98'), now: 2000, repegs: 3}).kind).toBe('wait')
  })

  it('sends nothing beside an order whose state is unknown', () => {
    const lost = advance(advance(plannedChild(intentAt('100')), {kind: 'sent', at: 0}), {
      kind: 'no_answer',
      reason: 'timeout',
    })
    for (const now of [0, 10_000, 19_999, 30_000]) expect(move({child: lost, now}).kind).toBe('wait')
  })

  it('places nothing that adds risk on a book that is not a price, and pulls what rests there', () => {
    const crossed = bookAt('100.02', '100.00')
    expect(move({market: crossed}).kind).toBe('wait')
    expect(move({market: crossed, child: restingAt('100')}).kind).toBe('cancel')
    expect(move({market: crossed, child: restingAt('100'), reduceOnly: true}).kind).toBe('wait')
  })

  it('waits rather than cross a spread that reaches past the collar', () => {
    expect(move({market: bookAt('100', '102', {mark: '101'}), now: 15_000}).kind).toBe('wait')
  })

  it('hands the remainder back at the deadline, with nothing resting', () => {
    expect(move({now: 20_000, child: restingAt('100')})).toMatchObject({kind: 'cancel'})
    expect(move({now: 20_000})).toMatchObject({kind: 'hand_back'})
  })

  it('hands back a remainder below the minimum notional, unless it closes the position', () => {
    expect(move({remaining: '0.05', now: 11_000}).kind).toBe('hand_back')
    expect(move({remaining: '0.05', now: 11_000, reduceOnly: true, closesWhole: true}).kind).toBe('cross')
    expect(move({remaining: '0.05', now: 11_000, child: restingAt('100')}).kind).toBe('wait')
  })

  it('never rests after the deadline, never crosses outside the collar, never acts beside a live order', () => {
    const phases = ['planned', 'sent', 'unknown', 'open', 'partly_filled', 'cancelled', 'rejected', 'vetoed'] as const
    const any = fc.record({
      now: fc.integer({min: 0, max: 30_000}),
      bid: fc.integer({min: 9900, max: 10_100}),
      width: fc.integer({min: -3, max: 200}),
      phase: fc.option(fc.constantFrom(...phases)),
      repegs: fc.integer({min: 0, max: 5}),
      urgency: fc.constantFrom('low' as const, 'normal' as const, 'high' as const),
    })
    fc.assert(
      fc.property(any, ({now, bid, width, phase, repegs, urgency}) => {
        const market = bookAt((bid / 100).toFixed(2), ((bid + width) / 100).toFixed(2))
        const child = phase === null ? null : {...restingAt('99.95'), phase}
        const next = move({now, market, child, repegs, urgency})
        if (next.kind === 'post' || next.kind === 'cross') {
          expect(now).toBeLessThan(view.deadlineAt)
          expect(market.noPrice).toBeNull()
          expect(phase === null || phase === 'cancelled' || phase === 'rejected' || phase === 'vetoed').toBe(true)
        }
        if (next.kind === 'cross') expect(Number(next.px)).toBeLessThanOrEqual(market.mid * 1.005)
        if (next.kind === 'post') expect(Number(next.px)).toBeLessThan(Number(market.ask))
        if (next.kind === 'cancel') expect(phase === 'open' || phase === 'partly_filled').toBe(true)
      }),
    )
  })
})
