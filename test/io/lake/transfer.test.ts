import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {LakeCommitEntry} from '../../../src/contracts/lake.ts'
import type {LakePort} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {sealCommit} from '../../../src/io/lake/commit-log.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {batchOf, ROWS, START} from './batches.ts'

const HOUR = 3_600_000
const at = (root: string, dryRun = false): LakePort => openLake(root, {files: openFiles(root), dryRun})
const plain = {sealed: false}

let base: string
let home: string
let away: string
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'qo-transfer-'))
  home = join(base, 'home')
  away = join(base, 'away')
  mkdirSync(home)
  mkdirSync(away)
  for (let k = 0; k < 3; k++) await at(home).append(batchOf(k))
})
afterEach(() => rmSync(base, {recursive: true, force: true}))

/** A file server: GET, HEAD and PUT under one folder; `fail` answers 503 after so many requests. */
async function serve(root: string): Promise<{url: string; server: Server; asked: string[]; limit: {left: number}}> {
  const asked: string[] = []
  const limit = {left: Number.POSITIVE_INFINITY}
  const server = createServer((request, reply) => {
    const path = join(root, decodeURIComponent(request.url!))
    asked.push(`${request.method} ${request.url}`)
    if (limit.left-- <= 0) return void reply.writeHead(503).end()
    if (request.method === 'PUT') {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        mkdirSync(dirname(path), {recursive: true})
        writeFileSync(path, Buffer.concat(pieces))
        reply.writeHead(201).end()
      })
      return
    }
    if (!existsSync(path)) return void reply.writeHead(404).end()
    const bytes = readFileSync(path)
    reply.writeHead(200, {'content-length': bytes.length})
    reply.end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/desk`, server, asked, limit}
}

const whole = async (root: string, commits = 3): Promise<void> => {
  expect(await at(root).verify('full')).toMatchObject({commits, rows: commits * ROWS, problems: [], orphans: []})
}

describe('a copy in a folder', () => {
  it('is the same lake elsewhere, and is not sent twice', async () => {
    const depot = join(base, 'depot')
    expect(await at(home).push(depot, plain)).toMatchObject({commits: 3, files: 4, present: 0})
    expect(await at(home).push(depot, plain)).toMatchObject({commits: 0, files: 0, present: 4})
    expect(await at(away).pull(depot)).toMatchObject({commits: 3, files: 4, healed: []})
    expect(await at(away).commits()).toEqual(await at(home).commits())
    await whole(away)
    expect(await at(away).pull(depot)).toMatchObject({commits: 0, files: 0, present: 4})
  })

  it('goes on where it stood, and a workspace is one too', async () => {
    await at(away).pull(home)
    await at(home).append(batchOf(3))
    expect(await at(away).pull(home)).toMatchObject({commits: 1, files: 1, present: 4})
    await whole(away, 4)
  })

  it('of another lake is refused both ways, and nothing changes', async () => {
    await at(away).append(batchOf(7))
    const depot = join(base, 'depot')
    await at(home).push(depot, plain)
    await expect(at(away).push(depot, plain)).rejects.toMatchObject({code: 'lake.diverged', exitCode: 4})
    await expect(at(away).pull(depot)).rejects.toMatchObject({code: 'lake.diverged', exitCode: 4})
    expect(await at(away).commits()).toHaveLength(1)
  })

  it('brings missing and damaged files back, and keeps the damaged ones', async () => {
    const depot = join(base, 'depot')
    await at(home).push(depot, plain)
    const [first, second] = (await at(home).commits()).flatMap(({files}) => files.map(({path}) => path))
    rmSync(join(home, first!))
    writeFileSync(join(home, second!), 'rot')
    expect((await at(home).pull(depot)).healed).toEqual([first, second])
    await whole(home)
    const [kept] = readdirSync(join(home, 'data/quarantine/lake'))
    expect(readFileSync(join(home, 'data/quarantine/lake', kept!), 'utf8')).toBe('rot')
  })

  it('that is damaged itself enters no lake', async () => {
    const depot = join(base, 'depot')
    await at(home).push(depot, plain)
    const {path} = (await at(home).commits())[2]!.files[0]!
    writeFileSync(join(depot, path), 'rot')
    await expect(at(away).pull(depot)).rejects.toMatchObject({code: 'lake.depot_damaged', exitCode: 4})
    // What came before it is a whole, older lake.
    await whole(away, 2)
  })

  it('is only counted in a dry run', async () => {
    const depot = join(base, 'depot')
    expect(await at(home, true).push(depot, plain)).toMatchObject({commits: 3, files: 4})
    expect(existsSync(depot)).toBe(false)
    expect(await at(away, true).pull(home)).toMatchObject({commits: 3, files: 4})
    expect(await at(away).commits()).toEqual([])
  })
})

describe('a chain from elsewhere', () => {
  it.each(['../../evil.parquet', 'data/lake/../../evil', 'data/lake/x/..', '/etc/passwd', 'configs/qo.yaml'])(
    'that names %s is no chain',
    async (path) => {
      const {hash: _, ...body} = (await at(home).commits())[2] as LakeCommitEntry
      const forged = sealCommit({...body, files: [{...body.files[0]!, path}]})
      writeFileSync(join(home, 'data/lake/commits/000000000003.json'), JSON.stringify(forged))
      await expect(at(away).pull(home)).rejects.toMatchObject({code: 'lake.broken_chain', exitCode: 4})
      expect(existsSync(join(away, 'data/lake/candles'))).toBe(false)
    },
  )
})

describe('a copy behind HTTP', () => {
  it('is the same lake elsewhere; a transfer that breaks off goes on', async () => {
    const {url, server, asked, limit} = await serve(join(base, 'www'))
    try {
      limit.left = 12
      await expect(at(home).push(url, plain)).rejects.toMatchObject({code: 'lake.depot_unreachable', exitCode: 4})
      limit.left = Number.POSITIVE_INFINITY
      const sent = asked.filter((line) => line.startsWith('PUT') && line.endsWith('.parquet')).length
      await at(home).push(url, plain)
      expect(asked.filter((line) => line.startsWith('PUT') && line.endsWith('.parquet')).length).toBeLessThan(sent + 4)

      limit.left = 7
      await expect(at(away).pull(url)).rejects.toMatchObject({code: 'lake.depot_unreachable'})
      expect((await at(away).verify('quick')).problems).toEqual([])
      limit.left = Number.POSITIVE_INFINITY
      await at(away).pull(url)
      await whole(away)
    } finally {
      server.close()
    }
  })

  it('that is not there or empty is a named fault', async () => {
    const {url, server} = await serve(join(base, 'www'))
    await expect(at(away).pull(url)).rejects.toMatchObject({code: 'lake.depot_empty', exitCode: 4})
    await new Promise((resolve) => server.close(resolve))
    await expect(at(away).pull(url)).rejects.toMatchObject({code: 'lake.depot_unreachable', exitCode: 4})
    await expect(at(away).push('ftp://x/y', plain)).rejects.toMatchObject({code: 'lake.bad_depot', exitCode: 2})
  })
})

describe('a seal', () => {
  const seal = (root: string, bar: number): void => {
    const iso = (k: number): string => new Date(START + k * HOUR).toISOString()
    mkdirSync(join(root, 'configs'), {recursive: true})
    const vault = `{id: V-one, venue: sim, start: ${iso(bar)}, end: ${iso(bar + 20)}, tier: V1}`
    writeFileSync(join(root, 'configs/vaults.yaml'), `artifact: vaults@1\nvaults:\n  - ${vault}\n`)
  }

  it('through a file stops the push; a backup is asked for and written down', async () => {
    seal(home, 20)
    const depot = join(base, 'depot')
    await expect(at(home).push(depot, plain)).rejects.toMatchObject({code: 'lake.sealed', exitCode: 2})
    expect(existsSync(depot)).toBe(false)
    await at(home).push(depot, {sealed: true})
    await at(away).pull(depot)
    await whole(away)
    expect(readFileSync(join(home, 'data/journal/vault-access.jsonl'), 'utf8')).toContain('sealed-push')
  })

  it('between files leaves those behind it out, and research elsewhere reads what is before it', async () => {
    seal(home, 2 * ROWS)
    seal(away, 2 * ROWS)
    const depot = join(base, 'depot')
    expect(await at(home).push(depot, plain)).toMatchObject({files: 3, leftOut: 1})
    expect(await at(away).pull(depot)).toMatchObject({files: 3, leftOut: 1})
    const research = {...batchOf(0), asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'research'}} as const
    expect((await at(away).read(research)).count).toBe(2 * ROWS)
    expect((await at(away).sql('SELECT count(*) FROM candles', Number.MAX_SAFE_INTEGER)).rows).toEqual([[2 * ROWS]])
    await expect(at(away).read({...research, purpose: {kind: 'live'}})).rejects.toMatchObject({
      code: 'lake.corrupt_file',
    })
  })

  it('that the other side does not know of makes its copy incomplete', async () => {
    seal(home, 2 * ROWS)
    const depot = join(base, 'depot')
    await at(home).push(depot, plain)
    await expect(at(away).pull(depot)).rejects.toMatchObject({code: 'lake.depot_incomplete', exitCode: 4})
  })
})
