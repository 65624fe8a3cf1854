import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles, Funding} from '../../src/contracts/market.ts'
import type {Desk, Rows} from '../../src/desk.ts'
import {storeReplies} from '../../src/operations/store-replies.ts'
import {candle} from '../sensory/frames/frames.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const MINUTE = 60_000
const AT = Date.UTC(2026, 8, 24, 12)
let root: string
let desk: Desk

beforeEach(async () => {
  root = newWorkspace('sim')
  desk = await deskAt(root)
})
afterEach(() => removeWorkspace(root))

/** An answer with the bars of these minutes, asked for half a minute past minute `now`. */
function answer(now: number, minutes: readonly number[]) {
  const askedAt = AT + now * MINUTE + 30_000
  const req = {coin: 'BTC', interval: '1m', startTime: AT, endTime: askedAt}
  const reply = minutes.map((minute) => candle(minute * MINUTE))
  return {request: {type: 'candleSnapshot', req}, reply, askedAt, receivedAt: askedAt + 7}
}
const store = (now: number, ...minutes: number[]) => storeReplies(desk, 'sim', [answer(now, minutes)])
const bars = (asOf: number): Promise<Rows> =>
  desk.lake.read({table: Candles, venue: 'sim', interval: '1m', asOf, purpose: {kind: 'live'}, holes: 'allow'})

describe('a bar that was due and came with a later answer', () => {
  it('was available when it came, so that what was known before does not change', async () => {
    await store(4, 0, 1, 2)
    const then = AT + 4 * MINUTE + 30_007
    const before = await bars(then)
    await store(8, 0, 1, 2, 3, 4, 5, 6, 7)
    expect(await bars(then)).toEqual(before)
    const now = await bars(AT + 60 * MINUTE)
    const delays = Array.from(now.columns['available_at'] as Float64Array, (at, i) => {
      return at - (now.columns['ts'] as Float64Array)[i]! - MINUTE
    })
    expect(delays).toEqual([0, 0, 0, 4 * MINUTE + 30_007, 0, 0, 0, 0])
  })

  it('is late also when an answer in between brought nothing at all', async () => {
    await store(2, 0, 1)
    await store(3)
    expect(await store(3)).toMatchObject({added: 0})
    expect((await desk.lake.commits()).map(({awaited}) => awaited)).toEqual([
      undefined,
      [{coin: 'BTC', from: AT, to: AT + 3 * MINUTE}],
    ])
    await store(5, 2, 3)
    const now = await bars(AT + 60 * MINUTE)
    expect(Array.from(now.columns['available_at'] as Float64Array).slice(2)).toEqual([
      AT + 5 * MINUTE + 30_007,
      AT + 4 * MINUTE,
    ])
  })

  it('was on time when nobody had asked for it before', async () => {
    await store(2, 0, 1)
    await store(9, 0, 1, 2, 3, 4, 5, 6, 7, 8)
    const now = await bars(AT + 60 * MINUTE)
    for (const [i, at] of (now.columns['available_at'] as Float64Array).entries())
      expect(at).toBe(AT + (i + 1) * MINUTE)
  })
})

describe('a payment that was due and came with a later answer', () => {
  const HOUR = 60 * MINUTE
  const paid = (askedAt: number, hours: readonly number[]) => ({
    request: {type: 'fundingHistory', coin: 'BTC', startTime: AT},
    reply: hours.map((h) => ({coin: 'BTC', fundingRate: '0.0000125', premium: '0.0003', time: AT + h * HOUR + 33})),
    askedAt,
    receivedAt: askedAt + 7,
  })
  const payments = (asOf: number): Promise<Rows> =>
    desk.lake.read({table: Funding, venue: 'sim', asOf, purpose: {kind: 'live'}, holes: 'allow'})

  it('was available when it came, so that what was known before does not change', async () => {
    const [asked, again] = [AT + 3 * HOUR + 1000, AT + 4 * HOUR + 9000]
    await storeReplies(desk, 'sim', [paid(asked, [0, 1, 2])])
    const before = await payments(asked + 7)
    await storeReplies(desk, 'sim', [paid(again, [0, 1, 2, 3, 4])])
    expect(await payments(asked + 7)).toEqual(before)
    const now = await payments(AT + 9 * HOUR)
    expect(Array.from(now.columns['available_at'] as Float64Array)).toEqual(
      [0, 1, 2].map((h) => AT + h * HOUR + 33).concat(again + 7, AT + 4 * HOUR + 33),
    )
  })

  it('is not awaited on a page that another follows', async () => {
    const hours = Array.from({length: 500}, (_, h) => h)
    await storeReplies(desk, 'sim', [paid(AT + 900 * HOUR, hours)])
    expect((await desk.lake.commits()).map(({awaited}) => awaited)).toEqual([undefined])
  })
})
