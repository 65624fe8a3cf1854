import {readFileSync} from 'node:fs'
import {inflateRawSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {sharedFile} from '../golden-files.ts'
import {client, keyOf, listening, logOf, pass, start, type Trade, tape, tradesOf} from './feeds-fixture.ts'
import type {Received} from './socket-client.ts'

const BTC = {coin: 'BTC'}
const EVERYTHING = [
  {type: 'l2Book', ...BTC},
  {type: 'bbo', ...BTC},
  {type: 'trades', ...BTC},
  {type: 'candle', ...BTC, interval: '1m'},
  {type: 'activeAssetCtx', ...BTC},
  {type: 'allMids'},
]
const times = (frames: readonly Received[]): number[] => frames.map(({data}) => (data as {time: number}).time)
const gaps = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value - values[i]!)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('a subscription', () => {
  it('is acknowledged with the defaults filled in before its first frame', async () => {
    const {one, venue} = await listening([{type: 'l2Book', coin: 'BTC'}])
    expect(one.frames()[0]!.data).toEqual({
      method: 'subscribe',
      subscription: {type: 'l2Book', coin: 'BTC', nSigFigs: null, mantissa: null, fast: false},
    })
    await pass(venue, one, 100)
    expect(one.frames().map(({channel}) => channel)).toEqual(['subscriptionResponse', 'l2Book', 'pong'])
  })

  it('to trades starts with recent ones and then carries every trade of the tape once', async () => {
    const {one, venue} = await listening([{type: 'trades', coin: 'BTC'}])
    const from = venue.sim.state.clock.now()
    for (const ms of [1, 777, 30_000, 61_111]) await pass(venue, one, ms)
    const last = (one.frames('trades').at(-1)!.data as Trade[]).at(-1)!
    const happened = (await tape(venue, 'BTC', from, last.time + 1)).map(keyOf)
    const live = tradesOf(one)
      .filter(({time}) => time >= from)
      .map(keyOf)
    expect(happened.length).toBeGreaterThan(500)
    expect(live).toEqual(happened)
    expect(one.frames('trades')[0]!.data).toHaveLength(30)
    expect(Object.keys(one.frames('trades')[0]!)).toEqual(['channel', 'data'])
  })

  it('to trades carries the trades of clients too, even one in the millisecond of a block', async () => {
    const {one, venue} = await listening([{type: 'trades', coin: 'JADE'}])
    const {ask} = await venue.touch('JADE')
    await venue.act(venue.order('JADE', true, '7', ask.px, 'Ioc'))
    await pass(venue, one, 1000)
    expect(tradesOf(one).filter(({sz, side}) => sz === '7.0' && side === 'B')).toHaveLength(1)
  })

  it('lags and stays in order in the measured delivery', async () => {
    const {one, venue} = await listening([{type: 'bbo', coin: 'BTC'}], {delivery: 'lagged'})
    await pass(venue, one, 20_000)
    const entries = (await logOf(venue)).filter(({channel}) => channel === 'bbo')
    const lags = entries.map(({time, text}) => time - (JSON.parse(text) as {data: {time: number}}).data.time)
    expect(Math.min(...lags.slice(1))).toBeGreaterThanOrEqual(100)
    expect(Math.max(...lags.slice(1))).toBeLessThanOrEqual(300)
    expect(gaps(times(one.frames('bbo'))).every((gap) => gap > 0)).toBe(true)
  })
})

describe('what a client receives', () => {
  it('depends on seed and venue time only, not on how time was stepped', async () => {
    const run = async (steps: readonly number[]): Promise<readonly string[]> => {
      const {one, venue} = await listening(EVERYTHING)
      for (const ms of steps) await pass(venue, one, ms)
      return one.texts.filter((text) => !text.includes('"pong"'))
    }
    expect(await run([5000, 25_000])).toEqual(await run([1, 9999, 20_000]))
  })

  it('has the shapes of captured frames', async () => {
    const path = sharedFile('payloads/hyperliquid/ws_frames_2026-09-24.json')
    if (path === null) return
    const captured = (JSON.parse(readFileSync(path, 'utf8')) as {server_to_client: Received[]}).server_to_client
    const {one, venue} = await listening(EVERYTHING)
    await pass(venue, one, 6000)
    for (const {type, ...rest} of EVERYTHING) {
      const theirs = captured.find(({channel, data}) => channel === type && !('dex' in Object(data)))
      const ours = one.frames(type).at(-1)!
      expect(ours, JSON.stringify(rest)).toBeDefined()
      if (theirs) expect(shape(ours.data), type).toEqual(shape(theirs.data))
    }
  })

  it('adds up: the trades of a minute are its candle, to the lot', async () => {
    const {one, venue} = await listening([
      {type: 'trades', coin: 'JADE'},
      {type: 'candle', coin: 'JADE', interval: '1m'},
    ])
    const from = Math.floor(venue.sim.state.clock.now() / 60_000) * 60_000
    await pass(venue, one, 185_000)
    const trades = tradesOf(one)
    const candles = new Map(one.frames('candle').map(({data}) => [data.t as number, data]))
    for (const t of [from, from + 60_000, from + 120_000]) {
      const candle = candles.get(t)!
      const inside = trades.filter(({time}) => time >= t && time < t + 60_000)
      expect(inside.length).toBe(candle.n)
      expect(inside.reduce((sum, {sz}) => sum + Number(sz), 0)).toBeCloseTo(Number(candle.v), 6)
      expect([inside[0]!.px, inside.at(-1)!.px]).toEqual([candle.o, candle.c])
      const prices = inside.map(({px}) => Number(px))
      expect([Math.max(...prices), Math.min(...prices)]).toEqual([Number(candle.h), Number(candle.l)])
    }
  })
})

