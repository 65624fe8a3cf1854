import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Trades} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {coalesceWal} from '../../src/operations/coalesce-wal.ts'
import {lakeRebuild, REBUILT_TABLES} from '../../src/operations/lake-rebuild.ts'
import {AT, candle, type Said, session, socket, trade} from '../sensory/frames/frames.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const SOURCE = 'sim-ws'
let root: string
let desk: Desk

beforeEach(async () => {
  root = newWorkspace('sim')
  desk = await deskAt(root)
})
afterEach(() => removeWorkspace(root))

async function record(said: readonly Said[]): Promise<void> {
  const writer = await desk.wal.open(SOURCE)
  for (const {at, kind = 'socket', text} of said) writer.append(kind, AT + at, Buffer.from(text))
  await writer.close()
  await coalesceWal(desk, SOURCE)
}

const level = (px: string): object => ({px, sz: '1.5', n: 3})
const context = (markPx: string): object => ({
  ...{
    markPx,
    oraclePx: '1.0',
    midPx: null,
    prevDayPx: '1.0',
    funding: '-0.0',
    premium: null,
    openInterest: '1',
    dayNtlVlm: '2',
  },
})
/** All tables, with replays, edits and two different contexts in one millisecond; in three pieces. */
async function recordAll(): Promise<void> {
  await record([
    session(0, ['trades:BTC', 'bbo:BTC', 'book:BTC', 'asset_ctx:BTC', 'candles:BTC:1m']),
    socket(1, 'trades', [trade(1), trade(2), trade(1)]),
    socket(2, 'bbo', {coin: 'BTC', time: AT, bbo: [level('1.0'), null]}),
    socket(3, 'l2Book', {coin: 'BTC', time: AT, levels: [[level('1.0'), level('0.5')], []], fast: true}),
    socket(4, 'activeAssetCtx', {coin: 'BTC', ctx: context('5.0')}),
    socket(4, 'activeAssetCtx', {coin: 'BTC', ctx: context('6.0')}),
    socket(5, 'candle', candle(0)),
  ])
  await record([socket(61_000, 'candle', candle(60_000)), socket(61_001, 'trades', [trade(2), trade(3)])])
  await record([socket(67_000, 'candle', candle(60_000)), socket(70_000, 'candle', candle(0, {v: '9.0'}))])
}
const rebuild = async (table: string, verify = true) => lakeRebuild(await deskAt(root), {table, source: null, verify})

describe('rebuilding from raw frames', () => {
  it('gives every table as the lake holds it, however the frames were cut into batches', async () => {
    await recordAll()
    const rows: Record<string, number> = {}
    for (const table of REBUILT_TABLES.filter((name) => name !== 'funding')) {
      const result = await rebuild(table)
      expect(result, table).toMatchObject({ok: true, equal: true, difference: null, frames: 11, source: SOURCE})
      rows[table] = result.rows
    }
    expect(rows).toEqual({trades: 3, bbo: 1, book: 1, asset_ctx: 1, candles: 1})
  })

  it('gives the same content hash in another workspace, and another one for other content', async () => {
    await recordAll()
    const {dataSha} = await rebuild('trades')
    const elsewhere = newWorkspace('sim')
    removeWorkspace(root)
    root = elsewhere
    desk = await deskAt(root)
    await recordAll()
    expect((await rebuild('trades')).dataSha).toBe(dataSha)
    await record([socket(80_000, 'trades', [trade(9)])])
    expect((await rebuild('trades')).dataSha).not.toBe(dataSha)
  })

  it('names the first key that the lake lacks, and appends it when it may', async () => {
    const real = desk
    // A coalescer that forgets one row, as a defect would.
    desk = {
      ...real,
      wal: real.wal,
      lake: new Proxy(real.lake, {
        get: (lake, name) =>
          name !== 'append'
            ? lake[name as keyof typeof lake]
            : (batch: Parameters<typeof lake.append>[0]) => {
                const {count, columns} = batch.rows
                const less = Object.entries(columns).map(([column, cells]) => [column, cells.slice(0, count - 1)])
                return lake.append({
                  ...batch,
                  rows: {...batch.rows, count: count - 1, columns: Object.fromEntries(less)},
                })
              },
      }),
    }
    await record([socket(1, 'trades', [trade(1), trade(2), trade(3)])])
    expect(await rebuild('trades')).toMatchObject({
      ...{ok: false, equal: false, rows: 3, appended: 0},
      difference: {key: `BTC ${AT + 3} 3`},
    })
    expect(await rebuild('trades', false)).toMatchObject({ok: true, appended: 1, difference: null})
    expect(await rebuild('trades')).toMatchObject({ok: true, equal: true})
  })

  it('names a row that the frames tell differently, or not at all, and replaces nothing', async () => {
    await record([socket(1, 'trades', [trade(1), trade(2)])])
    const row = (tid: string, px: number): Parameters<Desk['lake']['append']>[0] => ({
      ...{table: Trades, venue: 'sim', source: SOURCE, receivedAt: AT + 9, frames: {source: SOURCE, from: 1, to: 1}},
      rows: {
        count: 1,
        columns: {
          ...{coin: ['BTC'], tid: [tid], aggressor: ['sell'], ts: Float64Array.of(AT + Number(tid))},
          ...{px: Float64Array.of(px), sz: Float64Array.of(0.00036), available_at: Float64Array.of(AT + 9)},
        },
      },
    })
    await desk.lake.append(row('2', 5))
    expect(await rebuild('trades', false)).toMatchObject({ok: false, appended: 0, difference: {key: `BTC ${AT + 2} 2`}})
    await desk.lake.append(row('2', 84143))
    expect(await rebuild('trades')).toMatchObject({ok: true})
    await desk.lake.append(row('7', 5))
    expect(await rebuild('trades')).toMatchObject({ok: false, difference: {key: `BTC ${AT + 7} 7`}})
  })

  it('is refused where no raw frames are', async () => {
    await expect(rebuild('trades')).rejects.toMatchObject({code: 'lake.no_frames', exitCode: 4})
  })
})
