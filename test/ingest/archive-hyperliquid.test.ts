import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import type {IngestArchiveResult} from '../../src/operations/archive-files.ts'
import {
  type HyperliquidArchiveRequest,
  ingestArchiveHyperliquid,
} from '../../src/operations/ingest-archive-hyperliquid.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {readPayments} from '../../src/operations/read-lake.ts'
import {lz4Of} from './archive-files.ts'
import {type ArchiveServer, serveArchive} from './archive-server.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

let root: string
let desk: Desk
let archive: ArchiveServer
beforeEach(async () => {
  root = newWorkspace('hyperliquid')
  desk = await deskAt(root)
  archive = await serveArchive()
})
afterEach(async () => {
  await archive.close()
  removeWorkspace(root)
})

const DAY = 86_400_000
const HOUR = 3_600_000
const FIRST = Date.UTC(2024, 0, 1)
const HEAD =
  'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'

/** Contexts every half hour minute 29 and 59; the funding of an hour grows with its number. */
function contexts(day: number, coins: readonly string[], more: readonly string[] = []): string {
  const lines = Array.from({length: 48}, (_, i) => day + (i + 1) * (HOUR / 2) - 60_000).flatMap((ts) =>
    coins.map((coin) => {
      const rate = Math.floor((ts - day) / HOUR) / 1e6
      return `${new Date(ts).toISOString().slice(0, 19)}Z,${coin},${rate},1000,99,5000000,0.0001,100,100.5,100.4,100.3,100.6`
    }),
  )
  return `${[HEAD, ...lines, ...more].join('\n')}\n`
}

const stamp = (day: number): string => new Date(day).toISOString().slice(0, 10).replaceAll('-', '')
const putContexts = (day: number, csv: string): void => {
  archive.files.set(`asset_ctxs/${stamp(day)}.csv.lz4`, lz4Of(csv))
}

const run = (rest: Partial<HyperliquidArchiveRequest> = {}, at: Desk = desk): Promise<IngestArchiveResult> =>
  ingestArchiveHyperliquid(at, {
    ...{data: 'asset_ctxs', coins: [], from: FIRST, to: FIRST + 3 * DAY, venue: 'hyperliquid'},
    ...{baseUrl: archive.url, maxBad: 0.05, yes: false, ...rest},
  })

const rowsOf = async (query: string): Promise<unknown[][]> =>
  (await desk.lake.sql(query, desk.asOf, {holes: 'allow'})).rows.map((row) =>
    row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)),
  )

