import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles} from '../../../src/contracts/market.ts'
import type {LakePort, Rows} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openConnection, withConnection} from '../../../src/io/lake/duckdb.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {readColumns, readParts} from '../../../src/io/lake/read-columns.ts'
import {readHalves} from '../../../src/io/lake/read-halves.ts'
import type {SelectedFiles} from '../../../src/io/lake/read-rows.ts'
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

describe('an answer in parts', () => {
  const NAMES = ['at', 'name', 'levels']
  /** Rows [from, from + count): a number, a text that changes now and then, a list. */
  const rowsSql = (from: number, count: number): string =>
    `SELECT i::DOUBLE AS at, 'N' || (i // 700) AS name, [i::DOUBLE, 0.5] AS levels FROM range(${from}, ${from + count}) t(i)`

  it('is what one query for all of it gives, also where a part has fewer rows than there could have been', async () => {
    const part = fc.record({count: fc.nat(5000), spare: fc.constantFrom(0, 0, 1, 3000)})
    await fc.assert(
      fc.asyncProperty(part, part, async (a, b) => {
        const shape = {names: NAMES}
        const [first, second] = [rowsSql(0, a.count), rowsSql(a.count, b.count)]
        const found = await withConnection((one) =>
          withConnection((two) =>
            readParts(
              [
                {connection: one, sql: first, rows: a.count + a.spare},
                {connection: two, sql: second, rows: b.count + b.spare},
              ],
              shape,
            ),
          ),
        )
        const whole = await withConnection((one) => readColumns(one, rowsSql(0, a.count + b.count), shape))
        expect(found).toEqual(whole)
      }),
      {numRuns: 15},
    )
  })

  it('fails as a whole when one part fails in mid-stream, and the engine goes on', async () => {
    const bad = `SELECT CASE WHEN i < 9000 THEN i ELSE error('gone') END::DOUBLE AS at FROM range(10000) t(i)`
    const good = 'SELECT i::DOUBLE AS at FROM range(10000) t(i)'
    const both = withConnection((one) =>
      withConnection((two) => {
        const parts = [bad, good].map((sql, k) => ({connection: [one, two][k]!, sql, rows: 10_000}))
        return readParts(parts, {names: ['at']})
      }),
    )
    await expect(both).rejects.toThrowError(/gone/)
    const rows = await withConnection((one) => readColumns(one, good, {names: ['at']}))
    expect(rows.count).toBe(10_000)
  })

  it('asks for each file once, in two parts that are as even as the files allow', async () => {
    const sizes = fc.array(fc.integer({min: 1, max: 400}), {minLength: 1, maxLength: 8})
    await fc.assert(
      fc.asyncProperty(sizes, async (counts) => {
        const starts = counts.map((_, k) => counts.slice(0, k).reduce((sum, count) => sum + count, 0))
        const files = counts.map((rows, k) => ({file: {rows, from: starts[k]!}})) as unknown as SelectedFiles['files']
        const asked: number[] = []
        const sqlOf = (some: typeof files): string => {
          const rows = some.reduce((sum, {file}) => sum + file.rows, 0)
          asked.push(rows)
          return rowsSql((some[0]!.file as unknown as {from: number}).from, rows)
        }
        const all = counts.reduce((sum, count) => sum + count, 0)
        const {columns} = await withConnection((one) => readHalves(one, files, sqlOf, {names: NAMES}))
        expect(Array.from(columns['at'] as Float64Array)).toEqual(Array.from({length: all}, (_, i) => i))
        expect(asked.length).toBeLessThanOrEqual(2)
        expect(Math.max(...asked) - all / 2).toBeLessThanOrEqual(Math.max(...counts) / 2)
      }),
      {numRuns: 25},
    )
  })
})
