import {readFileSync} from 'node:fs'
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

const at = (file: string, flags: Partial<IngestFileRequest>) =>
  ingestFile(desk, request(file, {interval: null, ...flags}))

const sql = async (query: string): Promise<unknown[][]> =>
  (await desk.lake.sql(query, desk.asOf, {holes: 'allow'})).rows

type Case = [file: string, flags: Partial<IngestFileRequest>, outcome: Record<string, unknown>]

/** Every number is that of the set: see the README beside each file. */
const sets: Case[] = [
  [
    'hl_l2_2025_09_04/trades.parquet',
    {shape: 'trades', venue: 'hyperliquid'},
    {accepted: 11_102, duplicates: 10, gaps: 0, quarantined: 0},
  ],
  ['hl_l2_2025_09_04/bbo.parquet', {shape: 'bbo', venue: 'hyperliquid'}, {accepted: 27_107, crossed: 0, locked: 0}],
  ['hl_l2_2025_09_04/l2.parquet', {shape: 'book', venue: 'hyperliquid'}, {accepted: 7564, duplicates: 6, crossed: 0}],
  [
    'hl_bbo_trades_btc_2025_09/trades.parquet',
    {shape: 'trades', venue: 'hl_sessions'},
    {accepted: 12_251, duplicates: 10, gaps: 6},
  ],
  ['hl_bbo_trades_btc_2025_09/bbo.parquet', {shape: 'bbo', venue: 'hl_sessions'}, {accepted: 27_556, gaps: 6}],
  ['standx_l2_btc/trades.parquet', {shape: 'trades', venue: 'standx'}, {accepted: 3186, duplicates: 0}],
  [
    'standx_l2_btc/l2.parquet',
    {shape: 'book', venue: 'standx'},
    {accepted: 21_192, locked: 11_578, crossed: 0, outOfOrder: 0, gaps: 1},
  ],
  ['cex_funding_8h/cex_funding_8h.parquet', {shape: 'funding', venue: 'cex'}, {accepted: 19_704, coins: 12, gaps: 0}],
  ['cex_funding_8h/cex_ohlcv_8h.parquet', {venue: 'cex', interval: '8h'}, {accepted: 29_556, coins: 18, gaps: 0}],
  [
    'cex_funding_8h/binance_perp_funding_2025.parquet',
    {shape: 'funding', venue: 'binance'},
    {accepted: 5476, coins: 19},
  ],
]

const candles: Case[] = [
  ['hl_perp_1m/hl_perp_1m.parquet', {venue: 'hyperliquid', interval: '1m'}, {accepted: 41_759, coins: 6, gaps: 0}],
  ['binance_spot_1m/binance_spot_1m.parquet', {venue: 'spot', interval: '1m'}, {accepted: 261_416, gaps: 0}],
  ['binance_spot_1h/binance_spot_1h.parquet', {venue: 'spot', interval: '1h'}, {accepted: 111_501, coins: 5, gaps: 2}],
  ['binance_perp_1h/binance_perp_1h.parquet', {venue: 'perp', interval: '1h'}, {accepted: 192_720, coins: 12}],
  ['bitfinex_spot_1m/bitfinex_1m.parquet', {venue: 'bitfinex', interval: '1m'}, {accepted: 127_068, gaps: 61_434}],
  [
    'binance_spot_1d_2021_2022/binance_spot_1d.parquet',
    {venue: 'spot', interval: '1d'},
    {accepted: 129_358, duplicates: 93, coins: 203},
  ],
]

describe('recorded sets', () => {
  for (const [file, flags, outcome] of [...sets, ...candles]) {
    it(`${file} as ${flags.shape ?? 'ohlcv'}: ${JSON.stringify(outcome)}, and nothing a second time`, async ({
      skip,
    }) => {
      const path = marketData(file)
      if (!path) return skip()
      const first = await at(path, flags)
      expect(first).toMatchObject(outcome)
      expect(first.added).toBe(first.accepted)
      const manifest = first.paths.find((name) => name.startsWith('data/manifests/'))!
      const before = readFileSync(join(root, manifest), 'utf8')
      const again = await at(path, flags)
      expect(again).toMatchObject({added: 0, revised: 0, commit: null, ...outcome})
      expect(readFileSync(join(root, manifest), 'utf8')).toBe(before)
    })
  }

  it('keeps a silence of more than a minute as a hole that nobody can fill any more', async ({skip}) => {
    if (!marketData('hl_bbo_trades_btc_2025_09/bbo.parquet')) return skip()
    const commits = (await desk.lake.commits()).filter(({venue, table}) => venue === 'hl_sessions' && table === 'bbo')
    expect(commits[0]!.gaps.map(({state}) => state)).toEqual(new Array(6).fill('UNRECOVERABLE'))
    for (const {from, to} of commits[0]!.gaps) expect(to - from).toBeGreaterThanOrEqual(60_000)
    await expect(desk.lake.sql('SELECT * FROM bbo', desk.asOf)).rejects.toMatchObject({code: 'lake.hole', exitCode: 4})
  })

  it('has twenty levels a side, best first, without the number of orders a file does not know', async ({skip}) => {
    if (!marketData('hl_l2_2025_09_04/l2.parquet')) return skip()
    const [row] = await sql(
      `SELECT count(*), min(len(bid_px)), max(len(ask_px)), count(bid_n), bool_and(bid_px[1] < ask_px[1]),
              bool_and(bid_px[1] > bid_px[20]), min(feed) FROM book WHERE venue = 'hyperliquid'`,
    )
    expect(row!.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell))).toEqual([
      7564,
      20,
      20,
      0,
      true,
      true,
      'full',
    ])
  })

  it('has a quote without the side that the recorder did not get', async ({skip}) => {
    if (!marketData('hl_bbo_trades_btc_2025_09/bbo.parquet')) return skip()
    const rows = await sql(
      `SELECT count(*) FROM bbo WHERE venue = 'hl_sessions' AND (bid_px IS NULL) <> (ask_px IS NULL)`,
    )
    expect(Number(rows[0]![0])).toBe(5)
  })

  it('was available at the venue time, whatever the recorder was late', async ({skip}) => {
    if (!marketData('hl_l2_2025_09_04/trades.parquet')) return skip()
    const rows = await sql(`SELECT count(*) FROM trades WHERE available_at <> ts`)
    expect(Number(rows[0]![0])).toBe(0)
  })
})