describe('contexts of the Hyperliquid archive', () => {
  it('rebuild open interest, hourly funding and the universe with its dead', async () => {
    putContexts(FIRST, contexts(FIRST, ['BTC', 'LUNA']))
    putContexts(FIRST + DAY, contexts(FIRST + DAY, ['BTC', 'LUNA']))
    putContexts(FIRST + 2 * DAY, contexts(FIRST + 2 * DAY, ['BTC', 'WIF']))
    const result = await run()
    expect(result).toMatchObject({ok: true, planned: 3, files: 3, missing: [], quarantined: 0})
    expect(archive.headers.every((headers) => headers['x-amz-request-payer'] === 'requester')).toBe(true)
    expect(await rowsOf('SELECT count(*), min(open_interest), max(mid_px) FROM asset_ctx')).toEqual([
      [288, 1000, 100.4],
    ])
    expect(
      await rowsOf(`SELECT rate, premium, available_at FROM funding WHERE coin = 'BTC' ORDER BY ts LIMIT 2`),
    ).toEqual([
      [0, 0.0001, FIRST + HOUR],
      [0.000001, 0.0001, FIRST + 2 * HOUR],
    ])
    expect(await rowsOf('SELECT count(*) FROM funding')).toEqual([[144]])
    expect(
      await rowsOf(
        `SELECT coin, delisted, first_seen, last_seen, available_at FROM universe WHERE ts = ${FIRST + 2 * DAY} ORDER BY coin`,
      ),
    ).toEqual([
      ['BTC', false, FIRST, FIRST + 2 * DAY, FIRST + 3 * DAY],
      ['LUNA', true, FIRST, FIRST + DAY, FIRST + 3 * DAY],
      ['WIF', false, FIRST + 2 * DAY, FIRST + 2 * DAY, FIRST + 3 * DAY],
    ])
  })

  it('are fetched once, and days that come later join those that are there', async () => {
    putContexts(FIRST, contexts(FIRST, ['BTC', 'LUNA']))
    await run({to: FIRST + DAY})
    expect(await run({to: FIRST + DAY})).toMatchObject({files: 0, known: 1, added: 0})
    putContexts(FIRST + DAY, contexts(FIRST + DAY, ['BTC']))
    expect(await run({to: FIRST + 2 * DAY})).toMatchObject({files: 1, known: 1})
    expect(await rowsOf(`SELECT last_seen FROM universe WHERE coin = 'LUNA' AND delisted`)).toEqual([[FIRST]])
    expect(archive.asked.filter((line) => line.startsWith('GET'))).toHaveLength(2)
  })

  it('never count a settlement twice: the payment that was recorded wins', async () => {
    const csv = join(root, 'funding.csv')
    writeFileSync(csv, `ts,coin,rate\n${FIRST + HOUR + 48},BTC,0.5e-4\n`)
    const funding = request(csv, {shape: 'funding', venue: 'hyperliquid', interval: null})
    await ingestFile(desk, funding)
    putContexts(FIRST, contexts(FIRST, ['BTC']))
    await run({to: FIRST + DAY})
    expect(await rowsOf('SELECT count(*) FROM funding')).toEqual([[24]])
    writeFileSync(csv, `ts,coin,rate\n${FIRST + 2 * HOUR + 48},BTC,0.7e-4\n`)
    await ingestFile(desk, funding)
    const payments = await readPayments(desk, {venue: 'hyperliquid', asOf: desk.asOf, purpose: {kind: 'research'}})
    expect(payments?.count).toBe(24)
    expect([...payments!.rate].slice(0, 2)).toEqual([0.5e-4, 0.7e-4])
  })

  it('say what they cost, and are not fetched above the limit without a yes', async () => {
    const sizes = {'content-length': 20e9}
    archive.files.set(`asset_ctxs/${stamp(FIRST)}.csv.lz4`, (_, response) => response.writeHead(200, sizes).end())
    await expect(run()).rejects.toMatchObject({code: 'archive.costs_money', exitCode: 2})
    const plan = await run({}, {...desk, dryRun: true})
    expect(plan).toMatchObject({files: 1, bytes: 20e9})
    expect(plan.usd).toBeCloseTo(2.28, 6)
    expect(archive.asked.some((line) => line.startsWith('GET'))).toBe(false)
  })

  it('that are cut, of another day, or full of nonsense are left out by name, and the others go on', async () => {
    putContexts(FIRST, contexts(FIRST, ['BTC'], [`2024-01-01T00:00:30Z,ETH,0,0,0,0,0,0,0,0,0,0`]))
    const whole = lz4Of(contexts(FIRST + DAY, ['BTC']))
    archive.files.set(`asset_ctxs/${stamp(FIRST + DAY)}.csv.lz4`, whole.subarray(0, whole.length - 50))
    putContexts(FIRST + 2 * DAY, contexts(FIRST, ['BTC']))
    const result = await run()
    expect(result).toMatchObject({ok: false, quarantined: 1})
    expect(result.failed.map(({code}) => code).sort()).toEqual(['ingest.bad_lz4', 'ingest.too_many_bad'])
    expect(await rowsOf('SELECT count(*) FROM asset_ctx')).toEqual([[48]])
  })

  it('need no coins, and books do', async () => {
    await expect(run({coins: ['BTC']})).rejects.toMatchObject({code: 'archive.coins_needed', exitCode: 2})
    await expect(run({data: 'l2Book'})).rejects.toMatchObject({code: 'archive.coins_needed', exitCode: 2})
    await expect(run()).rejects.toMatchObject({code: 'archive.nothing_there', exitCode: 4})
  })
})

describe('books of the Hyperliquid archive', () => {
  const frame = (time: number, best: number): string =>
    JSON.stringify({
      time: new Date(time).toISOString(),
      ver_num: 1,
      raw: {
        channel: 'l2Book',
        data: {
          coin: 'BTC',
          time,
          levels: [[{px: String(best), sz: '1', n: 2}], [{px: String(best + 1), sz: '2', n: 3}]],
        },
      },
    })

  it('are read hour by hour; a missing hour is recorded, a cut line is quarantined, a silence is a hole', async () => {
    const lines = [
      ...Array.from({length: 30}, (_, i) => frame(FIRST + i * 500, 100 + i)),
      frame(FIRST + 200_000, 90),
      '{"time":"2024-01',
    ]
    archive.files.set(`market_data/${stamp(FIRST)}/0/l2Book/BTC.lz4`, lz4Of(lines.join('\n')))
    const result = await run({data: 'l2Book', coins: ['BTC'], to: FIRST + 2 * HOUR})
    expect(result).toMatchObject({ok: true, planned: 2, files: 1, added: 31, quarantined: 1})
    expect(result.missing).toEqual([`market_data/${stamp(FIRST)}/1/l2Book/BTC.lz4`])
    expect(await rowsOf('SELECT count(*), bool_and(available_at = ts), min(bid_n[1]) FROM book')).toEqual([
      [31, true, 2],
    ])
    const gaps = (await desk.lake.commits()).flatMap((commit) => commit.gaps)
    expect(gaps).toMatchObject([{coin: 'BTC', to: FIRST + 200_000, state: 'UNRECOVERABLE'}])
  })
})
