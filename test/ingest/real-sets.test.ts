import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {BAR} from '../../src/contracts/panel.ts'
import type {Desk} from '../../src/desk.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {lakeGaps} from '../../src/operations/lake-gaps.ts'
import {lakeStatus} from '../../src/operations/lake-status.ts'
import {lakeVerify} from '../../src/operations/lake-verify.ts'
import {loadPanel} from '../../src/operations/load-panel.ts'
import {marketData} from '../golden-files.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

const hourly = marketData('hl_perp_1h/hl_perp_1h.parquet')
const funding = marketData('hl_funding_1h/hl_funding_1h.parquet')
const binance = marketData('binance_perp_1d/binance_perp_1d.parquet')
const spot = marketData('binance_spot_1d_2021_2022/binance_spot_1d.parquet')
const daily = marketData('hl_perp_1d/hl_perp_1d.parquet')

const roots: string[] = []
const open = async (asOf?: string): Promise<{root: string; desk: Desk}> => {
  const root = newWorkspace()
  roots.push(root)
  return {root, desk: await deskAt(root, asOf)}
}
afterAll(() => roots.forEach(removeWorkspace))

const research = {kind: 'research'} as const
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`)

describe.skipIf(!hourly || !funding)('Hyperliquid, hourly bars and funding', () => {
  let root: string
  let desk: Desk
  beforeAll(async () => {
    ;({root, desk} = await open())
    await ingestFile(desk, request(hourly!, {venue: 'hyperliquid', interval: '1h'}))
    await ingestFile(desk, request(funding!, {venue: 'hyperliquid', shape: 'funding', interval: null}))
  })

  it('holds every row of the files, without a gap between bars', async () => {
    const {tables} = await lakeStatus(desk)
    expect(tables).toMatchObject([
      {table: 'candles', interval: '1h', rows: 436_552, gaps: 0, quarantined: 0},
      {table: 'funding', interval: null, rows: 835_811, gaps: 87},
    ])
  })

  it('takes nothing from a file it already has, and leaves the same report and manifest', async () => {
    const paths = ['data/manifests/candles-hyperliquid-1h.json', 'reports/ingest/hl_perp_1h-0c21a091.md']
    const before = paths.map((path) => readFileSync(join(root, path), 'utf8'))
    const again = await ingestFile(desk, request(hourly!, {venue: 'hyperliquid', interval: '1h'}))
    expect(again).toMatchObject({added: 0, revised: 0, unchanged: 436_552, commit: null})
    expect(paths.map((path) => readFileSync(join(root, path), 'utf8'))).toEqual(before)
    expect(await desk.lake.commits()).toHaveLength(2)
  })

  it('writes the same bytes in another workspace', async () => {
    const other = await open()
    await ingestFile(other.desk, request(hourly!, {venue: 'hyperliquid', interval: '1h'}))
    const path = 'data/manifests/candles-hyperliquid-1h.json'
    expect(readFileSync(join(other.root, path), 'utf8')).toBe(readFileSync(join(root, path), 'utf8'))
  })

  it('finds nothing wrong with itself, rows, order and keys included', async () => {
    expect(await lakeVerify(desk, 'full')).toMatchObject({ok: true, problems: [], orphans: [], rows: 1_272_363})
  })

  it('lacks three settlements in most coins, all before its hourly bars begin: no bar is computed over them', async () => {
    const where = {venue: 'hyperliquid', interval: '1h', purpose: research} as const
    expect((await loadPanel(desk, {...where, inputs: ['close', 'funding']})).holes).toBe(0)
    const {gaps, tables} = await lakeGaps(desk, {table: 'funding'})
    expect(new Set(gaps.map(({from}) => from.slice(0, 13)))).toEqual(
      new Set(['2023-07-02T20', '2023-08-23T20', '2024-08-15T13']),
    )
    expect(tables[0]).toMatchObject({coins: 64, received: 835_811, expected: 835_898, gaps: {OPEN: 87}})
  })

  it('computes nothing on funding over a lacking settlement once there are bars of that day', async () => {
    const {desk: older} = await open()
    const bar = 'ts,coin,open,high,low,close,volume\n'
    const rows = ['2023-08-22', '2023-08-23', '2023-08-24'].map((text) => `${day(text)},APE,1,1,1,1,5\n`)
    const path = join(root, 'ape.csv')
    writeFileSync(path, bar + rows.join(''))
    await ingestFile(older, request(path, {venue: 'hyperliquid', interval: '1d'}))
    await ingestFile(older, request(funding!, {venue: 'hyperliquid', shape: 'funding', interval: null}))
    const where = {venue: 'hyperliquid', interval: '1d', purpose: research, inputs: ['close', 'funding']} as const
    await expect(loadPanel(older, where)).rejects.toMatchObject({code: 'lake.hole', exitCode: 4})
    expect((await loadPanel(older, {...where, inputs: ['close']})).holes).toBe(0)
    expect((await loadPanel({...older, allowGaps: true}, where)).holes).toBe(1)
  })

  it('folds hours into complete UTC days that are known at their close', async () => {
    const panel = await loadPanel(desk, {
      ...{venue: 'hyperliquid', interval: '1d', inputs: ['close', 'funding'], purpose: research},
    })
    expect(panel.aggregatedFrom).toBe('1h')
    const btc = panel.assets.indexOf('BTC')
    for (let t = 0; t < panel.ts.length; t++) {
      expect(panel.ts[t]! % 86_400_000).toBe(0)
      const available = panel.availableAt[btc]![t]!
      if (!Number.isNaN(available)) expect(available).toBe(panel.ts[t]! + 86_400_000)
    }
    const rows = await desk.lake.sql(
      `SELECT sum(rate) FROM funding WHERE coin = 'BTC' AND available_at > ${day('2025-03-01')} AND available_at <= ${day('2025-03-02')}`,
      desk.asOf,
      {holes: 'allow'},
    )
    const t = panel.ts.indexOf(day('2025-03-01'))
    expect(panel.series.get('funding')![btc]![t]).toBeCloseTo(Number(rows.rows[0]![0]), 15)
  })

  it('calls the seven contracts of April 2025 dead in May and not in March', async () => {
    const gone = ['AI', 'BADGER', 'BNT', 'HPOS', 'ILV', 'NTRN', 'RLB']
    const diedBy = async (asOf: string): Promise<string[]> => {
      const {quality} = await lakeStatus(await deskAt(root, asOf), {coins: true})
      return quality[0]!.coins.filter(({diedAt}) => diedAt !== null).map(({coin}) => coin)
    }
    expect(await diedBy('2025-03-01')).toEqual([])
    expect(await diedBy('2025-05-01')).toEqual(gone)
  })
})

describe.skipIf(!binance || !spot || !daily)('incarnations, deaths and listings of real coins', () => {
  const stateOf = async (file: string, venue: string, asset: string, asOf: string): Promise<Map<number, number>> => {
    const {desk} = await open(asOf)
    await ingestFile(desk, request(file, {venue}))
    const panel = await loadPanel(desk, {venue, interval: '1d', inputs: ['close'], purpose: research})
    const a = panel.assets.indexOf(asset)
    return new Map(Array.from(panel.ts, (ts, t) => [ts, panel.state[a]![t]!]))
  }

  it('has FTT alive on 2022-11-01 and dead bars behind 2022-11-14', async () => {
    expect((await stateOf(binance!, 'binance', 'FTTUSDT', '2022-11-01')).get(day('2022-10-31'))).toBe(BAR.live)
    const later = await stateOf(binance!, 'binance', 'FTTUSDT', '2022-11-20')
    expect(later.get(day('2022-11-13'))).toBe(BAR.live)
    expect(later.get(day('2022-11-18'))).toBe(BAR.dead)
  })

  it('gives the LUNA of 2022-05-31 no history before that day', async () => {
    const {desk} = await open()
    await ingestFile(desk, request(spot!, {venue: 'binance'}))
    const panel = await loadPanel(desk, {venue: 'binance', interval: '1d', inputs: ['close'], purpose: research})
    const [old, reborn] = [panel.assets.indexOf('LUNAUSDT'), panel.assets.indexOf('LUNAUSDT#2')]
    const first = panel.state[reborn]!.findIndex((code) => code !== BAR.absent)
    const last = panel.state[old]!.findLastIndex((code) => code !== BAR.absent)
    expect(panel.ts[first]).toBe(day('2022-05-31'))
    expect(panel.ts[last]).toBeLessThan(day('2022-05-15'))
  })

  it('starts the tradable history of BTC on Hyperliquid at its first trade, 2023-02-26', async () => {
    const states = await stateOf(daily!, 'hyperliquid', 'BTC', '2025-07-01')
    expect(states.get(day('2023-02-25'))).toBe(BAR.prelisting)
    expect(states.get(day('2023-02-26'))).toBe(BAR.live)
  })
})
