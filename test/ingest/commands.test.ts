import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {runCommand} from '@oclif/test'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {loadPanel} from '../../src/operations/load-panel.ts'
import {type Bar, deskAt, newWorkspace, removeWorkspace, request, writeBars} from './workspace.ts'

const home = fileURLToPath(new URL('../..', import.meta.url))
const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)

const days = (n: number, coin = 'BTC'): Bar[] =>
  Array.from({length: n}, (_, i) => ({coin, ts: START + i * DAY, close: 100 + i}))

let root: string
let file: string
beforeEach(() => {
  root = newWorkspace()
  file = writeBars(root, 'days.csv', days(10))
})
afterEach(() => {
  process.exitCode = 0
  removeWorkspace(root)
})

async function qo(...words: string[]): Promise<{json: Record<string, unknown>; status: number | undefined}> {
  process.exitCode = 0
  const {stdout} = await runCommand([...words, '--root', root, '--json'], {root: home})
  const status = process.exitCode
  process.exitCode = 0
  return {json: JSON.parse(stdout) as Record<string, unknown>, status}
}

const ingest = (...more: string[]) =>
  qo('ingest', 'file', file, '--as', 'ohlcv', '--venue', 'binance', '--interval', '1d', ...more)

describe('the commands of the lake', () => {
  it('import, show, list, log and query', async () => {
    expect((await ingest()).json).toMatchObject({artifact: 'ingest-file@1', ok: true, added: 10})
    expect((await qo('lake', 'status')).json).toMatchObject({
      artifact: 'lake-status@1',
      ok: true,
      tables: [
        {
          ...{table: 'candles', venue: 'binance', interval: '1d', rows: 10, quarantined: 0, gaps: 0, files: 1},
          ...{from: '2025-01-01T00:00:00.000Z', to: '2025-01-10T00:00:00.000Z'},
        },
      ],
    })
    const files = (await qo('lake', 'files', '--table', 'candles')).json['files'] as {path: string}[]
    expect(files).toHaveLength(1)
    expect((await qo('lake', 'log')).json).toMatchObject({commits: [{n: 1, added: 10, source: 'file:days.csv'}]})
    expect((await qo('lake', 'sql', '"SELECT coin, count(*) AS n FROM candles GROUP BY coin"')).json).toMatchObject({
      columns: ['coin', 'n'],
      // Half of so short a history is sealed by the first look at it.
      rows: [['BTC', 5]],
      sealed: [expect.stringMatching(/^sealed V-binance-202501 on binance/)],
    })
  })

  it('verify leaves 0, and 4 with the file named after one flipped byte', async () => {
    await ingest()
    expect(await qo('lake', 'verify')).toMatchObject({status: 0, json: {ok: true, problems: []}})
    const [{path}] = (await qo('lake', 'files')).json['files'] as [{path: string}]
    const bytes = readFileSync(join(root, path))
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(join(root, path), bytes)
    for (const depth of [[], ['--full'], ['--deep']]) {
      const {json, status} = await qo('lake', 'verify', ...depth)
      expect(status).toBe(4)
      expect(json).toMatchObject({ok: false, problems: [{file: path}], error: {code: 'lake.corrupt_file'}})
    }
  })

  it('leave 2 for a missing venue, a missing interval, a bad share, a bad map and a bad date', async () => {
    const bad = [
      ['--as', 'ohlcv', '--interval', '1d'],
      ['--as', 'ohlcv', '--venue', 'binance'],
      ['--as', 'ohlcv', '--venue', 'Binance!', '--interval', '1d'],
      ['--as', 'ohlcv', '--venue', 'binance', '--interval', '1d', '--max-bad', 'lots'],
      ['--as', 'ohlcv', '--venue', 'binance', '--interval', '1d', '--map', 'volume'],
      ['--as', 'ohlcv', '--venue', 'binance', '--interval', '1d', '--map', 'size=x'],
      ['--as', 'ohlcv', '--venue', 'binance', '--interval', '1d', '--complete-from', 'May'],
      ['--as', 'funding', '--venue', 'binance', '--interval', '1d'],
    ]
    for (const flags of bad) {
      const {json, status} = await qo('ingest', 'file', file, ...flags)
      expect([flags, status, json['ok']]).toEqual([flags, 2, false])
    }
  })

  it('plan without leaving anything under --dry-run', async () => {
    expect((await ingest('--dry-run')).json).toMatchObject({ok: true, added: 10, commit: null})
    expect((await qo('lake', 'status')).json).toMatchObject({tables: []})
  })
})

