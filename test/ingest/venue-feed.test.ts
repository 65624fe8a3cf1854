import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles, Funding, Universe} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {ingest} from '../../src/operations/ingest.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2025, 5, 10, 12, 30)

/** A venue of two coins in the venue's own payload shapes; the test moves its clock and breaks it. */
const venue = {
  now: NOW,
  coins: [
    {name: 'BTC', szDecimals: 5, maxLeverage: 50},
    {name: 'OLD', szDecimals: 2, maxLeverage: 3, isDelisted: true},
  ],
  missing: new Set<number>(),
  broken: false,
  asked: [] as Record<string, unknown>[],
}

const candle = (coin: string, interval: string, step: number, t: number): object => ({
  ...{t, T: t + step - 1, s: coin, i: interval},
  ...{o: '100.0', h: '101.5', l: '99.25', c: '100.125', v: '12.5', n: 7},
})

function reply(request: Record<string, unknown>): unknown {
  venue.asked.push(request)
  if (request['type'] === 'exchangeStatus') return {time: venue.now, specialStatuses: null}
  if (request['type'] === 'meta') return {universe: venue.coins}
  if (request['type'] === 'fundingHistory') {
    const {coin, startTime} = request as {coin: string; startTime: number}
    const rows: object[] = []
    const first = Math.max(Math.ceil(startTime / HOUR) * HOUR, venue.now - 700 * HOUR)
    for (let at = Math.ceil(first / HOUR) * HOUR; at <= venue.now && rows.length < 500; at += HOUR) {
      rows.push({coin, fundingRate: '0.0000125', premium: '-0.0003', time: at + 21})
    }
    return rows
  }
  const {coin, interval, startTime} = request['req'] as {coin: string; interval: string; startTime: number}
  const step = interval === '1h' ? HOUR : DAY
  const end = coin === 'OLD' ? NOW - 30 * DAY : venue.now
  const rows: object[] = []
  for (let t = Math.ceil(Math.max(startTime, NOW - 60 * DAY) / step) * step; t <= end; t += step) {
    if (!venue.missing.has(t)) rows.push(candle(coin, interval, step, t))
  }
  return venue.broken ? [{...candle(coin, interval, step, NOW), o: 'NaN'}] : rows
}

let server: Server
let root: string
let desk: Desk
const servers: Server[] = []

beforeEach(async () => {
  Object.assign(venue, {now: NOW, missing: new Set(), broken: false, asked: []})
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => (body += piece))
    request.on('end', () => response.end(JSON.stringify(reply(JSON.parse(body)))))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.env['QO_HYPERLIQUID_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  root = newWorkspace('hyperliquid')
  desk = await deskAt(root)
})
afterEach(() => {
  server.close()
  removeWorkspace(root)
})
afterAll(() => {
  delete process.env['QO_HYPERLIQUID_URL']
  for (const one of servers) one.closeAllConnections()
})

const read = (table: typeof Candles | typeof Funding | typeof Universe, interval?: string) =>
  desk.lake.read({
    table,
    venue: 'hyperliquid',
    ...(interval ? {interval} : {}),
    asOf: Number.MAX_SAFE_INTEGER,
    purpose: {kind: 'live'},
  })

describe('qo ingest', () => {
  it('brings list, bars and funding, and drops the running candle', async () => {
    const result = await ingest(desk)
    expect(result.tables.map(({table, interval, gaps}) => [table, interval, gaps])).toEqual([
      ['universe', null, 0],
      ['candles', '1d', 0],
      ['candles', '1h', 0],
      ['funding', null, 0],
    ])
    const bars = await read(Candles, '1h')
    const ts = bars.columns['ts'] as Float64Array
    const coins = bars.columns['coin'] as string[]
    expect(Math.max(...ts)).toBe(Math.floor(NOW / HOUR) * HOUR - HOUR)
    expect(new Set(coins)).toEqual(new Set(['BTC', 'OLD']))
    expect((bars.columns['close'] as Float64Array)[0]).toBe(100.125)
    const funding = await read(Funding)
    expect((funding.columns['settles'] as Float64Array).every((at) => at % HOUR === 0)).toBe(true)
    // 700 hours of each coin, two pages a coin.
    expect(funding.count).toBe(1400)
    const list = await read(Universe)
    expect([list.columns['coin'], [...(list.columns['delisted'] as Float64Array)]]).toEqual([
      ['BTC', 'OLD'],
      [0, 1],
    ])
  })

  it('adds nothing the second time and asks for next to nothing', async () => {
    await ingest(desk)
    const commits = (await desk.lake.commits()).length
    venue.asked = []
    expect(await ingest(desk)).toMatchObject({added: 0, revised: 0})
    expect((await desk.lake.commits()).length).toBe(commits)
    expect(venue.asked.filter(({type}) => type === 'candleSnapshot')).toEqual([])
  })

  it('asks only for what is new an hour later', async () => {
    await ingest(desk)
    venue.now += HOUR
    venue.asked = []
    expect(await ingest(desk)).toMatchObject({added: 3})
    const snapshots = venue.asked.filter(({type}) => type === 'candleSnapshot')
    expect(snapshots).toMatchObject([{req: {coin: 'BTC', interval: '1h', startTime: Math.floor(NOW / HOUR) * HOUR}}])
  })

  it('fills a young hole, and says that its bar was not known before', async () => {
    const hole = Math.floor(NOW / HOUR) * HOUR - 5 * HOUR
    venue.missing.add(hole)
    const first = await ingest(desk)
    expect(first.tables.find(({interval}) => interval === '1h')?.gaps).toBe(1)
    venue.missing.clear()
    venue.now += 2 * HOUR
    await ingest(desk)
    const bars = await read(Candles, '1h')
    const i = (bars.columns['ts'] as Float64Array).findIndex(
      (ts, k) => ts === hole && (bars.columns['coin'] as string[])[k] === 'BTC',
    )
    expect((bars.columns['available_at'] as Float64Array)[i]).toBe(venue.now)
  })

  it('stores nothing of a reply that is not what the API promises', async () => {
    venue.broken = true
    await expect(ingest(desk)).rejects.toMatchObject({code: 'venue.malformed', exitCode: 6})
    expect((await desk.lake.commits()).map(({table}) => table)).toEqual(['universe'])
  })
})
