import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {classifyFrame, ownerInHead, printsOf} from '../../../src/sensory/stream/classify-frame.ts'
import {CHANNELS, streamsOf, subscribeText} from '../../../src/sensory/stream/streams.ts'

const level = {px: '84143.0', sz: '1.5', n: 3}
const print = {coin: 'BTC', side: 'B', px: '84143.0', sz: '0.1', time: 1000, hash: '0x1', tid: 77, users: ['a', 'b']}
const FRAMES: Readonly<Record<string, object>> = {
  bbo: {channel: 'bbo', data: {coin: 'BTC', time: 1000, bbo: [level, null]}},
  trades: {channel: 'trades', data: [print]},
  l2Book: {channel: 'l2Book', data: {coin: 'BTC', time: 1000, levels: [[level], []], fast: true}},
  activeAssetCtx: {channel: 'activeAssetCtx', data: {coin: 'BTC', ctx: {markPx: '1.0', midPx: '1.5'}}},
  candle: {channel: 'candle', data: {t: 0, T: 59_999, s: 'BTC', i: '1m', o: '1', c: '1', h: '1', l: '1', v: '2', n: 4}},
}
const KEYS = {
  bbo: 'bbo:BTC',
  trades: 'trades:BTC',
  l2Book: 'book:BTC',
  activeAssetCtx: 'asset_ctx:BTC',
  candle: 'candles:BTC:1m',
}

describe('classifyFrame', () => {
  it('names the stream of every channel', () => {
    for (const channel of CHANNELS) {
      expect(classifyFrame(JSON.stringify(FRAMES[channel]))).toMatchObject({kind: 'rows', key: KEYS[channel]})
    }
  })

  it('takes an acknowledgement with its defaults filled in, and "Already subscribed", for the stream they are about', () => {
    const subscription = {type: 'l2Book', coin: 'BTC', nSigFigs: null, mantissa: null, fast: true}
    const ack = {channel: 'subscriptionResponse', data: {method: 'subscribe', subscription}}
    expect(classifyFrame(JSON.stringify(ack))).toEqual({kind: 'ack', method: 'subscribe', key: 'book:BTC'})
    const already = {channel: 'error', data: `Already subscribed: ${JSON.stringify(subscription)}`}
    expect(classifyFrame(JSON.stringify(already))).toEqual({kind: 'already', key: 'book:BTC'})
    expect(classifyFrame('{"channel":"error","data":"Invalid subscription"}')).toMatchObject({kind: 'error'})
    expect(classifyFrame('{"channel":"pong"}')).toEqual({kind: 'pong'})
  })

  it('knows whose frame was cut, and does not take its head for a sign of life', () => {
    for (const channel of CHANNELS.filter((one) => one !== 'candle')) {
      const text = JSON.stringify(FRAMES[channel])
      expect(classifyFrame(text.slice(0, -1))).toMatchObject({kind: 'malformed', owner: {key: KEYS[channel]}})
    }
  })

  it('refuses numbers where the venue writes text, and a side that is none', () => {
    const typed = JSON.stringify(FRAMES['trades']).replace('"84143.0"', '84143.0')
    expect(classifyFrame(typed)).toMatchObject({kind: 'malformed', owner: {key: 'trades:BTC'}})
    const side = JSON.stringify(FRAMES['trades']).replace('"side":"B"', '"side":"X"')
    expect(classifyFrame(side)).toMatchObject({kind: 'malformed', owner: {key: 'trades:BTC'}})
    const bar = JSON.stringify(FRAMES['candle']).replace('"1m"', '"7m"')
    expect(classifyFrame(bar)).toMatchObject({kind: 'malformed', owner: {coin: 'BTC'}})
  })

  it('suspects the coin that an unknown channel names, and nobody when it names none', () => {
    const text = JSON.stringify(FRAMES['trades']).replace('trades', 'tradesBeta')
    expect(classifyFrame(text)).toMatchObject({kind: 'unknown', channel: 'tradesBeta', owner: {coin: 'BTC'}})
    expect(classifyFrame('{"channel":"news","data":"maintenance"}')).toMatchObject({kind: 'unknown', owner: null})
    expect(ownerInHead('{"chann')).toBe('anybody')
  })

  it('gives two snapshots with the same levels the same text, whatever their times', () => {
    const book = (time: number) =>
      JSON.stringify({...FRAMES['l2Book'], data: {...(FRAMES['l2Book'] as {data: object}).data, time}})
    const [a, b] = [classifyFrame(book(1)), classifyFrame(book(2))]
    expect(
      a.kind === 'rows' && b.kind === 'rows' && a.content.channel === 'l2Book' && b.content.channel === 'l2Book',
    ).toBe(true)
    if (a.kind === 'rows' && b.kind === 'rows') expect({...a.content, time: 0}).toEqual({...b.content, time: 0})
  })

  it('never throws, whatever text comes', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(...Object.values(FRAMES)).map((f) => JSON.stringify(f)),
    )
    fc.assert(
      fc.property(anything, fc.nat(400), fc.string({maxLength: 5}), (text, at, noise) => {
        expect(classifyFrame(text.slice(0, at) + noise + text.slice(at)).kind).toBeTypeOf('string')
      }),
    )
  })

  it('reads the prints of a REST reply, and refuses what is none', () => {
    expect(printsOf([print])).toEqual([{tid: '77', time: 1000}])
    expect(printsOf([])).toEqual([])
    expect(printsOf({error: 1})).toBeNull()
  })
})

describe('streamsOf', () => {
  it('subscribes to the fast book only, and to a candle once an interval', () => {
    const streams = streamsOf(['BTC'], ['l2Book', 'candle'], ['1m', '1h'])
    expect(streams.map(({key}) => key)).toEqual(['book:BTC', 'candles:BTC:1m', 'candles:BTC:1h'])
    expect(JSON.parse(subscribeText(streams[0]!))).toEqual({
      method: 'subscribe',
      subscription: {type: 'l2Book', coin: 'BTC', fast: true},
    })
  })
})
