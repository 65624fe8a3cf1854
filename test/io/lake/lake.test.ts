import {spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles} from '../../../src/contracts/market.ts'
import type {LakePort, Purpose, Rows} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {Random} from '../../../src/kernel/random.ts'
import {batchOf, ROWS, START} from './batches.ts'

const HOUR = 3_600_000
const LATE = Number.MAX_SAFE_INTEGER

let root: string
let lake: LakePort
const open = (): LakePort => openLake(root, {files: openFiles(root), dryRun: false})
const read = (purpose: Purpose = {kind: 'live'}, rest: object = {}, from: LakePort = lake): Promise<Rows> =>
  from.read({table: Candles, venue: 'sim', interval: '1h', asOf: LATE, purpose, ...rest})
const column = (rows: Rows, name: string): number[] => Array.from(rows.columns[name] as Float64Array)
const parquet = (): string[] =>
  readdirSync(join(root, 'data/lake'), {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => join(root, 'data/lake', name))

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-lake-'))
  lake = open()
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

describe('commits', () => {
  it('give back what was appended, one file per year', async () => {
    const {commit, added} = await lake.append(batchOf(0))
    expect(added).toBe(ROWS)
    expect(commit!.files.map(({path}) => path.split('/').at(-1)!.slice(0, 4))).toEqual(['2024', '2025'])
    const rows = await read()
    expect(rows.count).toBe(ROWS)
    expect(column(rows, 'ts')).toEqual(Array.from({length: ROWS}, (_, i) => START + i * HOUR))
    expect(new Set(column(rows, 'ingest_id'))).toEqual(new Set([1]))
    expect(column(rows, 'trades').every(Number.isNaN)).toBe(true)
  })

  it('are not repeated for rows that are there', async () => {
    await lake.append(batchOf(0))
    expect(await lake.append(batchOf(0))).toMatchObject({commit: null, added: 0, unchanged: ROWS})
    expect(await lake.commits()).toHaveLength(1)
  })

  it('turn a changed row into a revision that was available when it came', async () => {
    await lake.append(batchOf(0))
    const correction = batchOf(0, {close: 200})
    expect(await lake.append(correction)).toMatchObject({added: 0, revised: ROWS})
    const [then, now, pinned] = await Promise.all([
      read({kind: 'live'}, {asOf: correction.receivedAt! - 1}),
      read(),
      read({kind: 'live'}, {commit: 1}),
    ])
    expect(new Set(column(then, 'close'))).toEqual(new Set([100]))
    expect(new Set(column(pinned, 'close'))).toEqual(new Set([100]))
    expect(new Set(column(now, 'close'))).toEqual(new Set([200]))
    expect([then.count, now.count]).toEqual([ROWS, ROWS])
    expect(new Set(column(now, 'revision'))).toEqual(new Set([1]))
  })

  it('show a row only once it was available', async () => {
    await lake.append(batchOf(0))
    expect((await read({kind: 'live'}, {asOf: START + 3 * HOUR})).count).toBe(3)
    expect((await read({kind: 'live'}, {asOf: START + 3 * HOUR - 1})).count).toBe(2)
  })

  it('refuse a batch with one key twice', async () => {
    const batch = batchOf(0)
    ;(batch.rows.columns['ts'] as Float64Array)[1] = START
    await expect(lake.append(batch)).rejects.toMatchObject({code: 'lake.duplicate_key', exitCode: 4})
    expect(await lake.commits()).toEqual([])
  })

  it('name the table and the unit of every column in the footer', async () => {
    await lake.append(batchOf(0))
    const {parquetMetadataAsync, asyncBufferFromFile} = await import('hyparquet')
    const {key_value_metadata: footer, row_groups: groups} = await parquetMetadataAsync(
      await asyncBufferFromFile(parquet()[0]!),
    )
    expect(footer).toContainEqual({key: 'qo_artifact', value: 'candles@1'})
    expect(JSON.parse(footer!.find(({key}) => key === 'qo_units')!.value!)).toMatchObject({ts: 'epoch ms, UTC'})
    expect(groups.every(({num_rows: rows}) => rows <= 20_480n)).toBe(true)
  })
})

describe('two writers', () => {
  it('get different numbers of one unbroken chain', async () => {
    const writers = [open(), open()]
    await Promise.all(
      writers.map(async (writer, w) => {
        for (let k = 0; k < 6; k++) await writer.append(batchOf(k, {coin: w === 0 ? 'BTC' : 'ETH'}))
      }),
    )
    expect((await open().commits()).map(({n}) => n)).toEqual(Array.from({length: 12}, (_, i) => i + 1))
    expect((await read()).count).toBe(12 * ROWS)
  })

  it('store the same rows once', async () => {
    const outcomes = await Promise.all([open(), open(), open()].map((writer) => writer.append(batchOf(0))))
    expect(outcomes.map(({added}) => added).sort()).toEqual([0, 0, ROWS])
    expect(await open().verify('full')).toMatchObject({commits: 1, rows: ROWS, problems: [], orphans: []})
  })
})

describe('kill -9', () => {
  it('loses no acknowledged row and doubles none, at whatever instant', {timeout: 120_000}, async () => {
    const random = new Random('kill')
    const child = fileURLToPath(new URL('./append-child.ts', import.meta.url))
    let acknowledged = 0
    for (let round = 0; round < 6; round++) {
      const work = spawn(process.execPath, ['--import', 'tsx', child, root, String(acknowledged), '10000'])
      const said = await new Promise<number>((resolve) => {
        let text = ''
        let armed = false
        work.stdout.on('data', (piece: Buffer) => {
          text += piece.toString()
          if (armed) return
          armed = true
          setTimeout(() => work.kill('SIGKILL'), random.unit() * 120)
        })
        work.on('exit', () => resolve(text.split('\n').length - 1))
      })
      expect(said).toBeGreaterThan(0)
      acknowledged += said
      const rows = await read({kind: 'live'}, {}, open())
      // At most the batch in flight may be there beyond what was said.
      expect(rows.count).toBeGreaterThanOrEqual(acknowledged * ROWS)
      expect(rows.count).toBeLessThanOrEqual((acknowledged + 1) * ROWS)
      expect(new Set(column(rows, 'ts')).size).toBe(rows.count)
    }
    for (let k = 0; k <= acknowledged; k++) await lake.append(batchOf(k))
    expect((await read()).count).toBe((acknowledged + 1) * ROWS)
    expect(await open().verify('full')).toMatchObject({problems: []})
    expect(readdirSync(join(root, 'data/lake/.staging'))).toEqual([])
  })
})

describe('damage', () => {
  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path)
    bytes[at] = bytes[at]! ^ 1
    writeFileSync(path, bytes)
  }

  it('of one byte in one file is found, named, and never read', async () => {
    await lake.append(batchOf(0))
    const [path] = parquet()
    flip(path!, 200)
    const {problems} = await open().verify('quick')
    expect(problems).toHaveLength(1)
    expect(path!.endsWith(problems[0]!.file)).toBe(true)
    await expect(read({kind: 'live'}, {}, open())).rejects.toMatchObject({code: 'lake.corrupt_file', exitCode: 4})
  })

  it('of the commit log stops every reader', async () => {
    for (let k = 0; k < 3; k++) await lake.append(batchOf(k))
    const second = join(root, 'data/lake/commits/000000000002.json')
    const whole = readFileSync(second, 'utf8')
    writeFileSync(second, whole.replace('"added": 50', '"added": 51'))
    await expect(open().commits()).rejects.toMatchObject({code: 'lake.broken_chain', exitCode: 4})
    rmSync(second)
    await expect(open().commits()).rejects.toMatchObject({code: 'lake.broken_chain'})
    writeFileSync(second, whole)
    expect(await open().commits()).toHaveLength(3)
  })

  it('a foreign file in the folder is invisible and reported', async () => {
    await lake.append(batchOf(0))
    const stray = join(root, 'data/lake/candles/venue=sim/interval=1h/2024-1-aaaaaaaaaaaa.parquet')
    writeFileSync(stray, 'torn')
    expect((await read({kind: 'live'}, {}, open())).count).toBe(ROWS)
    expect((await open().verify('full')).orphans).toEqual([stray.slice(root.length + 1)])
  })

  it('shows when a second reader reads every value', async () => {
    await lake.append(batchOf(0))
    expect((await lake.verify('deep')).problems).toEqual([])
  })
})

