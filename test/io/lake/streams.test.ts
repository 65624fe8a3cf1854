import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Table} from '../../../src/contracts/artifact.ts'
import {AssetCtx, Bbo, Book, Trades} from '../../../src/contracts/market.ts'
import type {LakeAppend, LakePort, Rows} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openLake} from '../../../src/io/lake/index.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 2, 1)
const LATE = Number.MAX_SAFE_INTEGER

let root: string
let lake: LakePort
const open = (): LakePort => openLake(root, {files: openFiles(root), dryRun: false})
const read = (table: Table, rest: object = {}): Promise<Rows> =>
  open().read({table, venue: 'sim', asOf: LATE, purpose: {kind: 'live'}, ...rest})
const append = (table: Table, rows: Rows, rest: Partial<LakeAppend> = {}) =>
  lake.append({table, venue: 'sim', source: 'sim-ws', receivedAt: START, rows, ...rest})

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-streams-'))
  lake = open()
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

/** Snapshots a step apart; level k of snapshot i is told apart from every other. An uneven one has an empty ask side. */
function books(count: number, {levels = 20, step = 1000}: {levels?: number; step?: number} = {}): Rows {
  const ts = Float64Array.from({length: count}, (_, i) => START + i * step)
  const side = (sign: number, i: number): Float64Array =>
    Float64Array.from({length: sign > 0 && i % 7 === 3 ? 0 : levels}, (_, k) => 100 + sign * (k + 1) * 0.1 + i / 1e6)
  const lists: Record<string, Float64Array[]> = {}
  for (const [name, sign] of [
    ['bid', -1],
    ['ask', 1],
  ] as const) {
    lists[`${name}_px`] = Array.from({length: count}, (_, i) => side(sign, i))
    lists[`${name}_sz`] = lists[`${name}_px`]!.map((px) => px.map((value) => value / 3))
    lists[`${name}_n`] = lists[`${name}_px`]!.map((px) => px.map((_, k) => k + 1))
  }
  return {
    count,
    columns: {
      coin: new Array<string>(count).fill('BTC'),
      ts,
      available_at: ts,
      feed: new Array<string>(count).fill('full'),
      digest: Array.from({length: count}, (_, i) => i.toString(16).padStart(16, '0')),
    },
    lists,
  }
}

const LISTS = ['bid_px', 'bid_sz', 'bid_n', 'ask_px', 'ask_sz', 'ask_n']

describe('books', () => {
  it('keep every level of every side, an empty one too', async () => {
    const batch = books(50)
    expect(await append(Book, batch)).toMatchObject({added: 50})
    const rows = await read(Book)
    expect(rows.count).toBe(50)
    for (const name of LISTS) expect(rows.lists![name]).toEqual(batch.lists![name])
    expect(rows.lists!['ask_px']![3]).toHaveLength(0)
    expect((await open().verify('deep')).problems).toEqual([])
  })

  it('are stored once, however often they come', async () => {
    await append(Book, books(50))
    expect(await append(Book, books(50))).toMatchObject({commit: null, unchanged: 50})
    expect(await append(Book, books(60))).toMatchObject({added: 10, revised: 0, unchanged: 50})
  })

  it('that differ in one level under one key are a revision', async () => {
    await append(Book, books(5))
    const other = books(5)
    other.lists!['bid_sz']![2]![19] = 7
    expect(await append(Book, other)).toMatchObject({added: 0, revised: 1, unchanged: 4})
    expect((await read(Book)).lists!['bid_sz']![2]![19]).toBe(7)
    expect((await read(Book, {commit: 1})).lists!['bid_sz']![2]![19]).not.toBe(7)
  })

  it('come back in their order from a hundred thousand', {timeout: 60_000}, async () => {
    const batch = books(100_000, {levels: 5, step: 200})
    await append(Book, batch)
    const rows = await read(Book, {columns: ['bid_px', 'ask_n']})
    expect(rows.count).toBe(100_000)
    for (const i of [0, 2047, 2048, 50_000, 99_999]) {
      expect(rows.lists!['bid_px']![i]).toEqual(batch.lists!['bid_px']![i])
      expect(rows.lists!['ask_n']![i]).toEqual(batch.lists!['ask_n']![i])
    }
  })

  it('of an empty table are empty columns', async () => {
    expect(await read(Book)).toMatchObject({count: 0, lists: {bid_px: []}})
  })
})

