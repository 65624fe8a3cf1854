import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Table} from '../../src/contracts/artifact.ts'
import {foldGaps} from '../../src/contracts/gap-ledger.ts'
import {AssetCtx, Candles, Funding, Universe} from '../../src/contracts/market.ts'
import type {Desk, LakeCommit} from '../../src/desk.ts'
import {systemClock} from '../../src/io/clock.ts'
import {ingest} from '../../src/operations/ingest.ts'
import {coverageOf} from '../../src/operations/lake-coverage.ts'
import {httpFrameText} from '../../src/sensory/frames/http-frame.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2025, 5, 10, 12, 30)
/** Our clock is this far from the venue's. */
const OUR_CLOCK = 3000

/** A venue of two coins in the venue's own payload shapes; the test moves its clock and breaks it. */
const COINS = [
  {name: 'BTC', szDecimals: 5, maxLeverage: 50},
  {name: 'OLD', szDecimals: 2, maxLeverage: 3, isDelisted: true},
]
const venue = {
  now: NOW,
  coins: COINS,
  missing: new Set<number>(),
  /** coins whose history is broken, and how: a status, or a reply that is not what the API promises */
  broken: new Map<string, number | 'malformed'>(),
  /** closes of single bars after an edit */
  edited: new Map<number, string>(),
  asked: [] as Record<string, unknown>[],
}

const candle = (coin: string, interval: string, step: number, t: number): object => ({
  ...{t, T: t + step - 1, s: coin, i: interval},
  ...{o: '100.0', h: '101.5', l: '99.25', c: venue.edited.get(t) ?? '100.125', v: '12.5', n: 7},
})

const context = {
  ...{funding: '0.0000125', openInterest: '36585.31', prevDayPx: '98.0', dayNtlVlm: '4161029.5', premium: null},
  ...{oraclePx: '100.1', markPx: '100.2', midPx: null, impactPxs: null, dayBaseVlm: '41.0'},
}

function reply(request: Record<string, unknown>): unknown {
  venue.asked.push(request)
  if (request['type'] === 'exchangeStatus') return {time: venue.now, specialStatuses: null}
  if (request['type'] === 'meta') return {universe: venue.coins}
  if (request['type'] === 'metaAndAssetCtxs') return [{universe: venue.coins}, venue.coins.map(() => context)]
  if (request['type'] === 'fundingHistory') {
    const {coin, startTime} = request as {coin: string; startTime: number}
    const rows: object[] = []
    const first = Math.max(Math.ceil(startTime / HOUR) * HOUR, venue.now - 700 * HOUR)
    for (let at = Math.ceil(first / HOUR) * HOUR; at <= venue.now && rows.length < 500; at += HOUR) {
      rows.push({coin, fundingRate: '0.0000125', premium: '-0.0003', time: at + 21})
    }
    return rows
  }
  type Request = {coin: string; interval: string; startTime: number; endTime: number}
  const {coin, interval, startTime, endTime} = request['req'] as Request
  const step = interval === '1h' ? HOUR : DAY
  const end = coin === 'OLD' ? NOW - 30 * DAY : venue.now
  const rows: object[] = []
  for (let t = Math.ceil(Math.max(startTime, NOW - 60 * DAY) / step) * step; t <= Math.min(end, endTime); t += step) {
    if (!venue.missing.has(t)) rows.push(candle(coin, interval, step, t))
  }
  return venue.broken.get(coin) === 'malformed' ? [{...candle(coin, interval, step, NOW), o: 'NaN'}] : rows
}

let server: Server
let root: string
let desk: Desk
const servers: Server[] = []

