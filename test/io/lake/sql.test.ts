import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {TABLES} from '../../../src/contracts/index.ts'
import {Vaults} from '../../../src/contracts/workspace.ts'
import type {LakePort} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {sqlGround} from '../../../src/io/lake/sql-ground.ts'
import {batchOf, ROWS, START} from './batches.ts'

const HOUR = 3_600_000
const LATE = Number.MAX_SAFE_INTEGER
const REFUSED = {code: 'lake.sql_refused', exitCode: 2}

let root: string
let lake: LakePort
const open = (): LakePort => openLake(root, {files: openFiles(root), dryRun: false})
const iso = (bar: number): string => new Date(START + bar * HOUR).toISOString()
const parquet = (): string[] =>
  readdirSync(join(root, 'data/lake'), {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => join(root, 'data/lake', name))
    .sort()
/** Batches 0 and 2: files of 2024 (bars 0 to 47), of 2025 (48, 49) and of 2025 (100 to 149). */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'qo-sql-'))
  mkdirSync(join(root, 'configs'))
  writeFileSync(join(root, 'configs/qo.yaml'), 'artifact: qo@1\nexchange: sim\n')
  lake = open()
  await lake.append(batchOf(0))
  await lake.append(batchOf(2))
})
afterEach(() => rmSync(root, {recursive: true, force: true}))
const seal = (from: number, to: number): void =>
  writeFileSync(
    join(root, 'configs/vaults.yaml'),
    `artifact: vaults@1\nvaults:\n  - {id: V-one, venue: sim, start: ${iso(from)}, end: ${iso(to)}, tier: V1}\n`,
  )

describe('the seal', () => {
  it('holds against every way to name a file', async () => {
    seal(49, 60)
    expect((await lake.sql('SELECT count(*) FROM candles', LATE)).rows).toEqual([[49]])
    const [, sealed] = parquet()
    const bare = sealed!.replace(/\.parquet$/, '')
    const tricks = [
      `SELECT count(*) FROM read_parquet('${sealed}')`,
      `SELECT count(*) FROM '${sealed}'`,
      `SELECT count(*) FROM "${bare}".parquet`,
      `WITH parquet AS (SELECT 1) SELECT count(*) FROM "${bare}".parquet`,
      `SELECT count(*) FROM (WITH "${sealed}" AS (SELECT 1) SELECT * FROM "${sealed}"), "${sealed}"`,
      `SELECT (SELECT count(*) FROM parquet_scan('${sealed}'))`,
      `SELECT count(*) FROM main.candles`,
      `SELECT * FROM candles WHERE ts IN (SELECT ts FROM read_csv('${sealed}'))`,
      `FROM query_table('${sealed}')`,
      `FROM query('FROM ''${sealed}''')`,
      `SELECT * FROM duckdb_views()`,
      `SELECT sql FROM sqlite_master`,
      `SELECT * FROM qo_seen_0`,
      `PRAGMA database_list`,
      `SET allowed_paths = ['${sealed}']`,
      `COPY candles TO '${root}/out.csv'`,
      `ATTACH '${root}/x.db'`,
      `INSTALL httpfs`,
      'SELECT 1; SELECT 2',
    ]
    for (const trick of tricks) await expect(lake.sql(trick, LATE), trick).rejects.toMatchObject(REFUSED)
  })

  it('holds although every name were let through: no file with a sealed row may be opened', async () => {
    const vault = (from: number, to: number) =>
      Vaults.schema.parse({
        artifact: 'vaults@1',
        vaults: [{id: 'V-one', venue: 'sim', start: iso(from), end: iso(to), tier: 'V1'}],
      }).vaults
    const commits = await lake.commits()
    const files = commits.flatMap((commit) => commit.files)
    const candles = TABLES.filter(({id}) => id === 'candles@1')
    for (const start of [10, 47, 48, 49, 50, 100, 120, 150]) {
      const {open: allowed} = sqlGround(root, candles, commits, vault(start, start + 5), {
        asOf: LATE,
        commit: undefined,
      })
      const sealedFrom = START + start * HOUR
      for (const path of allowed) {
        const file = files.find((one) => join(root, one.path) === path)!
        expect(file.max_ts + HOUR, `vault from bar ${start}`).toBeLessThanOrEqual(sealedFrom)
      }
      const seen = files.filter((file) => file.max_ts + HOUR <= sealedFrom)
      expect(allowed).toHaveLength(seen.length)
    }
  })

  it('cuts a file that lies across it, and keeps revisions right on both sides', async () => {
    seal(20, 30)
    await lake.append(batchOf(0, {close: 300}))
    const answer = await lake.sql('SELECT count(*), min(close), max(close), max(ts) FROM candles', LATE)
    expect(answer.rows).toEqual([[20, 300, 300, START + 19 * HOUR]])
    const before = await lake.sql('SELECT min(close) FROM candles', START + 5000 * HOUR)
    expect(before.rows).toEqual([[100]])
  })
})

