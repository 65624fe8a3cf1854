import {connect as connectTcp} from 'node:net'
import {describe, expect, it} from 'vitest'
import {client, keyOf, listening, logOf, pass, start, type Trade, tape, tradesOf} from './feeds-fixture.ts'
import type {Client, Received} from './socket-client.ts'

const TRADES = {type: 'trades', coin: 'BTC'}
const BBO = {type: 'bbo', coin: 'BTC'}
const FAST = {type: 'l2Book', coin: 'BTC', fast: true}

/** Texts that are no frame of this venue, and what the client could read. */
function readable(one: Client): {frames: Received[]; broken: string[]} {
  const frames: Received[] = []
  const broken: string[] = []
  for (const text of one.texts) {
    try {
      frames.push(JSON.parse(text) as Received)
    } catch {
      broken.push(text)
    }
  }
  return {frames, broken}
}

describe('a connection', () => {
  it('is torn in the middle of a frame: 1006, and the log says which frame was lost', async () => {
    const {one, venue} = await listening([TRADES])
    await venue.control('fault', {id: 'ws.drop.1006', after: 10})
    await venue.control('step', {ms: 5000})
    expect(await one.closed()).toEqual({code: 1006, reason: ''})
    const lost = (await logOf(venue)).find(({fault}) => fault === 'ws.drop.1006')!
    expect(lost.sent).toBe(false)
    expect(one.texts).not.toContain(lost.text)
    expect(one.frames('trades')).toHaveLength(11)
  })

  it('is closed in order: 1000 without a reason', async () => {
    const {one, venue} = await listening([BBO])
    await venue.control('fault', {id: 'ws.close.1000'})
    await venue.control('step', {ms: 1000})
    expect(await one.closed()).toEqual({code: 1000, reason: ''})
  })

  it('goes half open: no byte either way, TCP up, then gone', async () => {
    const {one, venue} = await listening([BBO, TRADES])
    await venue.control('fault', {id: 'ws.halfopen', durMs: 30_000})
    const before = one.texts.length
    await venue.control('step', {ms: 20_000})
    one.send({method: 'ping'})
    one.ws.ping()
    const other = await client(venue)
    await other.settled()
    expect([one.texts.length, one.isOpen()]).toEqual([before, true])
    await venue.control('step', {ms: 15_000})
    expect((await one.closed()).code).toBe(1006)
    expect((await logOf(venue)).some(({fault, sent}) => fault === 'ws.halfopen' && !sent)).toBe(true)
  })

  it('that is starved of frames dies after a minute unless it pings', async () => {
    const {one, venue} = await listening([BBO])
    await venue.control('fault', {id: 'ws.idle60', durMs: 120_000})
    await venue.control('step', {ms: 61_000})
    expect((await one.closed()).code).toBe(1006)
  })
})

describe('a handshake', () => {
  it('is refused with 429 or 502, once each', async () => {
    const venue = await start()
    await venue.control('fault', {id: 'ws.handshake.429'})
    await venue.control('fault', {id: 'ws.handshake.502'})
    await expect(client(venue)).rejects.toThrow('HTTP 429')
    await expect(client(venue)).rejects.toThrow('HTTP 502')
    expect((await client(venue)).isOpen()).toBe(true)
  })

  it('is kept waiting for twelve seconds of venue time', async () => {
    const venue = await start()
    await venue.control('fault', {id: 'ws.handshake.slow', durMs: 12_000})
    let isIn = false
    const waiting = client(venue).then((one) => {
      isIn = true
      return one
    })
    await venue.control('step', {ms: 11_000})
    expect(isIn).toBe(false)
    // The handshake may still be on its way to the venue when the clock is stepped the first time.
    for (let k = 0; k < 5 && !isIn; k++) await venue.control('step', {ms: 12_000})
    expect((await waiting).isOpen()).toBe(true)
  })
})

