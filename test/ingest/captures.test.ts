import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync, gzipSync} from 'node:zlib'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import type {IngestFileRequest} from '../../src/operations/commit-file-rows.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import type {IngestFileResult} from '../../src/operations/ingest-rows.ts'
import {lakeRebuild} from '../../src/operations/lake-rebuild.ts'
import {marketData} from '../golden-files.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

const hyperliquid = marketData('raw_ws/hyperliquid_btc_20250126.gz')
const binance = marketData('raw_ws/binance_cm_ethusd_perp_20240808.gz')
const api = marketData('hl_api_json')

let root: string
let desk: Desk
beforeEach(async () => {
  root = newWorkspace('hyperliquid')
  desk = await deskAt(root)
})
afterEach(() => removeWorkspace(root))

const ingest = (path: string, rest: Partial<IngestFileRequest>): Promise<IngestFileResult> =>
  ingestFile(desk, request(path, {shape: 'hl-capture', venue: 'hyperliquid', interval: null, ...rest}))

const one = async (query: string): Promise<number[]> =>
  (await desk.lake.sql(query, desk.asOf, {holes: 'allow'})).rows[0]!.map(Number)

describe.skipIf(!hyperliquid)('a recorded Hyperliquid socket', () => {
  it('gives its books and trades once, however often it is imported', async () => {
    const first = await ingest(hyperliquid!, {})
    expect(first).toMatchObject({
      file: {rows: 55},
      quarantined: 0,
      capture: {frames: 55, kinds: {l2Book: 46, trades: 9}},
      gaps: 0,
    })
    const lines = gunzipSync(readFileSync(hyperliquid!)).toString().trimEnd().split('\n')
    const frames = lines.map((line) => JSON.parse(line.slice(20)) as {channel: string; data: {tid: number}[]})
    const prints = frames.filter(({channel}) => channel === 'trades').flatMap(({data}) => data)
    expect(await one('SELECT count(*), count(DISTINCT tid) FROM trades')).toEqual([
      new Set(prints.map(({tid}) => tid)).size,
      new Set(prints.map(({tid}) => tid)).size,
    ])
    expect((await one('SELECT count(*) FROM book'))[0]).toBeLessThanOrEqual(46)
    const before = readFileSync(join(root, 'data/manifests/trades-hyperliquid.json'), 'utf8')
    const commits = (await desk.lake.commits()).length
    expect(await ingest(hyperliquid!, {})).toMatchObject({added: 0, revised: 0, commit: null})
    expect(await desk.lake.commits()).toHaveLength(commits)
    expect(readFileSync(join(root, 'data/manifests/trades-hyperliquid.json'), 'utf8')).toBe(before)
  })

  it('was not known before it happened, although its clock ran behind', async () => {
    await ingest(hyperliquid!, {})
    expect(await one('SELECT count(*) FROM trades WHERE available_at < ts')).toEqual([0])
    expect(await one('SELECT count(*) FROM book WHERE available_at < ts')).toEqual([0])
  })

  it('can be rebuilt from its raw frames', async () => {
    await ingest(hyperliquid!, {})
    expect(await lakeRebuild(desk, {table: 'book', source: null, verify: true})).toMatchObject({ok: true, equal: true})
  })

  it('is refused under another name, and as another exchange', async () => {
    await ingest(hyperliquid!, {})
    await expect(ingest(hyperliquid!, {venue: 'other'})).rejects.toMatchObject({code: 'ingest.other_venue'})
    const wrong = ingest(hyperliquid!, {shape: 'binance-capture'})
    await expect(wrong).rejects.toMatchObject({code: 'ingest.wrong_shape', suggestions: ['--as hl-capture']})
  })
})

describe.skipIf(!binance)('a recorded Binance socket', () => {
  it('gives quotes and trades, and keeps the changes of depth as raw frames', async () => {
    const result = await ingest(binance!, {shape: 'binance-capture', venue: 'binance_cm'})
    expect(result).toMatchObject({
      file: {rows: 40_454},
      quarantined: 0,
      capture: {frames: 40_454, kinds: {bookTicker: 15_812, trade: 1732, depthUpdate: 22_909, depthSnapshot: 1}},
    })
    expect(await one('SELECT count(*) FROM trades')).toEqual([1732])
    const [quotes] = await one('SELECT count(*) FROM bbo')
    expect(quotes).toBeGreaterThan(15_000)
    expect(quotes).toBeLessThanOrEqual(15_812)
    expect(await lakeRebuild(desk, {table: 'bbo', source: null, verify: true})).toMatchObject({ok: true, equal: true})
  })
})

