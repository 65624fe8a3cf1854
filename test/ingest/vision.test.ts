import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import type {IngestFileResult} from '../../src/operations/ingest-rows.ts'
import {klinesCsv, zipOf} from './archive-files.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

let root: string
let desk: Desk
beforeEach(async () => {
  root = newWorkspace()
  desk = await deskAt(root)
})
afterEach(() => removeWorkspace(root))

const JAN = Date.UTC(2024, 0, 1)

function ingest(name: string, content: string | Buffer): Promise<IngestFileResult> {
  const path = join(root, name)
  const csv = name.replace('.zip', '.csv')
  writeFileSync(path, name.endsWith('.zip') && typeof content === 'string' ? zipOf({[csv]: content}) : content)
  return ingestFile(desk, request(path, {shape: 'binance-vision', interval: null}))
}

const rowsOf = async (query: string): Promise<unknown[][]> =>
  (await desk.lake.sql(query, desk.asOf)).rows.map((row) =>
    row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)),
  )

describe('files of the Binance archive', () => {
  it('hold klines in a zip or plain, with a header or without, in ms or in us', async () => {
    expect(await ingest('BTCUSDT-1h-2024-01.zip', klinesCsv(JAN, 744))).toMatchObject({accepted: 744, added: 744})
    const plain = klinesCsv(JAN, 744, {header: true})
    expect(await ingest('BTCUSDT-1h-2024-01.csv', plain)).toMatchObject({accepted: 744, added: 0, unchanged: 744})
    const [from, micro] = [Date.UTC(2025, 0, 1), klinesCsv(Date.UTC(2025, 0, 1), 24, {per: 1000})]
    expect(await ingest('ETHUSDT-1h-2025-01-01.zip', micro)).toMatchObject({accepted: 24, added: 24})
    expect(await rowsOf(`SELECT min(ts), max(ts), min(trades) FROM candles WHERE coin = 'ETHUSDT'`)).toEqual([
      [from, from + 23 * 3_600_000, 42],
    ])
  })

  it('hold trades of futures and of spot, aggregated or not, and a silence in them is no hole', async () => {
    const day = '2024-01-05'
    const t = Date.parse(`${day}T00:00:00Z`)
    await ingest(`BTCUSDT-trades-${day}.zip`, `1,100,2,200,${t},true\n2,101,1,101,${t + 600_000},false\n`)
    await ingest(`ETHUSDT-trades-${day}.zip`, `1,100,2,200,${t},False,True\n`)
    const head = 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker'
    await ingest(`SOLUSDT-aggTrades-${day}.zip`, `${head}\n9,100,2,200,201,${t},true\n`)
    expect(await rowsOf('SELECT coin, tid, px, sz, aggressor FROM trades ORDER BY coin, tid')).toEqual([
      ['BTCUSDT', '1', 100, 2, 'sell'],
      ['BTCUSDT', '2', 101, 1, 'buy'],
      ['ETHUSDT', '1', 100, 2, 'buy'],
      ['SOLUSDT', '9', 100, 2, 'sell'],
    ])
  })

  it('hold funding and best quotes', async () => {
    await ingest(
      'BTCUSDT-fundingRate-2024-01.zip',
      `calc_time,funding_interval_hours,last_funding_rate\n${JAN},8,0.0001\n`,
    )
    await ingest('BTCUSDT-bookTicker-2024-01-01.zip', `7,99,1,101,2,${JAN},${JAN + 3}\n`)
    expect(await rowsOf('SELECT coin, ts, rate FROM funding')).toEqual([['BTCUSDT', JAN, 0.0001]])
    expect(await rowsOf('SELECT ts, bid_px, ask_sz FROM bbo')).toEqual([[JAN, 99, 2]])
  })

  it('of coin-margined futures give coins and never contracts', async () => {
    await ingest('BTCUSD_PERP-1h-2024-01-01.zip', klinesCsv(JAN, 24))
    expect(await rowsOf('SELECT max(volume) FROM candles')).toEqual([[700]])
    const quotes = ingest('BTCUSD_PERP-bookTicker-2024-01-01.zip', `7,99,1,101,2,${JAN},${JAN}\n`)
    await expect(quotes).rejects.toMatchObject({code: 'ingest.contract_sizes', exitCode: 4})
  })

  it('are refused when the name, the period or the zip is wrong, and the lake stays as it was', async () => {
    const zip = zipOf({'BTCUSDT-1h-2024-01.csv': klinesCsv(JAN, 744)})
    const flipped = Buffer.from(zip)
    flipped[200]! ^= 0xff
    const cases: [string, string | Buffer, string, number][] = [
      ['klines.csv', klinesCsv(JAN, 24), 'ingest.archive_name', 2],
      ['BTCUSDT-1h-2024-02.csv', klinesCsv(JAN, 24), 'ingest.wrong_period', 4],
      ['BTCUSDT-1h-2024-01.zip', zip.subarray(0, zip.length - 300), 'ingest.bad_zip', 4],
      ['BTCUSDT-1h-2024-01.zip', flipped, 'ingest.bad_zip', 4],
      ['BTCUSDT-1h-2024-01.zip', Buffer.from('<html>no such key</html>'), 'ingest.bad_zip', 4],
      ['BTCUSDT-1h-2024-01.zip', zipOf({a: '1', b: '2'}), 'ingest.bad_zip', 4],
      ['BTCUSDT-1m-2024-01.csv', klinesCsv(JAN, 24), 'ingest.wrong_interval', 4],
    ]
    for (const [name, content, code, exitCode] of cases) {
      await expect(ingest(name, content)).rejects.toMatchObject({code, exitCode})
    }
    expect(await desk.lake.commits()).toEqual([])
  })

  it('name the line of a bad row, header or not', async () => {
    for (const header of [true, false]) {
      const lines = klinesCsv(JAN, 24, {header}).trimEnd().split('\n')
      const at = header ? 6 : 5
      lines[at - 1] = lines[at - 1]!.replace(',100,', ',,')
      const {paths} = await ingest(`X${header ? 'A' : 'B'}USDT-1h-2024-01-01.zip`, lines.join('\n'))
      const quarantine = paths.find((path) => path.startsWith('data/quarantine/'))!
      const [, row] = (await desk.files.readText(quarantine)).trimEnd().split('\n')
      expect(JSON.parse(row!)).toMatchObject({line: at})
    }
  })
})
