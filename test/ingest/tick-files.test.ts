import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import type {IngestFileRequest} from '../../src/operations/commit-file-rows.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import type {IngestFileResult} from '../../src/operations/ingest-rows.ts'
import {lakeGaps} from '../../src/operations/lake-gaps.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

let root: string
let desk: Desk
beforeEach(async () => {
  root = newWorkspace()
  desk = await deskAt(root)
})
afterEach(() => removeWorkspace(root))

const T = Date.UTC(2025, 0, 1)

function ingest(
  shape: IngestFileRequest['shape'],
  lines: readonly string[],
  rest: Partial<IngestFileRequest> = {},
): Promise<IngestFileResult> {
  const path = join(root, 'rows.csv')
  writeFileSync(path, `${lines.join('\n')}\n`)
  return ingestFile(desk, request(path, {shape, interval: null, maxBad: 0.9, ...rest}))
}

const quarantined = (result: IngestFileResult): {line: number; reason: string}[] => {
  const path = result.paths.find((name) => name.startsWith('data/quarantine/'))
  if (path === undefined) return []
  return readFileSync(join(root, path), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as {line: number; reason: string})
}

const sql = async (query: string): Promise<unknown[][]> => (await desk.lake.sql(query, desk.asOf)).rows

describe('trades of a file', () => {
  const HEAD = 'ts,symbol,px,sz,side,trade_id'

  it('are one trade when an id repeats, and two when its time differs', async () => {
    const result = await ingest('trades', [
      HEAD,
      `${T},BTC,100,1,buy,7`,
      `${T},BTC,100,1,buy,7`,
      `${T + 1},BTC,101,1,sell,7`,
    ])
    expect(result).toMatchObject({accepted: 2, duplicates: 1})
  })

  it('are refused when one id and one time stand for two prices', async () => {
    const lines = [HEAD, `${T},BTC,100,1,buy,7`, `${T},BTC,101,1,buy,7`]
    await expect(ingest('trades', lines)).rejects.toMatchObject({code: 'ingest.name_collision'})
    expect(await desk.lake.commits()).toEqual([])
  })

  it('without ids get stable ones, and two equal prints stay two', async () => {
    const lines = ['ts,symbol,px,sz,side', `${T},BTC,100,1,B`, `${T},BTC,100,1,B`, `${T + 5},BTC,100,1,A`]
    expect(await ingest('trades', lines)).toMatchObject({accepted: 3, duplicates: 0, added: 3})
    expect(await ingest('trades', lines)).toMatchObject({accepted: 3, added: 0, unchanged: 3})
    expect(await ingest('trades', [...lines, `${T + 9},BTC,100,1,A`])).toMatchObject({added: 1, unchanged: 3})
  })

  it('sold when the buyer was the maker', async () => {
    await ingest('trades', [
      'time,symbol,price,qty,is_buyer_maker,id',
      `${T},BTC,100,1,true,1`,
      `${T},BTC,100,1,False,2`,
    ])
    expect(await sql('SELECT tid, aggressor FROM trades ORDER BY tid')).toEqual([
      ['1', 'sell'],
      ['2', 'buy'],
    ])
  })

  it('with a side that is none, no price or no size are quarantined with their line', async () => {
    const result = await ingest('trades', [
      HEAD,
      `${T},BTC,100,1,buy,1`,
      `${T},BTC,100,1,up,2`,
      `${T},BTC,-1,1,buy,3`,
      `${T},BTC,100,0,buy,4`,
      `${T},,100,1,buy,5`,
    ])
    expect(result).toMatchObject({accepted: 1, quarantined: 4})
    expect(quarantined(result).map(({line}) => line)).toEqual([3, 4, 5, 6])
    expect(quarantined(result)[0]!.reason).toBe("side is none: 'up'")
  })

  it('in microseconds are asked about, and taken with --unit us', async () => {
    const lines = [HEAD, `${T}123,BTC,100,1,buy,1`]
    await expect(ingest('trades', lines)).rejects.toMatchObject({
      code: 'ingest.too_many_bad',
      suggestions: expect.arrayContaining(['--unit us']),
    })
    await ingest('trades', lines, {unit: 'us'})
    expect(await sql('SELECT ts FROM trades')).toEqual([[expect.anything()]])
    expect(Number((await sql('SELECT ts FROM trades'))[0]![0])).toBe(T)
  })
})

describe('quotes of a file', () => {
  it('are read from one row per side or one row per update alike', async () => {
    const long = ['ts,coin,side,px,sz', `${T},BTC,bid,99,1`, `${T},BTC,ask,101,2`, `${T + 1},BTC,bid,99,3`]
    expect(await ingest('bbo', long)).toMatchObject({accepted: 2, added: 2})
    const wide = ['ts,coin,bid,bid_size,ask,ask_size', `${T},BTC,99,1,101,2`, `${T + 1},BTC,99,3,,`]
    expect(await ingest('bbo', wide)).toMatchObject({accepted: 2, added: 0, unchanged: 2})
  })

  it('count what is crossed, locked, late and missing, and keep it', async () => {
    const result = await ingest('bbo', [
      'ts,coin,bid_px,bid_sz,ask_px,ask_sz',
      `${T + 10},BTC,99,1,98,2`,
      `${T + 20},BTC,99,1,99,2`,
      `${T},BTC,99,1,101,2`,
      `${T + 90_000},BTC,,,101,2`,
    ])
    expect(result).toMatchObject({accepted: 4, crossed: 1, locked: 1, outOfOrder: 1, gaps: 1})
  })

  it('with half a side or with none are quarantined', async () => {
    const result = await ingest('bbo', [
      'ts,coin,bid_px,bid_sz,ask_px,ask_sz',
      `${T},BTC,99,1,101,2`,
      `${T},BTC,99,,101,2`,
      `${T},BTC,,,,`,
    ])
    expect(result).toMatchObject({accepted: 1, quarantined: 2})
  })
})

