import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gunzipSync, gzipSync} from 'node:zlib'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openDesk} from '../../../src/cli/open-desk.ts'
import {RepairPlan} from '../../../src/contracts/lake.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openCommitLog, sealCommit} from '../../../src/io/lake/commit-log.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {openWal} from '../../../src/io/wal/index.ts'
import {sha256} from '../../../src/kernel/sha256.ts'
import {lakeVerify} from '../../../src/operations/lake-verify.ts'
import {batchOf, ROWS} from './batches.ts'

const NOON = Date.UTC(2026, 8, 24, 12)

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-verify-'))
  mkdirSync(join(root, 'configs'))
  writeFileSync(join(root, 'configs/qo.yaml'), 'artifact: qo@1\nexchange: sim\n')
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

const lake = () => openLake(root, {files: openFiles(root), dryRun: false})
const desk = () => openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: true})
const fileOf = async (n: number, k = 0): Promise<string> => (await lake().commits())[n - 1]!.files[k]!.path

/** Frames from..to of one source, archived. */
async function archive(from: number, to: number): Promise<void> {
  const wal = openWal(root, {dryRun: false})
  const writer = await wal.open('sim-ws')
  for (let k = from; k <= to; k++) writer.append('socket', NOON + k, new TextEncoder().encode(`{"k":${k}}`))
  await writer.close()
  await wal.archive('sim-ws', {venue: 'sim', segments: await wal.segments('sim-ws'), carry: ''})
}

/** Change an archive as only a program could that writes a false commit with it: the hash is right, the frames are not. */
async function forge(n: number, change: (segment: Buffer) => Buffer): Promise<void> {
  const log = openCommitLog(root)
  const commits = [...(await log.read())]
  const {hash: _, ...entry} = commits[n - 1]!
  const path = entry.files[0]!.path
  const packed = gzipSync(change(gunzipSync(readFileSync(join(root, path)))))
  writeFileSync(join(root, path), packed)
  const files = [{...entry.files[0]!, sha256: sha256(packed), bytes: packed.length}]
  const forged = sealCommit({...entry, files})
  writeFileSync(join(root, `data/lake/commits/${String(n).padStart(12, '0')}.json`), JSON.stringify(forged))
}

describe('raw frames', () => {
  it('are whole at every depth, counted apart from rows', async () => {
    await lake().append(batchOf(0))
    await archive(1, 40)
    await archive(41, 50)
    for (const depth of ['quick', 'full', 'deep'] as const) {
      expect(await lake().verify(depth)).toMatchObject({rows: ROWS, frames: 50, files: 4, problems: [], orphans: []})
    }
  })

  it('with a flipped byte are found by the hash', async () => {
    await archive(1, 40)
    const path = await fileOf(1)
    const bytes = readFileSync(join(root, path))
    bytes[60] = bytes[60]! ^ 1
    writeFileSync(join(root, path), bytes)
    expect((await lake().verify('quick')).problems).toMatchObject([{file: path, kind: 'changed'}])
  })

  it('whose checksum is wrong are found by full, though the hash is right', async () => {
    await archive(1, 40)
    await forge(1, (segment) => {
      segment[segment.length - 3] = segment[segment.length - 3]! ^ 1
      return segment
    })
    expect((await lake().verify('quick')).problems).toEqual([])
    expect((await lake().verify('full')).problems).toMatchObject([{kind: 'contents'}])
  })

  it('that are in no commit are found by deep', async () => {
    const log = openCommitLog(root)
    await archive(1, 10)
    const head = (await log.read()).at(-1)!
    const {hash: _, ...body} = head
    const frames = {source: 'sim-ws', from: 15, to: 20}
    await log.append(sealCommit({...body, n: 2, prev: head.hash, files: [], added: 0, frames}))
    expect((await lake().verify('full')).problems).toEqual([])
    const [problem] = (await lake().verify('deep')).problems
    expect(problem).toMatchObject({kind: 'contents'})
    expect(problem!.problem).toContain('11 to 14')
  })

  it('that no commit names are strangers', async () => {
    await archive(1, 10)
    const stray = 'data/lake/frames/venue=sim/2026-09-24-11-aaaaaaaaaaaa.wal.gz'
    writeFileSync(join(root, stray), 'x')
    expect((await lake().verify('deep')).orphans).toEqual([stray])
  })
})

describe('the repair plan', () => {
  const plan = (): RepairPlan => RepairPlan.schema.parse(JSON.parse(readFileSync(join(root, RepairPlan.path), 'utf8')))

  it('names what is gone and what restores it, and touches nothing', async () => {
    await lake().append({...batchOf(0), source: 'file:bars.parquet'})
    await archive(1, 10)
    const [first, second, raw] = [await fileOf(1, 0), await fileOf(1, 1), await fileOf(2)]
    rmSync(join(root, first))
    truncateSync(join(root, second), 50)
    rmSync(join(root, raw))
    const result = await lakeVerify(await desk(), 'full', {plan: true})
    expect(result).toMatchObject({
      ok: false,
      paths: ['reports/ingest/repair-plan.json', 'reports/ingest/repair-plan.md'],
    })
    const {damage} = plan()
    expect(damage.map(({file, kind, commit}) => [file, kind, commit])).toEqual([
      [first, 'missing', 1],
      [second, 'changed', 1],
      [raw, 'missing', 2],
    ])
    expect(damage[0]!.restore.some((way) => way.includes('bars.parquet'))).toBe(true)
    expect(damage[2]!.restore.every((way) => !way.includes('rebuild'))).toBe(true)
    expect(readFileSync(join(root, second))).toHaveLength(50)
  })

  it('is left also when the chain of commits is broken', async () => {
    for (let k = 0; k < 3; k++) await lake().append(batchOf(k))
    rmSync(join(root, 'data/lake/commits/000000000002.json'))
    await expect(lakeVerify(await desk(), 'quick', {plan: true})).rejects.toMatchObject({code: 'lake.broken_chain'})
    expect(plan().damage).toMatchObject([{kind: 'chain', file: 'data/lake/commits'}])
  })
})

describe('a lake folder that refuses', () => {
  it('to be written is a named fault, and the next run goes on', async () => {
    await lake().append(batchOf(0))
    rmSync(join(root, 'data/lake/.staging'), {recursive: true})
    // Nobody may make files in here, not even root.
    symlinkSync('/sys', join(root, 'data/lake/.staging'))
    await expect(lake().append(batchOf(1))).rejects.toMatchObject({code: 'lake.unwritable', exitCode: 4})
    rmSync(join(root, 'data/lake/.staging'))
    expect(await lake().append(batchOf(1))).toMatchObject({added: ROWS})
    expect((await lake().verify('deep')).problems).toEqual([])
  })

  it('a file that changes after its first read is not read again', async () => {
    const one = lake()
    await one.append(batchOf(0))
    const read = () => one.extents({...batchOf(0), asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}})
    expect((await read())[0]).toMatchObject({rows: ROWS})
    const path = join(root, await fileOf(1))
    const bytes = readFileSync(path)
    bytes[200] = bytes[200]! ^ 1
    writeFileSync(path, bytes)
    await expect(read()).rejects.toMatchObject({code: 'lake.corrupt_file', exitCode: 4})
    await expect(one.append(batchOf(0))).rejects.toMatchObject({code: 'lake.corrupt_file'})
  })
})
