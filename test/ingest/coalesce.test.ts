import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {AssetCtx, Bbo, Candles, Trades} from '../../src/contracts/market.ts'
import type {Desk, LakeQuery, Rows} from '../../src/desk.ts'
import {coalesceWal} from '../../src/operations/coalesce-wal.ts'
import {AT, candle, mark, type Said, session, socket, trade} from '../sensory/frames/frames.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const SOURCE = 'sim-ws'
let root: string
let desk: Desk

beforeEach(async () => {
  root = newWorkspace('sim')
  desk = await deskAt(root)
})
afterEach(() => removeWorkspace(root))

/** What a recorder leaves behind: one segment. */
async function record(said: readonly Said[], at: Desk = desk): Promise<void> {
  const writer = await at.wal.open(SOURCE)
  for (const {at: ms, kind = 'socket', text} of said) writer.append(kind, AT + ms, Buffer.from(text))
  await writer.close()
}

const query = (table: LakeQuery['table'], rest: Partial<LakeQuery> = {}): LakeQuery => ({
  ...{table, venue: 'sim', asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}, holes: 'allow'},
  ...rest,
})
const read = async (table: LakeQuery['table'], rest: Partial<LakeQuery> = {}): Promise<Rows> =>
  (await deskAt(root)).lake.read(query(table, rest))
const column = (rows: Rows, name: string): unknown[] => Array.from(rows.columns[name] as ArrayLike<unknown>)
const tids = async (): Promise<unknown[]> => column(await read(Trades), 'tid').sort()