describe('books of a file', () => {
  const HEAD = 'ts,coin,side,level,px,sz'
  const book = (ts: number, best: number): string[] => [
    `${ts},BTC,bid,0,${best},1`,
    `${ts},BTC,bid,1,${best - 1},2`,
    `${ts},BTC,ask,0,${best + 1},1`,
    `${ts},BTC,ask,1,${best + 2},2`,
  ]

  it('of one instant stay apart when their levels differ, and are one when they do not', async () => {
    const result = await ingest('book', [HEAD, ...book(T, 100), ...book(T, 101), ...book(T, 100)])
    expect(result).toMatchObject({accepted: 2, duplicates: 1})
    expect(await sql('SELECT feed, len(bid_px), bid_px[1] FROM book ORDER BY bid_px[1]')).toMatchObject([
      ['fast', expect.anything(), 100],
      ['fast', expect.anything(), 101],
    ])
  })

  it('are refused as a whole when a level is missing, bad, or out of price order', async () => {
    const lacking = book(T + 1, 100).filter((_, i) => i !== 0)
    const bad = book(T + 2, 100).map((line, i) => (i === 3 ? line.replace(/,2$/, ',nothing') : line))
    const swapped = book(T + 3, 100).map((line, i) => (i === 1 ? line.replace(',99,', ',100.5,') : line))
    const result = await ingest('book', [HEAD, ...book(T, 100), ...lacking, ...bad, ...swapped])
    expect(result).toMatchObject({accepted: 1, quarantined: 11})
    expect(new Set(quarantined(result).map(({reason}) => reason))).toEqual(
      new Set([
        'its snapshot lacks a level',
        'a row of its snapshot is bad',
        'sz is missing or not a number',
        'the levels of its snapshot are not in price order',
      ]),
    )
  })

  it('may lack a side, and name their levels from one on', async () => {
    const result = await ingest('book', [HEAD, `${T},BTC,bid,1,100,1`, `${T},BTC,bid,2,99,1`])
    expect(result).toMatchObject({accepted: 1})
    expect(await sql('SELECT bid_px[1], len(ask_px) FROM book')).toMatchObject([[100, expect.anything()]])
  })
})

describe('a file of another shape', () => {
  it('is refused with the shape it looks like', async () => {
    const trades = ['ts,symbol,px,sz,side,trade_id', `${T},BTC,100,1,buy,7`]
    for (const [shape, lines, likely] of [
      ['funding', trades, '--as trades'],
      ['ohlcv', ['ts,coin,side,level,px,sz', `${T},BTC,bid,0,1,1`], '--as book'],
      ['trades', ['ts,coin,open,high,low,close,volume', `${T},BTC,1,1,1,1,1`], '--as ohlcv'],
    ] as const) {
      await expect(ingest(shape, lines, {interval: shape === 'ohlcv' ? '1h' : null})).rejects.toMatchObject({
        code: 'ingest.missing_columns',
        suggestions: expect.arrayContaining([expect.stringContaining(likely)]),
      })
    }
  })
})

describe('two recordings of one market', () => {
  const HEAD = 'ts,symbol,px,sz,side,trade_id'
  const SECOND = 1000
  /** A trade every ten seconds from one second to another. */
  const tape = (from: number, to: number): string[] =>
    Array.from({length: (to - from) / 10 + 1}, (_, i) => {
      const at = T + (from + 10 * i) * SECOND
      return `${at},BTC,100,1,buy,${at}`
    })
  const withHole = [HEAD, ...tape(0, 300), ...tape(3000, 3300)]
  const inside = [HEAD, ...tape(1000, 2000)]
  const holes = async (): Promise<unknown> => {
    const {gaps} = await lakeGaps(desk, {})
    return gaps.map(({from, to, state}) => [Date.parse(from) - T, Date.parse(to) - T, state])
  }
  const left = [
    [300 * SECOND + 1, 1000 * SECOND, 'UNRECOVERABLE'],
    [2000 * SECOND + 1, 3000 * SECOND, 'UNRECOVERABLE'],
  ]

  it('leave as holes what neither has, when the second lies in the silence of the first', async () => {
    await ingest('trades', withHole)
    expect(await holes()).toEqual([[300 * SECOND + 1, 3000 * SECOND, 'UNRECOVERABLE']])
    await ingest('trades', inside)
    expect(await holes()).toEqual([left[0], [1000 * SECOND, 2000 * SECOND + 1, 'BACKFILLED'], left[1]])
    const {length} = await desk.lake.commits()
    await ingest('trades', withHole)
    await ingest('trades', inside)
    expect(await desk.lake.commits()).toHaveLength(length)
  })

  it('leave the same holes in the other order', async () => {
    await ingest('trades', inside)
    await ingest('trades', withHole)
    expect(await holes()).toEqual(left)
    await ingest('trades', inside)
    await ingest('trades', withHole)
    expect(await desk.lake.commits()).toHaveLength(2)
  })

  it('leave the hole as it is when both lack it', async () => {
    await ingest('trades', withHole)
    await ingest('trades', [HEAD, ...tape(0, 200), ...tape(3100, 3300)])
    expect(await holes()).toEqual([[300 * SECOND + 1, 3000 * SECOND, 'UNRECOVERABLE']])
  })
})
