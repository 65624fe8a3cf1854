import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Candles} from '../../src/contracts/market.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletCheck} from '../../src/operations/gauntlet-check.ts'
import {lakePull, lakePush} from '../../src/operations/lake-transfer.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'
import {parquetRows} from './parquet-rows.ts'
import {cloneOf, commitAll} from './repository.ts'

const pull = async (root: string, from: string) => lakePull(await deskAt(root), from, {named: true})
const check = async (root: string) => gauntletCheck(await deskAt(root), {files: [], since: null, gate: 'integrity'})

/** Files of a folder over HTTP. */
async function serve(folder: string): Promise<{url: string; server: Server}> {
  const server = createServer((request, reply) => {
    const path = join(folder, decodeURIComponent(request.url!))
    if (!existsSync(path)) return void reply.writeHead(404).end()
    const bytes = readFileSync(path)
    reply.writeHead(200, {'content-length': bytes.length})
    reply.end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server}
}

describe('the data of a runner', () => {
  let [root, remove, depot, sealedFrom] = ['', () => {}, '', 0]
  const done: (() => void)[] = []
  const runner = (): string => {
    const clone = cloneOf(root)
    done.push(clone.remove)
    return clone.root
  }

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0, seed: 'depot'}))
    rmSync(join(root, 'market.csv'))
    writeFileSync(join(root, 'hypotheses/noise.yaml'), ideaText('noise', {signal: 'ts_mean(returns(close, 1), $n)'}))
    await gauntlet(await deskAt(root), {files: [], all: false})
    depot = mkdtempSync(join(tmpdir(), 'qo-depot-'))
    sealedFrom = Date.parse((await (await deskAt(root)).lake.vaults())[0]!.start)
  })
  afterAll(() => {
    rmSync(depot, {recursive: true, force: true})
    for (const end of [...done, remove]) end()
  })

  it('leaves the lake only without sealed rows: a file across the seal goes as a copy that ends before it', async () => {
    await expect(lakePush(await deskAt(root), depot, {sealed: false})).rejects.toMatchObject({code: 'lake.sealed'})
    const {paths, leftOut} = await lakePush(await deskAt(root), depot, {sealed: false, research: true})
    expect(paths).toEqual(['data/manifests/cuts/sim.json'])
    expect(leftOut).toBeGreaterThan(0)
    commitAll(root, 'an idea, judged, and the manifests of its data')
    const parquet = readdirSync(depot, {recursive: true})
      .map(String)
      .filter((path) => path.endsWith('.parquet'))
    expect(parquet.length).toBeGreaterThan(2)
    for (const path of parquet)
      for (const ts of await parquetRows(join(depot, path), 'ts'))
        expect(ts + 86_400_000).toBeLessThanOrEqual(sealedFrom)
  })

  it('is exactly what the committed manifest names, and the verdict comes out of it byte for byte', async () => {
    const clone = runner()
    await expect(check(clone)).rejects.toMatchObject({code: 'lake.files_missing'})
    const pulled = await pull(clone, depot)
    expect(pulled.files).toBeGreaterThan(2)
    expect((await check(clone)).integrity.breaches).toEqual([])
    expect(await pull(clone, depot)).toMatchObject({files: 0, commits: 0})
  })

  it('comes over HTTP as well', async () => {
    const {url, server} = await serve(depot)
    const clone = runner()
    await pull(clone, url)
    server.close()
    expect((await check(clone)).ok).toBe(true)
  })

  it('is refused when a copy was changed on the way, and when the manifest names other bytes', async () => {
    const cut = readdirSync(join(depot, 'data/lake/cuts'))[0]!
    const path = join(depot, 'data/lake/cuts', cut)
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from('x')]))
    await expect(pull(runner(), depot)).rejects.toMatchObject({code: 'lake.depot_damaged', exitCode: 4})
    writeFileSync(path, bytes)
    const clone = runner()
    const manifest = join(clone, 'data/manifests/candles-sim-1d.json')
    const text = readFileSync(manifest, 'utf8')
    writeFileSync(manifest, text.replace(/"sha256": "..../, '"sha256": "0000'))
    await expect(pull(clone, depot)).rejects.toMatchObject({code: 'lake.manifest_differs', exitCode: 4})
    expect(existsSync(join(clone, 'data/lake'))).toBe(false)
  })

  it('never comes with sealed rows, even from a copy that has them', async () => {
    // A workspace has no copies that end before the seal; a depot may hold a backup beside them.
    await expect(pull(runner(), root)).rejects.toMatchObject({code: 'lake.depot_incomplete'})
    const backup = mkdtempSync(join(tmpdir(), 'qo-backup-'))
    done.push(() => rmSync(backup, {recursive: true, force: true}))
    await lakePush(await deskAt(root), backup, {sealed: false, research: true})
    await lakePush(await deskAt(root), backup, {sealed: true})
    const clone = runner()
    expect((await pull(clone, backup)).leftOut).toBeGreaterThan(0)
    const files = readdirSync(join(clone, 'data/lake'), {recursive: true}).map(String)
    for (const path of files.filter((name) => name.endsWith('.parquet')))
      for (const ts of await parquetRows(join(clone, 'data/lake', path), 'ts'))
        expect(ts + 86_400_000).toBeLessThanOrEqual(sealedFrom)
  })

  it('is not read in the place of the whole by whoever trades, or when the seal has moved on', async () => {
    const clone = runner()
    await pull(clone, depot)
    const desk = await deskAt(clone)
    const query = {table: Candles, venue: 'sim', interval: '1d', asOf: desk.asOf}
    expect((await desk.lake.read({...query, purpose: {kind: 'research'}})).count).toBeGreaterThan(1000)
    await expect(desk.lake.read({...query, purpose: {kind: 'live'}})).rejects.toMatchObject({code: 'lake.corrupt_file'})
    const vaults = join(clone, 'configs/vaults.yaml')
    writeFileSync(vaults, readFileSync(vaults, 'utf8').replace(/start: .*/, 'start: 2020-12-01T00:00:00.000Z'))
    const later = await deskAt(clone)
    await expect(later.lake.read({...query, purpose: {kind: 'research'}})).rejects.toMatchObject({
      code: 'vault.moved',
    })
  })
})