beforeEach(async () => {
  Object.assign(venue, {now: NOW, missing: new Set(), broken: new Map(), edited: new Map(), asked: [], coins: COINS})
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => (body += piece))
    request.on('end', () => {
      const asked = JSON.parse(body) as Record<string, unknown>
      const coin = String(asked['coin'] ?? (asked['req'] as {coin?: string} | undefined)?.coin)
      const broken = venue.broken.get(coin)
      if (typeof broken === 'number') response.writeHead(broken).end(broken === 500 ? 'null' : 'no')
      else response.end(JSON.stringify(reply(asked)))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.env['QO_HYPERLIQUID_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  root = newWorkspace('hyperliquid')
  process.env['QO_BUDGET_DIR'] = join(root, 'budget')
  desk = {...(await deskAt(root)), clock: {...systemClock, now: () => venue.now + OUR_CLOCK}}
})
afterEach(() => {
  server.close()
  removeWorkspace(root)
})
afterAll(() => {
  delete process.env['QO_HYPERLIQUID_URL']
  delete process.env['QO_BUDGET_DIR']
  for (const one of servers) one.closeAllConnections()
})

const read = (table: Table, interval?: string, asOf = Number.MAX_SAFE_INTEGER) =>
  desk.lake.read({
    table,
    venue: 'hyperliquid',
    ...(interval ? {interval} : {}),
    asOf,
    purpose: {kind: 'live'},
    holes: 'allow',
  })

/** Value of one column of one row; undefined when there is no such row. */
async function cell(
  table: Table,
  column: string,
  coin: string,
  ts: number,
  asOf?: number,
): Promise<number | undefined> {
  const {columns} = await read(table, table === Candles ? '1h' : undefined, asOf)
  const i = (columns['ts'] as Float64Array).findIndex((at, k) => at === ts && (columns['coin'] as string[])[k] === coin)
  return (columns[column] as Float64Array)[i]
}

const gapsOf = async (table: string, interval: string | null, coin: string) =>
  foldGaps(await desk.lake.commits(), {table, venue: 'hyperliquid', interval}).get(coin) ?? []

const snapshots = () => venue.asked.filter(({type}) => type === 'candleSnapshot')

describe('qo ingest', () => {
  it('brings list, bars and funding, and drops the running candle', async () => {
    const result = await ingest(desk)
    expect(result.tables.map(({table, interval, gaps}) => [table, interval, gaps])).toEqual([
      ['universe', null, 0],
      ['restrictions', null, 0],
      ['asset_ctx', null, 0],
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

  it('leaves a page with marks and a picture for each table, the same until there is something new', async () => {
    venue.missing.add(Math.floor(NOW / HOUR) * HOUR - 5 * HOUR)
    const first = await ingest(desk)
    expect(first.quality.map(({table, interval, ok, warn, bad}) => [table, interval, ok + warn + bad])).toEqual([
      ['candles', '1d', 2],
      ['candles', '1h', 2],
      ['funding', null, 2],
    ])
    expect(first.quality[1]!.worst).toMatchObject([{coin: 'BTC', marks: {ohlc_share: 'ok', missing_share: 'warn'}}])
    const read = (name: string) => desk.files.readText(`reports/ingest/hyperliquid-${name}`)
    const [page, picture] = [await read('1h.md'), await read('1h.svg')]
    expect(picture.startsWith('<svg')).toBe(true)
    expect(page).toContain('](hyperliquid-1h.svg)')
    venue.now += 60_000
    await ingest(desk)
    expect([await read('1h.md'), await read('1h.svg')]).toEqual([page, picture])
  })

  it('adds nothing the second time and asks for next to nothing', async () => {
    await ingest(desk)
    const market = async () =>
      (await desk.lake.commits()).filter(({table}) => !['asset_ctx', 'frames'].includes(table)).length
    const commits = await market()
    venue.asked = []
    venue.now += 60_000
    // Once more for what a delisted contract might still have, and then never.
    expect(await ingest(desk)).toMatchObject({added: 0, revised: 0, contexts: 2})
    expect(await market()).toBe(commits)
    venue.asked = []
    venue.now += 20 * 60_000
    await ingest(desk)
    expect(venue.asked.map(({type}) => type)).toEqual(['exchangeStatus', 'meta', 'metaAndAssetCtxs'])
  })

  it('asks only for what is new an hour later', async () => {
    await ingest(desk)
    venue.now += HOUR
    venue.asked = []
    expect(await ingest(desk)).toMatchObject({added: 3})
    const start = Math.floor(NOW / HOUR) * HOUR - 2 * HOUR
    expect(snapshots()).toMatchObject([
      {req: {coin: 'BTC', interval: '1h', startTime: start}},
      {req: {coin: 'OLD', interval: '1h'}},
    ])
  })

  it('fills a young hole, and says that its bar was not known before', async () => {
    const hole = Math.floor(NOW / HOUR) * HOUR - 5 * HOUR
    venue.missing.add(hole)
    const first = await ingest(desk)
    expect(first.tables.find(({interval}) => interval === '1h')?.gaps).toBe(1)
    venue.missing.clear()
    venue.now += 2 * HOUR
    await ingest(desk)
    expect(await cell(Candles, 'available_at', 'BTC', hole)).toBe(venue.now)
    expect(await gapsOf('candles', '1h', 'BTC')).toMatchObject([{from: hole, to: hole + HOUR, state: 'BACKFILLED'}])
  })

  it('asks for a hole less and less often', async () => {
    venue.missing.add(Math.floor(NOW / HOUR) * HOUR - 200 * HOUR)
    await ingest(desk)
    const asks: number[] = []
    for (let minutes = 0; minutes <= 260; minutes += 20) {
      venue.now = NOW + minutes * 60_000
      venue.asked = []
      await ingest(desk, {coins: ['BTC'], tables: ['candles'], intervals: ['1h']})
      if (snapshots().some(({req}) => (req as {startTime: number}).startTime < NOW - 100 * HOUR)) asks.push(minutes)
    }
    expect(asks).toEqual([0, 60, 180])
  })

  it('sees an edit after the close as a revision that was known when it came', async () => {
    venue.now = Math.floor(NOW / HOUR) * HOUR + 60_000
    const bar = Math.floor(NOW / HOUR) * HOUR - HOUR
    await ingest(desk)
    venue.edited.set(bar, '100.25')
    venue.now += 10 * 60_000
    expect(await ingest(desk)).toMatchObject({added: 0, revised: 1})
    expect(await cell(Candles, 'close', 'BTC', bar)).toBe(100.25)
    expect(await cell(Candles, 'close', 'BTC', bar, venue.now - 1)).toBe(100.125)
    expect(await cell(Candles, 'available_at', 'BTC', bar)).toBe(venue.now)
    venue.asked = []
    venue.now += 60_000
    await ingest(desk, {tables: ['candles'], coins: ['BTC']})
    expect(snapshots()).toEqual([])
  })

  it('records the list of each day, and a change within the day as known from then on', async () => {
    await ingest(desk)
    const today = Math.floor(NOW / DAY) * DAY
    venue.now += HOUR
    venue.coins = [
      {name: 'BTC', szDecimals: 5, maxLeverage: 40},
      COINS[1]!,
      {name: 'NEW', szDecimals: 0, maxLeverage: 3},
    ]
    await ingest(desk, {tables: ['universe']})
    const leverage = (asOf?: number) => cell(Universe, 'max_leverage', 'BTC', today, asOf)
    expect([await leverage(NOW + 1), await leverage()]).toEqual([50, 40])
    venue.now += DAY
    await ingest(desk, {tables: ['universe']})
    const tomorrow = today + DAY
    expect(await cell(Universe, 'first_seen', 'NEW', tomorrow)).toBe(today)
    expect(await cell(Universe, 'last_seen', 'NEW', tomorrow)).toBe(tomorrow)
  })

  it('keeps the contexts of the moment, and a price that is not there as nothing', async () => {
    await ingest(desk, {tables: ['asset_ctx']})
    expect(await cell(AssetCtx, 'mark_px', 'BTC', venue.now)).toBe(100.2)
    expect(await cell(AssetCtx, 'mid_px', 'BTC', venue.now)).toBeNaN()
    expect((await desk.lake.commits()).map(({table}) => table)).toEqual(['asset_ctx', 'frames'])
  })

  it('goes on with the other coins when one fails, and records what that one lacks', async () => {
    for (const broken of [500, 'malformed', 422] as const) {
      venue.broken.set('OLD', broken)
      const result = await ingest(desk, {tables: ['candles'], intervals: ['1h']})
      expect(result.failed).toEqual([{table: 'candles', interval: '1h', coin: 'OLD', code: CODE_OF[broken]}])
      // One for the coin, one for our clock, which is three seconds off.
      expect(result.warnings).toHaveLength(2)
      expect(result.clock).toEqual({skewMs: OUR_CLOCK, mark: 'warn'})
      expect(await cell(Candles, 'close', 'BTC', Math.floor(NOW / HOUR) * HOUR - HOUR)).toBe(100.125)
      const end = Math.floor(NOW / HOUR) * HOUR
      expect(await gapsOf('candles', '1h', 'OLD')).toMatchObject([{from: end - 5000 * HOUR, to: end, state: 'OPEN'}])
    }
    // Its past was nobody's to record as it went by: it is as available as that of the others.
    venue.broken.clear()
    await ingest(desk, {tables: ['candles'], intervals: ['1h']})
    const bar = Math.floor((NOW - 30 * DAY) / HOUR) * HOUR - HOUR
    expect(await cell(Candles, 'available_at', 'OLD', bar)).toBe(bar + HOUR)
  })

  it('records an outage of a coin as a gap whose bars were known only when they came', async () => {
    const bar = Math.floor(NOW / HOUR) * HOUR
    await ingest(desk, {tables: ['candles'], intervals: ['1h']})
    venue.now += HOUR
    venue.broken.set('BTC', 500)
    await expect(ingest(desk, {tables: ['candles'], intervals: ['1h'], coins: ['BTC']})).rejects.toMatchObject({
      code: 'venue.no_such_coin',
      exitCode: 6,
    })
    expect(await gapsOf('candles', '1h', 'BTC')).toMatchObject([{from: bar, to: bar + HOUR, state: 'OPEN'}])
    venue.broken.clear()
    venue.now += HOUR
    await ingest(desk, {tables: ['candles'], intervals: ['1h']})
    expect(await cell(Candles, 'available_at', 'BTC', bar)).toBe(venue.now)
    expect(await cell(Candles, 'available_at', 'BTC', bar + HOUR)).toBe(bar + 2 * HOUR)
  })

  it('stores nothing of replies that are not what the API promises', async () => {
    venue.broken.set('BTC', 'malformed').set('OLD', 'malformed')
    await expect(ingest(desk, {tables: ['candles']})).rejects.toMatchObject({code: 'venue.malformed', exitCode: 6})
    expect((await desk.lake.commits()).every(({added}) => added === 0)).toBe(true)
  })

  it('says under --dry-run what it would cost, and asks for nothing but the list and the time', async () => {
    const plan = (await ingest({...desk, dryRun: true})).plan
    expect(venue.asked.map(({type}) => type)).toEqual(['exchangeStatus', 'meta'])
    expect(plan.parts.map(({table, interval, why, coins}) => [table, interval, why, coins])).toEqual([
      ['candles', '1d', 'first', 2],
      ['candles', '1h', 'first', 2],
      ['funding', null, 'first', 2],
    ])
    expect(plan.weight).toBeGreaterThan(4 * 103)
    expect(plan.minutes).toBe(Math.ceil(plan.weight / 900))
    expect(await desk.lake.commits()).toEqual([])
  })

  it('closes the gap of a coin whose whole past came at last: before its first bar there was nothing', async () => {
    const only = {tables: ['candles'], intervals: ['1h']} as const
    venue.broken.set('OLD', 422)
    await ingest(desk, only)
    venue.broken.clear()
    venue.now += 60_000
    await ingest(desk, only)
    const first = Math.ceil((NOW - 60 * DAY) / HOUR) * HOUR
    const gaps = await gapsOf('candles', '1h', 'OLD')
    expect(gaps.filter(({state, to}) => state === 'OPEN' && to <= first)).toEqual([])
    expect((await coverageOf(desk, {table: 'candles', venue: 'hyperliquid', interval: '1h'})).get('OLD')?.gaps).toEqual(
      [],
    )
  })

  it('commits what a killed run had fetched before it asks for anything', async () => {
    const start = Math.floor(NOW / HOUR) * HOUR - 3 * HOUR
    const request = {type: 'candleSnapshot', req: {coin: 'BTC', interval: '1h', startTime: start, endTime: NOW}}
    const left = {request, reply: reply(request), askedAt: NOW, receivedAt: NOW}
    const wal = await desk.wal.open('hyperliquid-rest')
    wal.append('http', NOW, new TextEncoder().encode(httpFrameText(left)))
    await wal.close()
    venue.broken.set('BTC', 422).set('OLD', 422)
    await ingest(desk, {tables: ['candles'], intervals: ['1h']}).catch(() => undefined)
    expect(await cell(Candles, 'close', 'BTC', start)).toBe(100.125)
    const [{frames}] = (await desk.lake.commits()).filter(({added}) => added === 3) as [LakeCommit]
    expect(frames).toEqual({source: 'hyperliquid-rest', from: 1, to: 1})
    expect((await desk.wal.checkpoint('hyperliquid-rest')).seq).toBeGreaterThanOrEqual(1)
  })

  it('refuses to run twice at once on one venue', async () => {
    const wal = await desk.wal.open('hyperliquid-rest')
    await expect(ingest(desk)).rejects.toMatchObject({code: 'wal.held', exitCode: 4})
    await wal.close()
  })

  it('refuses a coin that the venue does not list', async () => {
    await expect(ingest(desk, {coins: ['btc']})).rejects.toMatchObject({code: 'ingest.unknown_coin', exitCode: 2})
  })
})

const CODE_OF = {500: 'venue.no_such_coin', malformed: 'venue.malformed', 422: 'venue.refused'} as const
