import {appendFile, mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DuckDBInstance} from '@duckdb/node-api'
import {beforeEach, describe, expect, it} from 'vitest'
import {type Chain, openChain} from '../../src/io/journal.ts'
import {closeFinishedDays} from '../../src/io/journal-day.ts'

let folder: string
let path: string
const open = (): Chain => openChain(path)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qo-journal-'))
  path = join(folder, 'journal/guard.jsonl')
})

describe('a hash-chained journal', () => {
  it('links every entry to the one before it, across writers that follow one another', async () => {
    const first = await open().append(1, 'a', {x: '1'})
    const second = await open().append(2, 'b', {y: null})
    expect(second.prev).toBe(first.hash)
    expect((await open().read()).map(({seq, kind}) => [seq, kind])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
  })

  it('keeps the order of appends that were not awaited', async () => {
    const chain = open()
    await Promise.all(Array.from({length: 30}, (_, i) => chain.append(i, 'n', {i})))
    expect((await chain.read()).map(({body}) => body['i'])).toEqual(Array.from({length: 30}, (_, i) => i))
  })

  it('puts a torn last line aside, says so in the chain, and goes on', async () => {
    await open().append(1, 'a', {})
    await appendFile(path, '{"seq":2,"ts":2,"ki')
    const chain = open()
    await chain.append(3, 'b', {})
    expect(chain.torn?.bytes).toBe(19)
    expect((await chain.read()).map(({kind}) => kind)).toEqual(['a', 'torn_tail', 'b'])
    const aside = (await readdir(join(folder, 'journal'))).find((name) => name.includes('torn'))
    expect(await readFile(join(folder, 'journal', aside!), 'utf8')).toBe('{"seq":2,"ts":2,"ki')
  })

  it('reads what a writer has finished while the next line is still being written', async () => {
    await open().append(1, 'a', {})
    await appendFile(path, '{"half')
    expect(await open().read()).toHaveLength(1)
  })

  it.each([
    ['a flipped byte', (text: string) => text.replace('"x":"1"', '"x":"2"')],
    ['a lost line', (text: string) => text.split('\n').slice(1).join('\n')],
    ['two lines exchanged', (text: string) => `${text.split('\n').slice(0, 2).reverse().join('\n')}\n`],
    ['a line that is no JSON', (text: string) => `${text}garbage\n`],
  ])('refuses %s', async (_, damage) => {
    const chain = open()
    await chain.append(1, 'a', {x: '1'})
    await chain.append(2, 'b', {x: '1'})
    await writeFile(path, damage(await readFile(path, 'utf8')))
    await expect(open().read()).rejects.toMatchObject({code: 'journal.broken_chain', exitCode: 4})
    await expect(open().append(3, 'c', {})).rejects.toMatchObject({code: 'journal.broken_chain'})
  })

  it('leaves nothing in a dry run', async () => {
    await openChain(path, {dryRun: true}).append(1, 'a', {})
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a closed day', () => {
  it('gives back every value through DuckDB: ids, money and times', async () => {
    const chain = open()
    const day = Date.parse('2026-03-02T00:00:00Z')
    const bodies = [
      {cloid: '0x0123456789abcdef0123456789abcdef', coin: 'ETH', side: 'buy', px: '1999.9', sz: '0.005'},
      {tid: '9007199254740993', oid: '18446744073709551615', fee: '-0.000001', px: '0.00000001', coin: 'kPEPE'},
      {text: 'naïve 漢字 "quoted"\n', nested: {deep: [1, 2.5, null]}},
    ]
    const times = [day, day + 86_399_999, day + 1]
    for (const [i, body] of bodies.entries()) await chain.append(times[i]!, `kind-${i}`, body)
    await chain.append(day + 86_400_000, 'next-day', {})
    const entries = await chain.read()
    const files = await closeFinishedDays(path, entries, day + 86_400_000)
    expect(files).toEqual([join(folder, 'journal/guard/2026-03-02.parquet')])

    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(
      `SELECT seq, epoch_ms(ts)::DOUBLE AS ts, kind, body, prev, hash, cloid, coin, side, px, sz, oid, tid, fee FROM '${files[0]}' ORDER BY seq`,
    )
    const rows = reader.getRowObjectsJson()
    expect(rows).toHaveLength(3)
    for (const [i, row] of rows.entries()) {
      const {seq, ts, kind, body, prev, hash} = entries[i]!
      expect({...row, body: JSON.parse(row['body'] as string)}).toMatchObject({seq, ts, kind, body, prev, hash})
      for (const name of ['cloid', 'coin', 'side', 'px', 'sz', 'oid', 'tid', 'fee']) {
        expect(row[name] ?? null).toBe((body as Record<string, unknown>)[name] ?? null)
      }
    }
    connection.closeSync()
  })
})