describe('a subscription', () => {
  it('kills the socket although its coin exists', async () => {
    const venue = await start()
    const one = await client(venue)
    await venue.control('fault', {id: 'ws.badcoin', scope: 'BTC'})
    await one.subscribe({type: 'bbo', coin: 'ETH'})
    one.send({method: 'subscribe', subscription: BBO})
    await one.settled()
    await venue.control('step', {ms: 100})
    expect((await one.closed()).code).toBe(1006)
  })

  it('delivers data whose acknowledgement is lost, or comes later', async () => {
    const venue = await start()
    const one = await client(venue)
    await venue.control('fault', {id: 'ws.ack.lost', scope: 'bbo'})
    await venue.control('fault', {id: 'ws.ack.late', scope: 'activeAssetCtx', durMs: 2000})
    one.send({method: 'subscribe', subscription: BBO})
    one.send({method: 'subscribe', subscription: {type: 'activeAssetCtx', coin: 'BTC'}})
    await one.settled()
    await pass(venue, one, 3000)
    const acks = one.frames('subscriptionResponse')
    expect(acks.map(({data}) => data.subscription.type)).toEqual(['activeAssetCtx'])
    const channels = one.frames().map(({channel}) => channel)
    expect(channels.indexOf('activeAssetCtx')).toBeLessThan(channels.indexOf('subscriptionResponse'))
    expect(channels).toContain('bbo')
  })
})

describe('a stream', () => {
  it('replays its recent trades without being asked', async () => {
    const {one, venue} = await listening([TRADES])
    await pass(venue, one, 5000)
    const clean = tradesOf(one).length
    await venue.control('fault', {id: 'ws.snapshot.replay'})
    await pass(venue, one, 5000)
    const all = tradesOf(one).slice(clean)
    expect(all.length - new Set(all.map(keyOf)).size).toBeGreaterThan(0)
  })

  it('sends frames twice', async () => {
    const {one, venue} = await listening([BBO])
    await venue.control('fault', {id: 'ws.dup', count: 5})
    await pass(venue, one, 5000)
    expect(one.texts.length - new Set(one.texts).size).toBe(5)
  })

  it('swaps two frames: the older time comes second', async () => {
    const {one, venue} = await listening([BBO])
    await venue.control('fault', {id: 'ws.reorder', after: 5})
    await pass(venue, one, 5000)
    const times = one.frames('bbo').map(({data}) => data.time as number)
    expect(times.filter((time, i) => i > 0 && time < times[i - 1]!)).toHaveLength(1)
    expect(new Set(times).size).toBe(times.length)
  })

  it('swaps many in a row and loses none', async () => {
    const {one, venue} = await listening([TRADES, BBO])
    const from = venue.sim.state.clock.now()
    await venue.control('fault', {id: 'ws.reorder', count: 10})
    await pass(venue, one, 10_000)
    const got = new Set(tradesOf(one).map(keyOf))
    expect((await tape(venue, 'BTC', from, from + 8000)).filter((trade) => !got.has(keyOf(trade)))).toEqual([])
  })

  it('misses frames while others flow, and log and tape say which', async () => {
    const {one, venue} = await listening([TRADES, BBO])
    const from = venue.sim.state.clock.now()
    await venue.control('fault', {id: 'ws.gap', scope: 'trades:BTC', at: from + 3000, durMs: 2000})
    await pass(venue, one, 10_000)
    const got = new Set(tradesOf(one).map(keyOf))
    const missing = (await tape(venue, 'BTC', from, from + 9000)).filter((trade) => !got.has(keyOf(trade)))
    const logged = (await logOf(venue)).filter(({fault, sent}) => fault === 'ws.gap' && !sent)
    const suppressed = logged.flatMap(({text}) => (JSON.parse(text) as {data: Trade[]}).data)
    expect(missing.length).toBeGreaterThan(5)
    expect(missing.map(keyOf)).toEqual(suppressed.map(keyOf))
    const quiet = one.frames('bbo').filter(({data}) => data.time > from + 3000 && data.time < from + 5000)
    expect(quiet.length).toBeGreaterThan(5)
  })
})