describe('a recording with defects', () => {
  const trade = (ns: bigint, tid: number): string =>
    `${ns} ${JSON.stringify({channel: 'trades', data: [{coin: 'BTC', side: 'B', px: '100', sz: '1', time: Number(ns / 1_000_000n), tid}]})}`
  const T = 1_735_689_600_000_000_000n
  const write = (lines: readonly string[], name = 'rec.txt'): string => {
    const path = join(root, name)
    writeFileSync(path, lines.join('\n'))
    return path
  }

  it('keeps what is good, and names the lines that are none', async () => {
    const lines = [...Array.from({length: 40}, (_, i) => trade(T + BigInt(i) * 1_000_000n, i)), 'no frame', '{"x":1}']
    const result = await ingest(write(lines), {})
    expect(result).toMatchObject({accepted: 40, quarantined: 2, added: 40})
    const quarantine = result.paths.find((path) => path.startsWith('data/quarantine/'))!
    expect(readFileSync(join(root, quarantine), 'utf8')).toContain('"line":41')
  })

  it('marks a silence of more than a minute as lost', async () => {
    await ingest(write([trade(T, 1), trade(T + 120_000_000_000n, 2)]), {})
    const gaps = (await desk.lake.commits()).filter(({table}) => table === 'trades').flatMap((commit) => commit.gaps)
    expect(gaps).toMatchObject([{coin: 'BTC', state: 'UNRECOVERABLE'}])
  })

  it('is refused when it is cut, empty, or mostly no frames, and leaves nothing', async () => {
    const cut = join(root, 'cut.gz')
    const packed = gzipSync(Array.from({length: 4000}, (_, i) => trade(T + BigInt(i * i), i)).join('\n'))
    writeFileSync(cut, packed.subarray(0, packed.length >> 1))
    await expect(ingest(cut, {})).rejects.toMatchObject({code: 'ingest.unreadable_file', exitCode: 4})
    await expect(ingest(write([]), {})).rejects.toMatchObject({code: 'ingest.empty_file'})
    await expect(ingest(write(['a', 'b', trade(T, 1)]), {})).rejects.toMatchObject({code: 'ingest.too_many_bad'})
    await expect(ingest(write([`${T} {"channel":"pong"}`]), {})).rejects.toMatchObject({code: 'ingest.no_rows'})
    expect(await desk.lake.commits()).toEqual([])
  })

  it('plans without leaving anything', async () => {
    const dry = await deskAt(root)
    const result = await ingestFile(
      {...dry, dryRun: true},
      request(write([trade(T, 1)]), {shape: 'hl-capture', venue: 'hyperliquid', interval: null}),
    )
    expect(result).toMatchObject({accepted: 1, commit: null})
    expect(await desk.lake.commits()).toEqual([])
  })
})

describe.skipIf(!api)('a saved reply of the API', () => {
  const reply = (file: string, asked: Record<string, unknown>) =>
    ingest(`${api}/${file}`, {reply: {request: asked, at: Date.parse('2023-07-17T00:00:00Z')}})

  it('gives the table that was asked for', async () => {
    const req = {coin: 'kPEPE', interval: '1h', startTime: 1_684_702_007_000, endTime: 1_684_784_807_000}
    expect(await reply('candleSnapshot_kPEPE_1h_2023-05.json', {type: 'candleSnapshot', req})).toMatchObject({
      accepted: 24,
    })
    const funding = await reply('fundingHistory_BTC_2023-05_07.json', {type: 'fundingHistory', coin: 'BTC'})
    expect(funding.added).toBe(funding.accepted)
    const meta = await reply('meta_2023-07-17.json', {type: 'meta'})
    expect(await one('SELECT count(*) FROM universe')).toEqual([meta.accepted])
    expect(await reply('l2Book_DYDX_2023-07-17.json', {type: 'l2Book', coin: 'DYDX'})).toMatchObject({
      accepted: 1,
      added: 1,
    })
    expect(await reply('l2Book_DYDX_2023-07-17.json', {type: 'l2Book', coin: 'DYDX'})).toMatchObject({added: 0})
  })

  it('that names no coins holds no rows', async () => {
    await expect(reply('ws_allDexsAssetCtxs_mainnet.json', {type: 'allDexsAssetCtxs'})).rejects.toMatchObject({
      code: 'ingest.no_rows',
    })
  })
})
