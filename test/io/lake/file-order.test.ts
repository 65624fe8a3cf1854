import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles} from '../../../src/contracts/market.ts'
import type {LakePort, Rows} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openConnection} from '../../../src/io/lake/duckdb.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {readColumns} from '../../../src/io/lake/read-columns.ts'
import {batchOf} from './batches.ts'

const LATE = Number.MAX_SAFE_INTEGER

describe('rows of many files', () => {
  let root: string
  let lake: LakePort
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'qo-order-'))
    lake = openLake(root, {files: openFiles(root), dryRun: false})
  })
  afterEach(() => rmSync(root, {recursive: true, force: true}))

  const read = (rest: object = {}): Promise<Rows> =>
    lake.read({table: Candles, venue: 'sim', interval: '1h', asOf: LATE, purpose: {kind: 'live'}, ...rest})
  const told = ({columns}: Rows): unknown[] =>
    Array.from(columns['ts'] as Float64Array, (ts, i) => [columns['coin']![i], ts, columns['close']![i]])
  async function inSql(where = 'TRUE'): Promise<unknown[]> {
    const sql = `SELECT coin, ts, close FROM candles WHERE ${where} ORDER BY coin, ts`
    return (await lake.sql(sql, LATE)).rows.map(([coin, ts, close]) => [coin, Number(ts), close])
  }

  it('come in the order of the table, whatever order and whichever commits they came in', async () => {
    for (const [k, coin] of [
      [3, 'ETH'],
      [0, 'SOL'],
      [2, 'BTC'],
      [0, 'ETH'],
      [1, 'ETH'],
      [0, 'BTC'],
    ] as const) {
      await lake.append(batchOf(k, {coin}))
    }
    const columns = ['close']
    expect(told(await read({columns}))).toEqual(await inSql())
    expect(told(await read())).toEqual(await inSql())
    expect(told(await read({columns, coins: ['ETH']}))).toEqual(await inSql("coin = 'ETH'"))
    expect(told(await read({columns, coins: ['ETH', 'BTC']}))).toEqual(await inSql("coin <> 'SOL'"))
  })

  it('have the columns that were asked for and those that tell them apart, which the question has not named', async () => {
    await lake.append(batchOf(0))
    const {columns, count} = await read({columns: ['close', 'venue']})
    expect(Object.keys(columns).sort()).toEqual(['close', 'coin', 'ts', 'venue'])
    expect(columns['venue']).toEqual(new Array(count).fill('sim'))
    expect((columns['close'] as Float64Array).length).toBe(count)
  })

  it('give only what was available, in columns of that length', async () => {
    const batch = batchOf(0)
    await lake.append(batch)
    const at = (batch.rows.columns['available_at'] as Float64Array)[9]!
    const rows = await read({asOf: at, columns: ['close']})
    expect(rows.count).toBe(10)
    for (const column of Object.values(rows.columns)) expect(column.length).toBe(10)
  })
})

describe('texts of an answer', () => {
  const connection = openConnection()
  afterAll(async () => (await connection).closeSync())

  it('are those of their rows: long ones, missing ones, and across the chunks of the engine', async () => {
    const text = fc.constantFrom(
      '',
      'A',
      'BTCUSDT',
      'TWELVE_BYTES',
      'THIRTEEN_BYTE',
      'THIRTEEN_BYTF',
      'é\u{1f600} long enough',
      null,
    )
    const runs = fc.array(fc.tuple(text, fc.integer({min: 1, max: 1500})), {minLength: 1, maxLength: 8})
    await fc.assert(
      fc.asyncProperty(runs, async (parts) => {
        const pieces = parts.map(([value, count], k) => {
          const cell = value === null ? 'NULL::VARCHAR' : `'${value}'`
          return `SELECT ${k} AS k, i, ${cell} AS name FROM range(${count}) t(i)`
        })
        const sql = `SELECT name FROM (${pieces.join(' UNION ALL ')}) ORDER BY k, i`
        const expected = parts.flatMap(([value, count]) => new Array<string>(count).fill(value ?? ''))
        for (const isSmall of [true, false]) {
          expect((await readColumns(await connection, sql, {names: ['name'], isSmall})).columns['name']).toEqual(
            expected,
          )
        }
      }),
      {numRuns: 25},
    )
  })
})
