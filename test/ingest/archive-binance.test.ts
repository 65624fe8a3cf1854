import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import type {IngestArchiveResult} from '../../src/operations/archive-files.ts'
import {type ArchiveRequest, ingestArchiveBinance} from '../../src/operations/ingest-archive-binance.ts'
import {klinesCsv, zipOf} from './archive-files.ts'
import {type ArchiveServer, serveArchive} from './archive-server.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

let root: string
let desk: Desk
let archive: ArchiveServer
beforeEach(async () => {
  root = newWorkspace()
  desk = await deskAt(root)
  archive = await serveArchive()
})
afterEach(async () => {
  await archive.close()
  removeWorkspace(root)
})

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`)
const MONTHLY = 'data/futures/um/monthly/klines/BTCUSDT/1h'
const DAILY = 'data/futures/um/daily/klines/BTCUSDT/1h'

const put = (path: string, csv: string): void => {
  const name = path.replace(/^.*\//, '')
  archive.publish(path, zipOf({[name.replace('.zip', '.csv')]: csv}))
}

const run = (rest: Partial<ArchiveRequest> = {}, at: Desk = desk): Promise<IngestArchiveResult> =>
  ingestArchiveBinance(at, {
    ...{market: 'um', data: 'klines', symbols: ['BTCUSDT'], interval: '1h', venue: null, maxBad: 0.05},
    ...{from: day('2024-01-01'), to: day('2024-03-01'), baseUrl: archive.url, ...rest},
  })

const gets = (): string[] => archive.asked.filter((line) => line.startsWith('GET') && line.endsWith('.zip'))

describe('the Binance archive', () => {
  it('is imported by months, checked against its checksums, and fetched once', async () => {
    put(`${MONTHLY}/BTCUSDT-1h-2024-01.zip`, klinesCsv(day('2024-01-01'), 744))
    put(`${MONTHLY}/BTCUSDT-1h-2024-02.zip`, klinesCsv(day('2024-02-01'), 696))
    const first = await run()
    expect(first).toMatchObject({ok: true, planned: 2, files: 2, missing: [], added: 1440, downloaded: 2})
    expect(first.tables).toMatchObject([{table: 'candles', venue: 'binance', interval: '1h', rows: 1440, gaps: 0}])
    const manifest = readFileSync(join(root, 'data/manifests/candles-binance-1h.json'), 'utf8')
    expect(await run()).toMatchObject({files: 0, known: 2, bytes: 0, added: 0, downloaded: 0})
    expect(gets()).toHaveLength(2)
    expect(readFileSync(join(root, 'data/manifests/candles-binance-1h.json'), 'utf8')).toBe(manifest)
    expect((await desk.lake.commits()).every(({source}) => /^archive:.*@[0-9a-f]{12}$/.test(source))).toBe(true)
  })

  it('gives the days of a month that is not published yet', async () => {
    put(`${MONTHLY}/BTCUSDT-1h-2024-01.zip`, klinesCsv(day('2024-01-01'), 744))
    for (const date of ['2024-02-01', '2024-02-03']) put(`${DAILY}/BTCUSDT-1h-${date}.zip`, klinesCsv(day(date), 24))
    const result = await run({to: day('2024-02-04')})
    expect(result).toMatchObject({ok: true, files: 3, added: 744 + 48})
    expect(result.missing).toEqual([`${DAILY}/BTCUSDT-1h-2024-02-02.zip`])
    const open = await desk.lake.read({
      ...{table: (await import('../../src/contracts/market.ts')).Candles, venue: 'binance', interval: '1h'},
      ...{asOf: desk.asOf, purpose: {kind: 'research'}, holes: 'allow'},
    })
    expect(open.count).toBe(792)
  })

  it('says sizes and leaves nothing under --dry-run', async () => {
    put(`${MONTHLY}/BTCUSDT-1h-2024-01.zip`, klinesCsv(day('2024-01-01'), 744))
    const dry = {...desk, dryRun: true}
    const result = await run({}, dry)
    expect(result.files).toBe(1)
    expect(result.bytes).toBe((archive.files.get(`${MONTHLY}/BTCUSDT-1h-2024-01.zip`) as Buffer).length)
    expect(gets()).toEqual([])
    expect(await desk.lake.commits()).toEqual([])
  })

  it('that was published again gives revisions, known only when they came', async () => {
    const path = `${MONTHLY}/BTCUSDT-1h-2024-01.zip`
    put(path, klinesCsv(day('2024-01-01'), 744))
    await run()
    const lines = klinesCsv(day('2024-01-01'), 744).trimEnd().split('\n')
    lines[5] = lines[5]!.replace(',7,', ',8,')
    put(path, lines.join('\n'))
    expect(await run()).toMatchObject({added: 0, revised: 1, unchanged: 743})
    const {rows} = await desk.lake.sql('SELECT revision, available_at FROM candles WHERE volume = 8', desk.asOf + 1e6)
    expect(Number(rows[0]![0])).toBe(1)
    expect(Number(rows[0]![1])).toBeGreaterThan(day('2026-01-01'))
  })

  it('leaves out files that are wrong, names each, and takes the others', async () => {
    const paths = ['01', '02', '03', '04', '05', '06'].map((month) => `${MONTHLY}/BTCUSDT-1h-2024-${month}.zip`)
    for (const [i, path] of paths.entries()) put(path, klinesCsv(Date.UTC(2024, i, 1), 24))
    const whole = archive.files.get(paths[1]!) as Buffer
    archive.files.set(paths[1]!, Buffer.concat([whole.subarray(0, 100), Buffer.from('x'), whole.subarray(101)]))
    archive.files.set(paths[2]!, (request, response) => {
      response.writeHead(200, {'content-length': 500})
      if (request.method === 'HEAD') response.end()
      else {
        response.write('half')
        setTimeout(() => response.destroy(), 20)
      }
    })
    archive.files.set(paths[3]!, (_, response) => response.writeHead(302, {location: 'http://127.0.0.1:1/'}).end())
    archive.publish(paths[4]!, Buffer.from('no zip at all'))
    archive.files.set(`${paths[5]}.CHECKSUM`, Buffer.from('<html>sorry</html>'))
    const result = await run({to: day('2024-07-01')})
    expect(result).toMatchObject({ok: false, added: 24})
    expect(Object.fromEntries(result.failed.map(({file, code}) => [file, code]))).toEqual({
      [paths[1]!]: 'archive.bad_checksum',
      [paths[2]!]: 'archive.unreachable',
      [paths[3]!]: 'archive.redirect',
      [paths[4]!]: 'ingest.bad_zip',
      [paths[5]!]: 'archive.bad_checksum',
    })
    expect(readdirSync(join(root, 'data/quarantine/archive'))).toHaveLength(1)
    const cache = readdirSync(join(root, 'data/cache/archive'), {recursive: true, encoding: 'utf8'})
    expect(cache.filter((name) => name.includes('.part'))).toEqual([])
  })

  it('goes on where it ended: what was fetched is not fetched again', async () => {
    const [a, b] = [`${MONTHLY}/BTCUSDT-1h-2024-01.zip`, `${MONTHLY}/BTCUSDT-1h-2024-02.zip`]
    put(a, klinesCsv(day('2024-01-01'), 744))
    put(b, klinesCsv(day('2024-02-01'), 696))
    const good = archive.files.get(b)!
    archive.files.set(b, Buffer.from('broken'))
    expect(await run()).toMatchObject({ok: false, added: 744})
    archive.files.set(b, good)
    expect(await run()).toMatchObject({ok: true, added: 696, known: 1})
    expect(gets().filter((line) => line.endsWith(a))).toHaveLength(1)
  })

  it('has no file of what is over before it began, and none at all is an error', async () => {
    await expect(run()).rejects.toMatchObject({code: 'archive.nothing_there', exitCode: 4})
    const ahead = run({from: day('2099-01-01'), to: day('2099-02-01')})
    await expect(ahead).rejects.toMatchObject({code: 'archive.empty_range', exitCode: 2})
    await expect(run({interval: null})).rejects.toMatchObject({code: 'ingest.interval_needed', exitCode: 2})
    expect(existsSync(join(root, 'data/lake/commits'))).toBe(false)
  })

  it('keeps the markets apart: spot is another venue', async () => {
    put('data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2025-01.zip', klinesCsv(day('2025-01-01'), 744, {per: 1000}))
    const spot = await run({market: 'spot', from: day('2025-01-01'), to: day('2025-02-01')})
    expect(spot).toMatchObject({ok: true, venue: 'binance_spot', added: 744})
    await expect(run({market: 'spot', venue: 'binance'})).rejects.toMatchObject({
      ...{code: 'archive.venue_of_another_market', exitCode: 2},
    })
  })
})