describe('day partitions', () => {
  const flat = (count: number, columns: Rows['columns']): Rows => {
    const ts = Float64Array.from({length: count}, (_, i) => START + DAY - 2000 + i * 1000)
    return {count, columns: {coin: new Array<string>(count).fill('BTC'), ts, available_at: ts, ...columns}}
  }
  const fill = (value: number): Float64Array => new Float64Array(4).fill(value)

  it.each<[Table, Rows]>([
    [Trades, flat(4, {tid: ['1', '2', '3', '4'], px: fill(1), sz: fill(1), aggressor: new Array(4).fill('buy')})],
    [Bbo, flat(4, {bid_px: fill(1), bid_sz: fill(1), bid_n: fill(1), ask_px: fill(2), ask_sz: fill(1)})],
    [Book, {...books(4), columns: {...books(4).columns, ...flat(4, {}).columns}}],
    [AssetCtx, flat(4, {mark_px: fill(1), funding: fill(0.0001)})],
  ])('split at midnight UTC: %#', async (table, rows) => {
    const {commit} = await append(table, rows)
    expect(commit!.files.map(({path, rows: count}) => [path.split('/').at(-1)!.slice(0, 10), count])).toEqual([
      ['2026-03-01', 2],
      ['2026-03-02', 2],
    ])
    expect((await read(table)).count).toBe(4)
    expect((await read(table, {from: START + DAY})).count).toBe(2)
    expect((await open().verify('deep')).problems).toEqual([])
  })

  it('a side without orders is NULL, and NULL is equal to NULL when rows are told apart', async () => {
    const none = fill(Number.NaN)
    const bbo = flat(4, {bid_px: none, bid_sz: none, bid_n: none, ask_px: fill(2), ask_sz: fill(1), ask_n: fill(3)})
    expect(await append(Bbo, bbo)).toMatchObject({added: 4})
    expect(await append(Bbo, bbo)).toMatchObject({commit: null, unchanged: 4})
    expect((await read(Bbo)).columns['bid_px']).toEqual(none)
    expect((await lake.sql('SELECT count(*) FROM bbo WHERE bid_px IS NULL', LATE)).rows).toEqual([[4]])
  })

  it('two different snapshots of one instant both stay', async () => {
    const ts = new Float64Array(2).fill(START)
    const two = {
      coin: ['BTC', 'BTC'],
      ts,
      available_at: ts,
      bid_px: Float64Array.of(1, 2),
      bid_sz: Float64Array.of(1, 1),
    }
    expect(await append(Bbo, {count: 2, columns: two})).toMatchObject({added: 2})
    expect((await read(Bbo)).columns['bid_px']).toEqual(Float64Array.of(1, 2))
  })
})

describe('a gap', () => {
  const gap = (state: 'OPEN' | 'BACKFILLED' | 'UNRECOVERABLE', from = 0, to = 1000) => ({
    ...{coin: 'BTC', from: START + from, to: START + to, state, cause: 'socket closed'},
  })
  const mark = async (...gaps: ReturnType<typeof gap>[]) =>
    (await append(Trades, {count: 0, columns: {}}, {gaps})).commit

  it('is recorded at once, without a row', async () => {
    expect(await mark(gap('OPEN'))).toMatchObject({n: 1, files: [], added: 0, gaps: [gap('OPEN')]})
  })

  it('told twice is recorded once; a new state of it is recorded', async () => {
    await mark(gap('OPEN'))
    expect(await mark(gap('OPEN'))).toBeNull()
    expect(await mark(gap('OPEN', 200, 400))).toBeNull()
    expect(await mark(gap('UNRECOVERABLE', 200, 400))).toMatchObject({n: 2})
    expect(await mark(gap('OPEN'))).toBeNull()
    expect(await mark(gap('OPEN', 0, 1500))).toMatchObject({n: 3})
  })

  it('without rows and without gaps there is no commit', async () => {
    expect(await mark()).toBeNull()
  })
})