describe('sealing', () => {
  const seal = (text: string): void => {
    mkdirSync(join(root, 'configs'), {recursive: true})
    writeFileSync(join(root, 'configs/vaults.yaml'), text)
  }
  const iso = (bar: number): string => new Date(START + bar * HOUR).toISOString()
  const vault = (id: string, from: number, to: number): string =>
    `  - {id: ${id}, venue: sim, start: ${iso(from)}, end: ${iso(to)}, tier: V1}\n`

  beforeEach(async () => {
    await lake.append(batchOf(0))
    seal(`artifact: vaults@1\nvaults:\n${vault('V-one', 20, 30)}`)
  })

  it('ends research where the vault starts; what lies behind is sealed or forward', async () => {
    expect(column(await read({kind: 'research'}), 'ts')).toHaveLength(20)
    expect((await read()).count).toBe(ROWS)
  })

  it('opens exactly one window to an unsealing', async () => {
    seal(`artifact: vaults@1\nvaults:\n${vault('V-one', 20, 30)}${vault('V-two', 35, 40)}`)
    const rows = column(await read({kind: 'unseal', vault: 'V-two'}), 'ts')
    const bars = rows.map((ts) => (ts - START) / HOUR)
    expect(bars).toEqual([...Array.from({length: 20}, (_, i) => i), 35, 36, 37, 38, 39])
    await expect(read({kind: 'unseal', vault: 'V-none'})).rejects.toMatchObject({code: 'lake.unknown_vault'})
  })

  it('hides a bar that only closes inside the window', async () => {
    seal(
      `artifact: vaults@1\nvaults:\n  - {id: V-half, venue: sim, start: ${iso(20).replace(':00:00.000', ':30:00.000')}, end: ${iso(30)}, tier: V1}\n`,
    )
    expect((await read({kind: 'research'})).count).toBe(20)
  })

  it('holds for SQL, however the query is put', async () => {
    expect((await lake.sql('SELECT count(*) FROM candles', LATE)).rows).toEqual([[20]])
    const [path] = parquet()
    const tricks = [
      `SELECT * FROM read_parquet('${path}')`,
      `SELECT * FROM '${path}'`,
      `SELECT * FROM (SELECT * FROM parquet_scan('${path}'))`,
      `WITH x AS (SELECT * FROM read_csv('${path}')) SELECT * FROM x`,
      `SELECT * FROM glob('${root}/**')`,
      `SELECT * FROM query('SELECT 1')`,
      `COPY (SELECT 1) TO '${root}/out.csv'`,
      'CREATE TABLE x AS SELECT 1',
      'SELECT 1; SELECT 2',
    ]
    for (const trick of tricks) {
      await expect(lake.sql(trick, LATE), trick).rejects.toMatchObject({code: 'lake.sql_refused', exitCode: 2})
    }
  })

  it('counts sealed rows without a value', async () => {
    expect(await lake.verify('quick')).toMatchObject({rows: ROWS, sealedRows: 10})
  })

  it('writes down who asked for rows behind it', async () => {
    await read({kind: 'research'}, {to: START + 25 * HOUR})
    await read({kind: 'research'})
    const lines = readFileSync(join(root, 'data/journal/vault-access.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({kind: 'sealed-read', body: {venue: 'sim', asked_to: iso(25)}})
  })

  it('with a broken vaults.yaml nothing is read', async () => {
    seal('artifact: vaults@1\nvaults: [{id: V-one}]\n')
    await expect(read({kind: 'research'})).rejects.toMatchObject({code: 'artifact.invalid', exitCode: 3})
    await expect(lake.sql('SELECT count(*) FROM candles', LATE)).rejects.toMatchObject({code: 'artifact.invalid'})
  })
})