describe('a book', () => {
  it('goes stale: the same levels at new times, no best bid and offer, trades go on', async () => {
    const {one, venue} = await listening([FAST, BBO, TRADES])
    await pass(venue, one, 2000)
    await venue.control('fault', {id: 'book.stale', durMs: 8000})
    const from = one.texts.length
    await pass(venue, one, 7500)
    const later = one.texts.slice(from).map((text) => JSON.parse(text) as Received)
    const of = (channel: string): Received[] => later.filter((frame) => frame.channel === channel)
    const books = of('l2Book')
    expect(new Set(books.map(({data}) => JSON.stringify(data.levels))).size).toBe(1)
    expect(new Set(books.map(({data}) => data.time)).size).toBeGreaterThan(8)
    expect(of('bbo')).toEqual([])
    expect(of('trades').length).toBeGreaterThan(10)
  })

  it.each([
    ['book.crossed', (bid: string, ask: string) => Number(bid) >= Number(ask)],
    ['book.empty', (bid: unknown, ask: unknown) => bid === undefined && ask === undefined],
    ['book.oneside', (bid: unknown, ask: unknown) => bid !== undefined && ask === undefined],
  ])('shows %s on the book and on the best bid and offer', async (id, isSo) => {
    const {one, venue} = await listening([FAST, BBO])
    const from = one.texts.length
    await venue.control('fault', {id, durMs: 3000})
    await pass(venue, one, 2900)
    const later = one.texts.slice(from).map((text) => JSON.parse(text) as Received)
    const books = later.filter(({channel}) => channel === 'l2Book')
    const quotes = later.filter(({channel}) => channel === 'bbo')
    expect(books.length).toBeGreaterThan(2)
    expect(quotes.length).toBeGreaterThan(2)
    for (const {data} of books) expect(isSo(data.levels[0][0]?.px, data.levels[1][0]?.px)).toBe(true)
    for (const {data} of quotes) expect(isSo(data.bbo[0]?.px, data.bbo[1]?.px)).toBe(true)
    await pass(venue, one, 2000)
    const [bid, ask] = one.frames('bbo').at(-1)!.data.bbo as {px: string}[]
    expect(Number(bid!.px)).toBeLessThan(Number(ask!.px))
  })
})

describe('a frame', () => {
  it.each(['json.malformed', 'json.truncated'])('is no JSON: %s', async (id) => {
    const {one, venue} = await listening([TRADES])
    await venue.control('fault', {id, count: 2})
    await venue.control('step', {ms: 2000})
    const other = await client(venue)
    await other.settled()
    await one.until('broken frames', () => readable(one).broken.length === 2)
    expect(one.isOpen()).toBe(true)
  })

  it('has twenty megabytes', async () => {
    const {one, venue} = await listening([BBO])
    await venue.control('fault', {id: 'json.huge'})
    await pass(venue, one, 1000)
    expect(Math.max(...one.texts.map((text) => text.length))).toBeGreaterThan(20 * 1024 * 1024)
  })

  it('has numbers where text belongs, an unknown channel, an unknown side', async () => {
    const {one, venue} = await listening([TRADES])
    const from = one.texts.length
    for (const id of ['json.type', 'json.channel', 'json.enum']) await venue.control('fault', {id})
    await pass(venue, one, 2000)
    const [typed, channel, side] = one.texts.slice(from).map((text) => JSON.parse(text) as Received)
    expect(typeof typed!.data[0].px).toBe('number')
    expect(channel!.channel).toBe('tradesBeta')
    expect(side!.data[0].side).toBe('X')
  })
})

describe('HTTP', () => {
  it('answers 429 null, 500 null, 502 and 504 in HTML', async () => {
    const venue = await start()
    for (const id of ['http.429', 'http.500.null', 'http.502', 'http.504']) await venue.control('fault', {id})
    const answers = []
    for (let k = 0; k < 5; k++) answers.push(await venue.post('/info', {type: 'meta'}))
    expect(answers.map(({status}) => status)).toEqual([429, 500, 502, 504, 200])
    expect(answers.map(({type}) => type)).toEqual([
      'application/json',
      'application/json',
      'text/html',
      'text/html',
      'application/json',
    ])
    expect(answers[0]!.text).toBe('null')
    expect(answers[2]!.text).toContain('<html>')
  })
})