describe('a query', () => {
  it('sees the lake as of a commit and a decision time, together', async () => {
    await lake.append({...batchOf(0, {close: 300}), receivedAt: START + 500 * HOUR})
    const ask = async (asOf: number, commit?: number) =>
      (
        await lake.sql(
          'SELECT count(*), min(close) FROM candles WHERE ts < $$x$$::BIGINT'.replace(
            '$$x$$::BIGINT',
            String(START + ROWS * HOUR),
          ),
          asOf,
          {commit},
        )
      ).rows
    expect(await ask(LATE)).toEqual([[ROWS, 300]])
    expect(await ask(LATE, 2)).toEqual([[ROWS, 100]])
    expect(await ask(START + 400 * HOUR)).toEqual([[ROWS, 100]])
    expect(await ask(START + 10 * HOUR, 3)).toEqual([[10, 100]])
    expect(await ask(LATE, 0)).toEqual([[0, null]])
  })

  it('is refused over a recorded hole of a table it names, and of no other', async () => {
    const gaps = [
      {coin: 'BTC', from: START + ROWS * HOUR, to: START + 2 * ROWS * HOUR, state: 'OPEN', cause: 'x'},
    ] as const
    await lake.append({...batchOf(0), rows: {count: 0, columns: {}}, gaps})
    await expect(lake.sql('SELECT 1 FROM candles', LATE)).rejects.toMatchObject({code: 'lake.hole', exitCode: 4})
    expect((await lake.sql('SELECT count(*) FROM funding', LATE)).rows).toEqual([[0]])
    expect((await lake.sql('SELECT count(*) FROM candles', LATE, {holes: 'allow'})).rows).toEqual([[2 * ROWS]])
    await lake.append(batchOf(1))
    expect((await lake.sql('SELECT count(*) FROM candles', LATE)).rows).toEqual([[3 * ROWS]])
  })

  it('never reads a file that was changed', async () => {
    const [first] = parquet()
    const bytes = readFileSync(first!)
    bytes[300] = bytes[300]! ^ 1
    writeFileSync(first!, bytes)
    await expect(open().sql('SELECT 1 FROM candles', LATE)).rejects.toMatchObject({code: 'lake.corrupt_file'})
    expect((await open().sql('SELECT count(*) FROM funding', LATE)).rows).toEqual([[0]])
  })
})

describe('qo lake sql', () => {
  const bin = new URL('../../../bin/dev.js', import.meta.url).pathname
  const qo = (...args: string[]) => spawnSync(process.execPath, ['--import', 'tsx', bin, ...args, '--root', root])

  it('gives the same bytes as of T before and after a late bar arrives', {timeout: 60_000}, async () => {
    // A command seals a venue without a vault before it answers; this one has its vault in the far future.
    seal(90_000, 90_001)
    const asOf = START + 90 * HOUR
    const bytes = async (): Promise<string[]> => {
      const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')
      const files = ['csv', 'json', 'parquet'].map((format) => ({format, path: join(root, `out.${format}`)}) as const)
      for (const {format, path} of files) {
        const out = {path, format: format as 'csv' | 'json' | 'parquet'}
        const query = 'SELECT * FROM candles ORDER BY coin, ts'
        expect((await open().sql(query, asOf, {out})).count).toBe(ROWS)
      }
      const line = qo(
        'lake',
        'sql',
        'SELECT * FROM candles ORDER BY ts',
        '--format',
        'csv',
        '--as-of',
        new Date(asOf).toISOString(),
      )
      expect(line.status).toBe(0)
      expect(line.stdout.toString().split('\n')).toHaveLength(ROWS + 2)
      return [...files.map(({path}) => digest(readFileSync(path))), digest(line.stdout)]
    }
    const before = await bytes()
    const late = batchOf(1)
    const available = (late.rows.columns['ts'] as Float64Array).map(() => START + 200 * HOUR)
    await lake.append({...late, rows: {...late.rows, columns: {...late.rows.columns, available_at: available}}})
    await lake.append({...batchOf(0, {close: 9}), receivedAt: START + 200 * HOUR})
    expect(await bytes()).toEqual(before)
    expect((await open().sql('SELECT count(*) FROM candles', LATE)).rows).toEqual([[3 * ROWS]])
  })

  it('leaves Parquet that another reader reads, and says what does not fit together', {timeout: 60_000}, async () => {
    seal(90_000, 90_001)
    const out = join(root, 'answer.parquet')
    const done = qo('lake', 'sql', 'SELECT coin, ts FROM candles', '--format', 'parquet', '--out', out, '--json')
    expect(JSON.parse(done.stdout.toString())).toMatchObject({ok: true, count: 2 * ROWS, out, commit: 2})
    const {parquetReadObjects, asyncBufferFromFile} = await import('hyparquet')
    const {compressors} = await import('hyparquet-compressors')
    expect(await parquetReadObjects({file: await asyncBufferFromFile(out), compressors})).toHaveLength(2 * ROWS)
    expect(qo('lake', 'sql', 'SELECT 1', '--format', 'parquet').status).toBe(2)
    expect(qo('lake', 'sql', 'SELECT 1', '--commit', '99').status).toBe(2)
  })
})
