import {describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {client, listening, pass, start} from './feeds-fixture.ts'

const BOOK = {type: 'l2Book', coin: 'SOLID'}
const SUBSCRIBE = (subscription: object): object => ({method: 'subscribe', subscription})

describe('an error on an open socket', () => {
  it.each([
    ['{"method":"subscribe","subscription":{"type":"bbo","coin":["BTC","ETH"]}}'],
    ['{"method":"subscribe","subscription":{"type":"nope"}}'],
    ['{"method":"nope"}'],
    ['{"method":'],
    ['{"method":"post","request":{"type":"info","payload":{"type":"meta"}}}'],
    ['[{"method":"ping"}]'],
  ])('repeats the frame it could not read: %s', async (frame) => {
    const venue = await start()
    const one = await client(venue)
    const error = one.next('error')
    one.send(frame)
    expect((await error).data).toBe(`Error parsing JSON into valid websocket request: ${frame}`)
    await one.settled()
  })

  it('says what is subscribed already, what is not, and what makes no sense', async () => {
    const {one} = await listening([{type: 'l2Book', coin: 'BTC'}])
    const answer = async (frame: object): Promise<unknown> => {
      const error = one.next('error')
      one.send(frame)
      return (await error).data
    }
    const echo = (coin: string): string =>
      `{"type":"l2Book","coin":"${coin}","nSigFigs":null,"mantissa":null,"fast":false}`
    expect(await answer(SUBSCRIBE({type: 'l2Book', coin: 'BTC'}))).toBe(`Already subscribed: ${echo('BTC')}`)
    const gone = {method: 'unsubscribe', subscription: {type: 'l2Book', coin: 'ETH'}}
    expect(await answer(gone)).toBe(`Already unsubscribed: ${echo('ETH')}`)
    expect(await answer(SUBSCRIBE({type: 'candle', coin: 'BTC', interval: '7m'}))).toBe(
      'Invalid subscription {"type":"candle","coin":"BTC","interval":"7m"}',
    )
  })
})

describe('a post', () => {
  it('answers as REST does, and an unknown coin with null', async () => {
    const venue = await start()
    const one = await client(venue)
    const ask = async (id: number, payload: object): Promise<unknown> => {
      const reply = one.next('post')
      one.send({method: 'post', id, request: {type: 'info', payload}})
      return (await reply).data
    }
    const meta = await venue.info({type: 'meta'})
    expect(await ask(1, {type: 'meta'})).toEqual({id: 1, response: {type: 'info', payload: {type: 'meta', data: meta}}})
    expect(await ask(7, {type: 'l2Book', coin: 'NOPE'})).toEqual({
      id: 7,
      response: {type: 'info', payload: {type: 'l2Book', data: null}},
    })
    expect(await ask(8, {type: 'fundingHistory', coin: 'BTC'})).toMatchObject({id: 8, response: {type: 'error'}})
  })

  it('is refused beyond a hundred that wait', async () => {
    const venue = await start({delivery: 'lagged'})
    const one = await client(venue)
    const error = one.next('error')
    for (let id = 1; id <= 101; id++) one.send({method: 'post', id, request: {type: 'info', payload: {type: 'meta'}}})
    expect((await error).data).toBe('too many pending post requests id=101')
  })
})

describe('a subscription kills the whole socket, without a word,', () => {
  it.each([
    ['with an unknown coin', BOOK],
    ['in the wrong case', {type: 'bbo', coin: 'btc'}],
    ['with the upper-case prefix of a builder dex', {type: 'trades', coin: 'XYZ:SP500'}],
    ['with six significant figures', {type: 'l2Book', coin: 'BTC', nSigFigs: 6}],
    ['with seven significant figures', {type: 'l2Book', coin: 'BTC', nSigFigs: 7}],
    ['with a mantissa but no five figures', {type: 'l2Book', coin: 'BTC', nSigFigs: 4, mantissa: 2}],
  ])('%s', async (_, subscription) => {
    const {one, venue} = await listening([{type: 'bbo', coin: 'BTC'}], {delivery: 'lagged'})
    one.send(SUBSCRIBE(subscription))
    await pass(venue, one, 99)
    expect(one.isOpen()).toBe(true)
    await venue.control('step', {ms: 701})
    expect(await one.closed()).toEqual({code: 1006, reason: ''})
    expect(one.frames('error')).toEqual([])
  })

  it('but merged levels are served with a spread', async () => {
    const {one, venue} = await listening([{type: 'l2Book', coin: 'BTC', nSigFigs: 5, mantissa: 2}])
    await pass(venue, one, 6000)
    expect(one.frames('l2Book').at(-1)!.data).toHaveProperty('spread')
  })
})

describe('a silent socket', () => {
  it('is dropped after sixty seconds without a frame from the venue', async () => {
    const venue = await start()
    const one = await client(venue)
    await venue.control('step', {ms: 59_999})
    expect(one.isOpen()).toBe(true)
    await venue.control('step', {ms: 1})
    expect((await one.closed()).code).toBe(1006)
  })

  it('lives as long as it pings', async () => {
    const venue = await start()
    const one = await client(venue)
    for (let k = 0; k < 8; k++) await pass(venue, one, 20_000)
    expect(one.isOpen()).toBe(true)
  })
})

describe('the limits of an address', () => {
  it('refuse an eleventh connection', async () => {
    const venue = await start({scenario: 'calm'})
    for (let k = 0; k < 10; k++) await client(venue)
    await expect(client(venue)).rejects.toThrow('HTTP 429')
  })

  it('refuse the thirty-first connect of a minute, and forget it a minute later', async () => {
    const venue = await start({scenario: 'calm'})
    for (let k = 0; k < 30; k++) {
      const one = await client(venue)
      one.end()
      await one.closed()
    }
    await expect(client(venue)).rejects.toThrow('HTTP 429')
    await venue.control('step', {ms: 61_000})
    expect((await client(venue)).ws.readyState).toBe(WebSocket.OPEN)
  })

  it('drop a socket that sends more than two thousand messages a minute', async () => {
    const venue = await start({scenario: 'calm'})
    const one = await client(venue)
    for (let k = 0; k < 2001; k++) one.send({method: 'ping'})
    expect((await one.closed()).code).toBe(1006)
  })
})