describe('the market', () => {
  const candles = (venue: Awaited<ReturnType<typeof start>>, coin: string, startTime: number) =>
    venue.info<{t: number; v: string; n: number; o: string; c: string}[]>({
      type: 'candleSnapshot',
      req: {coin, interval: '1m', startTime},
    })

  it('shows a minute without trades three minutes late, flat', async () => {
    const {one, venue} = await listening([
      {type: 'candle', coin: 'JADE', interval: '1m'},
      {type: 'trades', coin: 'JADE'},
    ])
    const minute = venue.sim.state.clock.now() + 60_000
    await venue.control('fault', {id: 'candle.late', scope: 'JADE', variant: 'flat'})
    await pass(venue, one, 239_000)
    expect((await candles(venue, 'JADE', minute)).map(({t}) => t)).not.toContain(minute)
    expect(await tape(venue, 'JADE', minute, minute + 60_000)).toEqual([])
    await pass(venue, one, 62_000)
    expect(await candles(venue, 'JADE', minute)).toContainEqual(expect.objectContaining({t: minute, v: '0.0', n: 0}))
    expect(one.frames('candle').map(({data}) => data.t)).toContain(minute)
  })

  it('edits a candle after its close', async () => {
    const {one, venue} = await listening([{type: 'candle', coin: 'BTC', interval: '1m'}])
    const minute = venue.sim.state.clock.now() + 60_000
    await venue.control('fault', {id: 'candle.late', scope: 'BTC', variant: 'edited'})
    const of = async (): Promise<{n: number} | undefined> =>
      (await candles(venue, 'BTC', minute)).find(({t}) => t === minute)
    await pass(venue, one, 130_000)
    const first = await of()
    await pass(venue, one, 180_000)
    const final = await of()
    expect(first!.n).toBeLessThan(final!.n)
    expect((await tape(venue, 'BTC', minute, minute + 60_000)).length).toBe(final!.n)
    expect(
      one
        .frames('candle')
        .filter(({data}) => data.t === minute)
        .at(-1)!.data.n,
    ).toBe(final!.n)
  })

  it('shows a settlement ninety seconds late, or twice', async () => {
    const venue = await start()
    const hour = venue.sim.state.clock.now() + 3_600_000
    const rows = async (coin: string) =>
      (await venue.info<{time: number}[]>({type: 'fundingHistory', coin, startTime: hour})).length
    await venue.control('step', {ms: 60_000})
    await venue.control('fault', {id: 'funding.late', scope: 'BTC', variant: 'late'})
    await venue.control('fault', {id: 'funding.late', scope: 'ETH', variant: 'twice'})
    await venue.control('step', {ms: 3_600_000 - 30_000})
    expect([await rows('BTC'), await rows('ETH')]).toEqual([0, 1])
    await venue.control('step', {ms: 61_000})
    expect([await rows('BTC'), await rows('ETH')]).toEqual([1, 2])
  })

  it('delists, changes and appends contracts, and indexes never shift', async () => {
    interface Meta {
      readonly universe: {name: string; szDecimals: number; maxLeverage: number; isDelisted?: true}[]
    }
    const {one, venue} = await listening([
      {type: 'trades', coin: 'JADE'},
      {type: 'l2Book', coin: 'JADE'},
    ])
    const before = (await venue.info<Meta & Record<string, unknown>>({type: 'meta'})).universe
    for (const variant of ['delisted', 'leverage', 'decimals', 'appended']) {
      await venue.control('fault', {id: 'meta.change', scope: variant === 'delisted' ? 'JADE' : 'RUBY', variant})
    }
    await pass(venue, one, 1000)
    const trades = one.frames('trades').length
    await pass(venue, one, 60_000)
    const after = (await venue.info<Meta & Record<string, unknown>>({type: 'meta'})).universe
    const of = (list: Meta['universe'], name: string) => list.find((row) => row.name === name)!
    expect(after.map(({name}) => name)).toEqual([...before.map(({name}) => name), 'TALC'])
    expect(of(after, 'JADE').isDelisted).toBe(true)
    expect([of(after, 'RUBY').maxLeverage, of(after, 'RUBY').szDecimals]).toEqual([5, 0])
    expect(one.frames('trades')).toHaveLength(trades)
    expect(one.frames('l2Book').at(-1)!.data.levels).toEqual([[], []])
    await one.subscribe({type: 'trades', coin: 'TALC'})
    await pass(venue, one, 60_000)
    expect(tradesOf(one).some(({coin}) => coin === 'TALC')).toBe(true)
  })
})

describe('the control plane', () => {
  it('resets to another seed and scenario: no fault, no connection, time at its start', async () => {
    const {one, venue} = await listening([BBO])
    const begin = venue.sim.state.clock.now()
    await venue.control('fault', {id: 'ws.gap'})
    await pass(venue, one, 5000)
    expect(await venue.control('reset', {seed: 9, scenario: 'calm'})).toEqual({time: begin, scenario: 'calm', seed: 9})
    expect((await one.closed()).code).toBe(1006)
    const state = await venue.control<{faults: unknown[]; sockets: {connections: unknown[]}}>('state')
    expect([state.faults, state.sockets.connections]).toEqual([[], []])
    expect(await venue.control('reset', {scenario: 'nope'})).toHaveProperty('error')
  })

  it('still speaks HTTP to a client that knows no WebSocket', async () => {
    const venue = await start()
    const socket = connectTcp(Number(new URL(venue.url).port), '127.0.0.1')
    socket.write('GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const reply = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    socket.destroy()
    expect(reply).toMatch(/^HTTP\/1.1 404/)
  })
})
