import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import type {IngestFileRequest} from '../../src/operations/commit-file-rows.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {marketData} from '../golden-files.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

let root: string
let desk: Desk
beforeAll(async () => {
  root = newWorkspace()
  desk = await deskAt(root)
})
afterAll(() => removeWorkspace(root))

/** Every byte of the lake: a failed import must leave it as it was. */
const lakeHash = (): string => {
  const folder = join(root, 'data/lake')
  const names = existsSync(folder) ? readdirSync(folder, {recursive: true, encoding: 'utf8'}).sort() : []
  const hash = createHash('sha256')
  for (const name of names) hash.update(name)
  for (const name of names.filter((file) => /\.(json|parquet)$/.test(file)))
    hash.update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

const GEMINI = {venue: 'gemini', interval: '1m', coin: 'BTC', map: {volume: 'Volume BTC'}} as const
const LONDON = {venue: 'cex', interval: '8h'} as const

const accepted: [file: string, flags: Partial<IngestFileRequest>, outcome: Record<string, number>][] = [
  ['binance_JUVUSDT_1d_93_duplicate_days.csv', {coin: 'JUVUSDT'}, {accepted: 638, duplicates: 93, quarantined: 0}],
  ['binance_LUNAUSDT_1d_ticker_reuse.csv', {coin: 'LUNAUSDT'}, {accepted: 621, incarnations: 2}],
  ['binance_LUNAUSDT_4h_partial_rows.csv', {coin: 'LUNAUSDT', interval: '4h'}, {accepted: 3721, quarantined: 8}],
  ['binance_perp_FTT_1d_zombie_after_delisting.csv', {coin: 'FTTUSDT'}, {accepted: 1515, deadBars: 1301}],
  ['bybit_ETHUSDT_1m_200_of_1000_pagination_gaps.parquet', {venue: 'bybit', interval: '1m'}, {gaps: 64}],
  [
    'cex_8h_london_local_time.csv.gz',
    {...LONDON, zone: 'Europe/London', map: {coin: 'exchange'}},
    {accepted: 4923, quarantined: 3, coins: 3},
  ],
  ['freqtrade_UNITTEST_BTC_1m_538_gaps.json.gz', {venue: 'bittrex', interval: '1m', coin: 'BTC'}, {gaps: 538}],
  ['gemini_BTCUSD_1m_2017_truncated.csv.gz', {...GEMINI, unit: 's'}, {accepted: 12_672, quarantined: 1}],
]

const refused: [file: string, flags: Partial<IngestFileRequest>, code: string][] = [
  ['cex_8h_london_local_time.csv.gz', LONDON, 'ingest.unknown_time_zone'],
  ['cex_8h_london_local_time.csv.gz', {...LONDON, zone: 'Europe/London'}, 'ingest.name_collision'],
  ['gemini_BTCUSD_1m_2017_truncated.csv.gz', {venue: 'gemini', interval: '1m'}, 'ingest.missing_columns'],
  ['gemini_BTCUSD_1m_2017_truncated.csv.gz', GEMINI, 'ingest.too_many_bad'],
  ['hyperliquid_spot_UBONK_1h_empty.feather', {coin: 'UBONK', interval: '1h'}, 'ingest.unsupported_format'],
  ['standx_orderbook_partial_hour.parquet', {venue: 'standx', interval: '1m'}, 'ingest.missing_columns'],
  ['yahoo_COMP-USD_1d_ticker_collision.csv', {venue: 'yahoo', coin: 'COMP'}, 'ingest.too_many_bad'],
  ['binance_JUVUSDT_1d_93_duplicate_days.csv', {coin: 'JUVUSDT', interval: '1h'}, 'ingest.wrong_interval'],
  ['there_is_no_such_file.csv', {coin: 'X'}, 'ingest.no_file'],
]

describe('real files with real defects', () => {
  for (const [file, flags, outcome] of accepted) {
    it(`${file} is taken: ${JSON.stringify(outcome)}`, async ({skip}) => {
      const path = marketData(`ugly/${file}`)
      if (!path) return skip()
      expect(await ingestFile(desk, request(path, flags))).toMatchObject(outcome)
    })
  }

  for (const [file, flags, code] of refused) {
    it(`${file} is refused with ${code}, and the lake stays as it was`, async ({skip}) => {
      const folder = marketData('ugly')
      if (!folder) return skip()
      const before = lakeHash()
      await expect(ingestFile(desk, request(`${folder}/${file}`, flags))).rejects.toMatchObject({code, exitCode: 4})
      expect(lakeHash()).toBe(before)
    })
  }

  it('names the line and the reason of every rejected row', async ({skip}) => {
    const path = marketData('ugly/binance_LUNAUSDT_4h_partial_rows.csv')
    if (!path) return skip()
    const {paths} = await ingestFile(desk, request(path, {coin: 'LUNAUSDT', interval: '4h'}))
    const quarantine = paths.find((name) => name.startsWith('data/quarantine/'))!
    const [head, ...rows] = readFileSync(join(root, quarantine), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(head).toMatchObject({artifact: 'quarantine@1', rows: 8})
    const lines = readFileSync(path, 'utf8').split('\n')
    for (const {line, cells, reason} of rows) {
      expect(lines[line - 1]).toBe(`${cells.unix},${cells.open},,,,`)
      expect(reason).toBe('high is missing or not a number')
    }
  })
})