describe('the cadence', () => {
  it('of a block is 45–156 ms, and a best bid and offer never repeats', async () => {
    const {one, venue} = await listening([{type: 'bbo', coin: 'BTC'}])
    await pass(venue, one, 60_000)
    const frames = one.frames('bbo')
    const spaces = gaps(times(frames)).slice(1)
    expect(Math.min(...spaces)).toBeGreaterThanOrEqual(45)
    expect(mean(spaces)).toBeLessThan(156)
    const shown = frames.map(({data}) => JSON.stringify(data.bbo))
    expect(shown.slice(1).every((bbo, i) => bbo !== shown[i])).toBe(true)
  })

  it('of the default book is 5.0–5.6 s on one clock for all coins, 20 levels', async () => {
    const coins = ['BTC', 'JADE', 'GALENA']
    const {one, venue} = await listening(coins.map((coin) => ({type: 'l2Book', coin})))
    await pass(venue, one, 120_000)
    const of = (coin: string): Received[] => one.frames('l2Book').filter(({data}) => data.coin === coin)
    expect(times(of('BTC'))).toEqual(times(of('JADE')))
    expect(of('GALENA').at(-1)!.data.levels).toEqual([[], []])
    expect(of('BTC').at(-1)!.data.levels[0]).toHaveLength(20)
    const sent = (await logOf(venue)).filter(({channel, coin}) => channel === 'l2Book' && coin === 'BTC').slice(1)
    const spaces = gaps(sent.map(({time}) => time))
    expect(Math.min(...spaces)).toBeGreaterThanOrEqual(5000)
    expect(Math.max(...spaces)).toBeLessThanOrEqual(5600)
  })

  it('of the fast book is 0.47–0.66 s with 5 levels and a flag', async () => {
    const {one, venue} = await listening([{type: 'l2Book', coin: 'ETH', fast: true}])
    await pass(venue, one, 120_000)
    const spaces = gaps(
      (await logOf(venue))
        .filter(({channel}) => channel === 'l2Book')
        .slice(1)
        .map(({time}) => time),
    )
    expect(Math.min(...spaces)).toBeGreaterThanOrEqual(469)
    expect(Math.max(...spaces)).toBeLessThanOrEqual(661)
    const {data} = one.frames('l2Book').at(-1)!
    expect([data.fast, data.levels[0].length, data.levels[1].length]).toEqual([true, 5, 5])
  })

  it('of contexts is one second, of mids five, of all contexts 13.6, of candles 0.9–1.8 a second', async () => {
    const {one, venue} = await listening([
      {type: 'activeAssetCtx', coin: 'BTC'},
      {type: 'allMids'},
      {type: 'allDexsAssetCtxs'},
      {type: 'fastAssetCtxs'},
      {type: 'candle', coin: 'BTC', interval: '1m'},
    ])
    await pass(venue, one, 120_000)
    const count = (channel: string): number => one.frames(channel).length
    expect(count('activeAssetCtx')).toBe(121)
    expect(count('allMids')).toBe(25)
    expect(count('allDexsAssetCtxs')).toBe(9)
    expect(count('fastAssetCtxs')).toBe(121)
    expect(count('candle') / 120).toBeGreaterThan(0.9)
    expect(count('candle') / 120).toBeLessThan(1.8)
    expect(one.frames('activeAssetCtx')[0]!.data).not.toHaveProperty('time')
  })

  it('of quiet coins leaves their best bid and offer silent for longer than a busy one', async () => {
    const {one, venue} = await listening(
      [
        {type: 'bbo', coin: 'BTC'},
        {type: 'bbo', coin: 'ORE150'},
      ],
      {scenario: 'wide'},
    )
    await pass(venue, one, 60_000)
    const of = (coin: string): number => one.frames('bbo').filter(({data}) => data.coin === coin).length
    expect(of('ORE150')).toBeLessThan(6)
    expect(of('BTC')).toBeGreaterThan(300)
  })
})

describe('a packed channel', () => {
  it('is complete at first and then carries changes only', async () => {
    const {one, venue} = await listening([{type: 'fastAssetCtxs'}])
    await pass(venue, one, 5000)
    const unpacked = one
      .frames('fastAssetCtxs')
      .map(({data}) => JSON.parse(inflateRawSync(Buffer.from(data as string, 'base64')).toString()) as object)
    expect(Object.keys(unpacked[0]!)).toHaveLength(28)
    expect(Object.keys(unpacked.at(-1)!).length).toBeLessThan(28)
  })
})

describe('the wire log', () => {
  it('holds every frame in and out', async () => {
    const venue = await start()
    const one = await client(venue)
    await one.subscribe({type: 'bbo', coin: 'ETH'})
    await pass(venue, one, 3000)
    const entries = await logOf(venue)
    expect(entries.filter(({dir}) => dir === 'out').map(({text}) => text)).toEqual(one.texts)
    expect(entries.filter(({dir}) => dir === 'in')).toHaveLength(2)
  })

  it('counts frames by connection and channel in the state', async () => {
    const {one, venue} = await listening([{type: 'activeAssetCtx', coin: 'BTC'}])
    await pass(venue, one, 5000)
    const {sockets} = await venue.control<{sockets: {connections: {sent: Record<string, number>}[]}}>('state')
    expect(sockets.connections[0]!.sent).toEqual({subscriptionResponse: 1, activeAssetCtx: 6, pong: 1})
  })
})

/** Keys and types; the first element stands for a list. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  if ('mids' in value) return {mids: 'record'}
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
}
