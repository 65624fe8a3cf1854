import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DuckDBInstance} from '@duckdb/node-api'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Trades} from '../../../src/contracts/market.ts'
import type {LakeAppended, LakePort} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openLake} from '../../../src/io/lake/index.ts'

const START = Date.UTC(2025, 8, 4, 23, 59, 59)

let root: string
let lake: LakePort
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-overlap-'))
  lake = openLake(root, {files: openFiles(root), dryRun: false})
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

/** Prints [from, to), one a millisecond, of two coins by turns; they go over midnight. */
function append(from: number, to: number, px = 100): Promise<LakeAppended> {
  const all = Array.from({length: to - from}, (_, i) => from + i)
  const ts = Float64Array.from(all, (k) => START + k)
  return lake.append({
    table: Trades,
    venue: 'sim',
    source: 'test',
    receivedAt: START + 100_000,
    distinct: true,
    rows: {
      count: all.length,
      columns: {
        coin: Float64Array.from(all, (k) => k % 2),
        aggressor: new Float64Array(all.length),
        tid: Float64Array.from(all, (k) => 1e15 + k),
        px: new Float64Array(all.length).fill(px),
        sz: new Float64Array(all.length).fill(1),
        ...{ts, available_at: ts},
      },
      names: {coin: ['SOL', 'BTC'], aggressor: ['sell', 'buy']},
    },
  })
}

/** Coin and time of the rows of each file, as they stand in it. */
async function filesOf({commit}: LakeAppended): Promise<string[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const files: string[][] = []
  for (const {path} of commit!.files) {
    const rows = await connection.runAndReadAll(`SELECT coin, ts::VARCHAR FROM read_parquet('${join(root, path)}')`)
    files.push(rows.getRows().map((row) => row.join(' ')))
  }
  connection.closeSync()
  instance.closeSync()
  return files
}

describe('a batch that reaches back into what is there', () => {
  it('adds what lies behind and what lies before, and not what is there', async () => {
    await append(1000, 2000)
    expect(await append(1500, 2500)).toMatchObject({added: 500, revised: 0, unchanged: 500})
    expect(await append(500, 1100)).toMatchObject({added: 500, revised: 0, unchanged: 100})
    expect(await append(0, 2600)).toMatchObject({added: 600, revised: 0, unchanged: 2000})
    expect(await append(0, 2600)).toMatchObject({commit: null, added: 0, unchanged: 2600})
  })

  it('corrects what it says otherwise', async () => {
    await append(0, 1000)
    expect(await append(900, 1200, 101)).toMatchObject({added: 200, revised: 100, unchanged: 0})
    const rows = await lake.read({table: Trades, venue: 'sim', asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}})
    expect(rows.count).toBe(1200)
    expect((rows.columns['px'] as Float64Array).filter((px) => px === 101)).toHaveLength(300)
  })

  it('leaves files in the order of the table, one a day, whatever it shares with them', async () => {
    for (const done of [await append(0, 3000), await append(3001, 6000), await append(2900, 9000)]) {
      for (const rows of await filesOf(done)) expect(rows).toEqual([...rows].sort())
    }
    const days = (await lake.commits())[0]!.files.map(({path, rows}) => [path.split('/').at(-1)!.slice(0, 10), rows])
    expect(days).toEqual([
      ['2025-09-04', 1000],
      ['2025-09-05', 2000],
    ])
  })
})