describe('what is said about a source', () => {
  it('is kept although its rows were there: a survivor list taints the panel', async () => {
    const desk = await deskAt(root)
    await ingestFile(desk, request(file, {}))
    const panel = () =>
      loadPanel(desk, {venue: 'binance', interval: '1d', inputs: ['close'], purpose: {kind: 'research'}})
    expect(await panel()).toMatchObject({survivorSource: false, completeFrom: null, universe: 'derived'})
    const again = await ingestFile(desk, request(file, {survivor: true, completeFrom: START}))
    expect(again).toMatchObject({added: 0, commit: 2})
    expect(await panel()).toMatchObject({survivorSource: true, completeFrom: START})
  })
})

describe('a panel', () => {
  it('of a venue without bars is refused', async () => {
    const desk = await deskAt(root)
    const query = {venue: 'binance', interval: '1d', inputs: ['close'], purpose: {kind: 'research'}} as const
    await expect(loadPanel(desk, query)).rejects.toMatchObject({code: 'lake.no_bars', exitCode: 4})
    await ingestFile(desk, request(file, {}))
    await expect(loadPanel(desk, {...query, interval: '1h'})).rejects.toMatchObject({code: 'lake.no_bars'})
    await expect(loadPanel(desk, {...query, from: START + 50 * DAY})).rejects.toMatchObject({code: 'lake.no_bars'})
  })

  it('has its bars within the asked range, and marks known from the whole history', async () => {
    const desk = await deskAt(root)
    const bars = days(10).map((bar, i) => ({...bar, volume: i < 3 ? 0 : 1}))
    await ingestFile(desk, request(writeBars(root, 'listing.csv', bars), {}))
    const panel = await loadPanel(desk, {
      ...{venue: 'binance', interval: '1d', inputs: ['close', 'volume', 'funding']},
      ...{from: START + 2 * DAY, to: START + 6 * DAY, purpose: {kind: 'research'}},
    } as never)
    expect([...panel.ts]).toEqual([2, 3, 4, 5].map((i) => START + i * DAY))
    expect([...panel.state[0]!]).toEqual([1, 2, 2, 2])
    expect([...panel.series.get('close')![0]!]).toEqual([102, 103, 104, 105])
    expect(panel.series.has('funding')).toBe(false)
  })

  it('has funding only where one of its assets was paid: payments of other names are none of theirs', async () => {
    const desk = await deskAt(root)
    await ingestFile(desk, request(file, {}))
    const paid = async (coin: string): Promise<boolean> => {
      const hours = Array.from({length: 30}, (_, k) => `${START + k * 8 * 3_600_000},${coin},0.0001`)
      const path = join(root, `${coin}.csv`)
      writeFileSync(path, ['ts,symbol,rate', ...hours].join('\n'))
      await ingestFile(desk, request(path, {shape: 'funding', interval: null}))
      const query = {
        venue: 'binance',
        interval: '1d',
        inputs: ['close', 'funding'],
        purpose: {kind: 'research'},
      } as const
      return (await loadPanel(desk, query)).series.has('funding')
    }
    expect(await paid('BTC-PERP')).toBe(false)
    expect(await paid('BTC')).toBe(true)
  })

  it('has the same data_sha wherever its rows came from, and another for another price', async () => {
    const shaOf = async (...parts: (readonly Bar[])[]): Promise<string> => {
      const folder = newWorkspace()
      const desk = await deskAt(folder)
      for (const [k, part] of parts.entries()) await ingestFile(desk, request(writeBars(folder, `${k}.csv`, part), {}))
      const query = {venue: 'binance', interval: '1d', inputs: ['close'], purpose: {kind: 'research'}} as const
      const {dataSha} = await loadPanel(desk, query)
      removeWorkspace(folder)
      return dataSha
    }
    const [btc, eth] = [days(10), days(10, 'ETH')]
    const dear = btc.map((bar, i) => (i === 3 ? {...bar, close: 1} : bar))
    expect(await shaOf([...btc, ...eth])).toBe(await shaOf([...eth].reverse(), btc))
    expect(await shaOf([...btc, ...eth])).not.toBe(await shaOf([...dear, ...eth]))
  })
})