describe('raw frames on their way into the lake', () => {
  it('leave rows, then themselves, with the frames they came from in each commit', async () => {
    await record([
      session(0, ['trades:BTC']),
      socket(5, 'trades', [trade(1), trade(2)]),
      socket(6, 'bbo', {coin: 'BTC', time: AT, bbo: [null, null]}),
    ])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({frames: 3, upTo: 3, added: 3, rejected: 0, commits: 3})
    const commits = await desk.lake.commits()
    expect(commits.map(({table, frames}) => [table, frames])).toEqual(
      ['trades', 'bbo', 'frames'].map((table) => [table, {source: SOURCE, from: 1, to: 3}]),
    )
    expect(commits[2]!.files[0]).toMatchObject({rows: 3, min_ts: AT, max_ts: AT + 6})
    expect(await read(Bbo)).toMatchObject({count: 1})
    expect(column(await read(Trades), 'available_at')).toEqual([AT + 5, AT + 5])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({frames: 0, commits: 0})
    expect(readdirSync(join(root, 'data/lake/wal', SOURCE))).toEqual(['0000000000000003.carry'])
  })

  it('store a replayed trade once, within a batch and across', async () => {
    await record([socket(0, 'trades', [trade(1), trade(2)]), socket(1, 'trades', [trade(1), trade(2), trade(3)])])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({added: 3, unchanged: 2})
    await record([socket(9, 'trades', [trade(2), trade(3), trade(4)])])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({added: 1, unchanged: 2, revised: 0})
    expect(await tids()).toEqual(['1', '2', '3', '4'])
    expect(column(await read(Trades), 'available_at')).toEqual([AT + 1, AT + 2, AT + 3, AT + 9])
  })

  it('make a revision of a row that says something else under its key', async () => {
    const ctx = (markPx: string) =>
      socket(7, 'activeAssetCtx', {
        coin: 'BTC',
        ctx: {
          markPx,
          oraclePx: '1',
          midPx: null,
          prevDayPx: '1',
          funding: '0',
          premium: null,
          openInterest: '1',
          dayNtlVlm: '1',
        },
      })
    await record([ctx('5.0'), ctx('6.0'), ctx('6.0')])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({added: 1, revised: 1, unchanged: 1})
    expect(column(await read(AssetCtx), 'mark_px')).toEqual([6])
  })

  it('carry what spans segments: a bar that ends in the next one is kept', async () => {
    await record([socket(0, 'candle', candle(0, {v: '3.0'})), socket(59_000, 'candle', candle(0, {v: '8.0'}))])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({added: 0})
    await record([socket(61_000, 'candle', candle(60_000)), socket(70_000, 'candle', candle(60_000))])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({added: 1})
    const rows = await read(Candles, {interval: '1m'})
    expect([column(rows, 'ts'), column(rows, 'volume')]).toEqual([[AT], [8]])
  })

  it('say the same again when what was carried is lost', async () => {
    await record([session(0, ['candles:BTC:1m']), socket(59_000, 'candle', candle(0, {v: '8.0'}))])
    await coalesceWal(desk, SOURCE)
    const carry = join(root, 'data/lake/wal', SOURCE, '0000000000000002.carry')
    const before = readFileSync(carry, 'utf8')
    writeFileSync(carry, before.replace('"v"', '"w"').slice(0, -1))
    await record([socket(61_000, 'candle', candle(60_000)), socket(70_000, 'candle', candle(60_000))])
    expect(await coalesceWal(await deskAt(root), SOURCE)).toMatchObject({added: 1})
    expect(column(await read(Candles, {interval: '1m'}), 'volume')).toEqual([8])
  })

  it('count what is no market data, keep its head in the quarantine, and keep the frame', async () => {
    await record([
      socket(0, 'trades', [trade(1)]),
      {at: 1, text: '{"channel":"trades","da'},
      socket(2, 'trades', [trade(2)]),
    ])
    const done = await coalesceWal(desk, SOURCE)
    expect(done).toMatchObject({added: 2, rejected: 1})
    const [head, entry] = readFileSync(join(root, done.quarantine[0]!), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(head).toMatchObject({artifact: 'quarantine@1', rows: 1})
    expect(entry).toMatchObject({seq: 2, head: '{"channel":"trades","da'})
    expect((await desk.lake.commits()).at(-1)).toMatchObject({table: 'frames', quarantined: 1})
  })

  it('turn what the recorder says into gaps of the tables it says it of', async () => {
    const lost = mark(200, {mark: 'lost', streams: ['trades:BTC'], from: AT + 100, cause: 'reset by peer'})
    await record([
      session(0, ['trades:BTC', 'bbo:BTC']),
      socket(100, 'trades', [trade(90)]),
      lost,
      mark(300, {mark: 'end', reason: 'asked'}),
    ])
    await coalesceWal(desk, SOURCE)
    await record([
      session(900, ['trades:BTC', 'bbo:BTC']),
      mark(950, {mark: 'back', streams: ['trades:BTC'], at: AT + 950, healed: false}),
    ])
    await coalesceWal(desk, SOURCE)
    const gaps = (await desk.lake.commits()).flatMap(({table, gaps: mine}) => mine.map((gap) => ({table, ...gap})))
    expect(gaps).toMatchObject([
      {table: 'trades', coin: 'BTC', from: AT + 90, to: AT + 300, state: 'OPEN'},
      {table: 'trades', coin: 'BTC', from: AT + 90, to: AT + 950, state: 'UNRECOVERABLE', cause: 'reset by peer'},
      {table: 'bbo', coin: 'BTC', from: AT, to: AT + 950, state: 'OPEN', cause: 'not recording'},
    ])
    await expect(desk.lake.read(query(Trades, {holes: 'refuse'}))).rejects.toMatchObject({exitCode: 4})
  })

  it('hold a reply that is none of the API without being stopped by it', async () => {
    const reply = (body: unknown): Said => ({
      at: 1,
      kind: 'http',
      text: JSON.stringify({
        request: {type: 'fundingHistory', coin: 'BTC'},
        ...{reply: body, askedAt: AT, receivedAt: AT + 1},
      }),
    })
    const payment = {coin: 'BTC', fundingRate: '0.0000125', premium: '0.1', time: AT - 3_600_000}
    await record([
      reply(null),
      reply([{...payment, fundingRate: 'x'}]),
      reply([payment]),
      socket(2, 'trades', [trade(1)]),
    ])
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({added: 2, rejected: 2})
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({frames: 0})
  })

  it('do nothing in a dry run', async () => {
    await record([socket(0, 'trades', [trade(1)])])
    expect(await coalesceWal({...desk, dryRun: true}, SOURCE)).toMatchObject({frames: 0})
    expect(await desk.lake.commits()).toEqual([])
  })

  it('of a segment that is still written are left alone', async () => {
    const writer = await desk.wal.open(SOURCE)
    writer.append('socket', AT, Buffer.from(socket(0, 'trades', [trade(1)]).text))
    await writer.sync()
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({frames: 0})
    await writer.rotate()
    writer.append('socket', AT + 1, Buffer.from(socket(1, 'trades', [trade(2)]).text))
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({frames: 1, added: 1})
    await writer.close()
    expect(await coalesceWal(desk, SOURCE)).toMatchObject({frames: 1, added: 1})
    expect(await tids()).toEqual(['1', '2'])
  })
})

/** Stops, as a kill would, at the k-th thing it is asked to leave. */
function killedAt(k: number, real: Desk): Desk {
  let left = k
  const dying = <Port extends object>(port: Port, name: keyof Port): Port =>
    new Proxy(port, {
      get: (target, key) =>
        key === name && left-- === 0 ? () => Promise.reject(new Error('killed')) : target[key as keyof Port],
    })
  return {
    ...real,
    lake: dying(real.lake, 'append'),
    wal: dying(real.wal, 'archive'),
    files: dying(real.files, 'writeText'),
  }
}

describe('a kill', () => {
  const said = [
    session(0, ['trades:BTC', 'bbo:BTC', 'candles:BTC:1m']),
    socket(1, 'trades', [trade(1), trade(2)]),
    socket(2, 'bbo', {coin: 'BTC', time: AT, bbo: [null, null]}),
    {at: 3, text: '{'},
    socket(4, 'candle', candle(0)),
    socket(60_001, 'candle', candle(60_000)),
    socket(66_000, 'trades', [trade(2), trade(3)]),
  ]

  it('between any two steps leaves every row once', async () => {
    let steps = 0
    for (let k = 0; ; k++) {
      const mine = newWorkspace('sim')
      const at = await deskAt(mine)
      await record(said, at)
      const end = await coalesceWal(killedAt(k, at), SOURCE).catch((error: Error) => error.message)
      const again = await coalesceWal(await deskAt(mine), SOURCE)
      const {lake} = await deskAt(mine)
      const counts = await Promise.all([Trades, Bbo].map(async (table) => (await lake.read(query(table))).count))
      const bars = await lake.read(query(Candles, {interval: '1m'}))
      expect([...counts, bars.count], `killed at step ${k}`).toEqual([3, 1, 1])
      expect((await lake.commits()).filter(({table}) => table === 'frames')).toHaveLength(1)
      expect(await lake.verify('full')).toMatchObject({problems: []})
      removeWorkspace(mine)
      steps = k
      if (end !== 'killed') {
        expect([end, again]).toMatchObject([{frames: 7, added: 5}, {frames: 0}])
        break
      }
    }
    // three tables, the quarantine, the archive
    expect(steps).toBe(5)
  })

  it('between the commit of the frames and the end of their segment leaves both, and frames once', async () => {
    await record(said)
    const segment = join(root, 'data/lake/wal', SOURCE, '0000000000000001.wal')
    const bytes = readFileSync(segment)
    await coalesceWal(desk, SOURCE)
    writeFileSync(segment, bytes)
    const seen: number[] = []
    for await (const frames of await desk.wal.read(SOURCE, 0)) seen.push(...frames.map(({seq}) => seq))
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await coalesceWal(await deskAt(root), SOURCE)).toMatchObject({frames: 0})
    await record([socket(70_000, 'trades', [trade(9)])])
    expect(await coalesceWal(await deskAt(root), SOURCE)).toMatchObject({frames: 1, upTo: 8})
    rmSync(segment, {force: true})
  })
})
