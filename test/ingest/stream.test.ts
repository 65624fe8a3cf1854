import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, type onTestFinished} from 'vitest'
import type {Desk, WalWriter} from '../../src/desk.ts'
import {Fault} from '../../src/kernel/fault.ts'
import {coalesceWal} from '../../src/operations/coalesce-wal.ts'
import {ingestStream} from '../../src/operations/ingest-stream.ts'
import type {StreamRequest} from '../../src/operations/ingest-stream-plan.ts'
import {type RunningSim, serveSim} from '../../src/sim/serve.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const REQUEST: StreamRequest = {
  ...{forMs: 4000, until: null, coins: ['BTC', 'ETH'], fromSelected: false, channels: []},
  ...{commitEveryMs: 2000, connectTimeoutMs: 30_000, stopRequested: () => false},
}

interface Place {
  readonly root: string
  readonly sim: RunningSim
  readonly desk: Desk
  control(path: string, body?: object): Promise<unknown>
  record(rest?: Partial<StreamRequest>): ReturnType<typeof ingestStream>
}

/** A workspace with a practice venue of its own that misbehaves as told. */
async function place(done: typeof onTestFinished, ...faults: readonly object[]): Promise<Place> {
  const root = newWorkspace('sim')
  const sim = await serveSim({scenario: 'demo', seed: 7, port: 0, stateDir: join(root, 'data/state')})
  const desk = await deskAt(root)
  const control = async (path: string, body: object = {}): Promise<unknown> =>
    (await fetch(`${sim.endpoint.url}/_sim/${path}`, {method: 'POST', body: JSON.stringify(body)})).json()
  for (const fault of faults) expect(await control('fault', fault)).toHaveProperty('armed')
  done(async () => {
    await sim.stop()
    removeWorkspace(root)
  })
  return {root, sim, desk, control, record: (rest = {}) => ingestStream(desk, {...REQUEST, ...rest})}
}

/** Gaps of a result as `table coin`, sorted and once each. */
const holes = ({gaps}: Awaited<ReturnType<typeof ingestStream>>): string[] =>
  [...new Set(gaps.told.map(({table, coin}) => `${table} ${coin}`))].sort()
const ALL = ['asset_ctx', 'bbo', 'book', 'candles', 'trades'].flatMap((table) => [`${table} BTC`, `${table} ETH`])

// Each waits for time to pass more than it works.
describe.concurrent('qo ingest stream on a venue that behaves', () => {
  it('stores every trade of the venue’s tape, leaves rows, manifests and a report, and finds nothing stale', async ({
    onTestFinished: done,
  }) => {
    const {root, record, desk} = await place(done)
    const result = await record()
    expect(result).toMatchObject({ok: true, ended: 'time-up', connects: 1, reconnects: 0, rejected: {}})
    expect(result.audit).toMatchObject({lost: 0, inGaps: 0, stored: result.audit!.venueTrades})
    expect(result.audit!.venueTrades).toBeGreaterThan(10)
    expect([result.gaps.total, result.staleActions.total]).toEqual([0, 0])
    for (const table of ['trades', 'bbo', 'book', 'asset_ctx']) expect(result.rowsByTable[table]).toBeGreaterThan(0)
    for (const path of result.paths) expect(existsSync(join(root, path))).toBe(true)
    expect(result.paths).toContain('data/manifests/trades-sim.json')
    expect(readFileSync(join(root, 'reports/ingest/sim-stream.md'), 'utf8')).toContain('| lost | 0 |')
    expect(await desk.wal.segments('sim-ws')).toEqual([])
  })

  it('ends in order when asked, and the next recording goes on from there', async ({onTestFinished: done}) => {
    const {record, desk} = await place(done)
    const end = Date.now() + 2500
    expect(await record({forMs: null, stopRequested: () => Date.now() > end})).toMatchObject({ok: true, ended: 'asked'})
    expect(await record({forMs: 2500})).toMatchObject({ok: true})
    const gaps = (await desk.lake.commits()).flatMap(({table, gaps: told}) =>
      told.map((gap) => `${table} ${gap.cause}`),
    )
    expect(gaps).toContain('book not recording')
  })

  it('connects nothing under --dry-run and says what it would take', async ({onTestFinished: done}) => {
    const {root, sim, record} = await place(done)
    const dry = {...(await deskAt(root)), dryRun: true}
    expect(await ingestStream(dry, REQUEST)).toMatchObject({
      dryRun: true,
      plan: {streams: 10, sockets: 1, messages: 10},
    })
    expect(sim.state.listing.length).toBeGreaterThan(2)
    expect(existsSync(join(root, 'data/lake'))).toBe(false)
    expect(record).toBeTypeOf('function')
  })

  it('never sends a coin that the venue does not list, and names the nearest', async ({onTestFinished: done}) => {
    const {record, control} = await place(done)
    await expect(record({coins: ['BTC', 'btc']})).rejects.toMatchObject({code: 'stream.unknown_coin', exitCode: 2})
    await expect(record({coins: ['ETHH']})).rejects.toMatchObject({
      suggestions: expect.arrayContaining(['qo ingest stream --coins ETH']),
    })
    const log = JSON.stringify(await control('log', {from: 0, limit: 100}))
    expect(log).not.toContain('subscribe')
  })

  it('refuses more streams than the venue allows an address', async ({onTestFinished: done}) => {
    const {record, root} = await place(done)
    const {mkdirSync, writeFileSync} = await import('node:fs')
    mkdirSync(join(root, 'configs'), {recursive: true})
    const intervals = '[1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 8h, 12h, 1d]'
    writeFileSync(
      join(root, 'configs/ingest.yaml'),
      `artifact: ingest@1\nintervals: [1d]\nfunding: true\noutlier_robust_sd: 8\nstream: {channels: [candle], intervals: ${intervals}, commit_every: 5m}\n`,
    )
    const many = await record({coins: [], forMs: 500}).catch((cause: unknown) => cause)
    if (many instanceof Fault) expect(many.code).toBe('stream.too_many')
    else expect((many as {plan: {streams: number}}).plan.streams).toBeLessThanOrEqual(1000)
  })
})

describe.concurrent('qo ingest stream on a venue that does not', () => {
  it('dropped in the middle of a frame: reconnects, and every stream has its hole', async ({onTestFinished: done}) => {
    const {record} = await place(done, {id: 'ws.drop.1006', after: 60})
    const result = await record({forMs: 6000})
    expect(result).toMatchObject({ok: true, connects: 2, reconnects: 1, audit: {lost: 0}})
    expect(holes(result)).toEqual(ALL)
    expect(result.gaps.told.filter(({table}) => table === 'trades').every(({state}) => state === 'BACKFILLED')).toBe(
      true,
    )
  })

  it('half open: the silence is noticed within 6 s and the socket ended', async ({onTestFinished: done}) => {
    const {record} = await place(done, {id: 'ws.halfopen', after: 60, durMs: 60_000})
    const result = await record({forMs: 11_000})
    expect(result).toMatchObject({ok: true, connects: 2, audit: {lost: 0}})
    const ended = result.staleActions.told.find(({what}) => what === 'socket')
    expect(ended).toMatchObject({action: 'reconnect', cause: 'socket silent'})
    expect(ended!.silentMs).toBeLessThanOrEqual(6000)
    expect(holes(result)).toEqual(ALL)
  })

  it('one stream silent: only that stream is asked for again, within 6 s', async ({onTestFinished: done}) => {
    const {record} = await place(done, {id: 'ws.gap', scope: 'l2Book:BTC', after: 3, durMs: 11_000})
    const result = await record({forMs: 14_000})
    expect(result).toMatchObject({ok: true, connects: 1, audit: {lost: 0}})
    expect(result.staleActions.told[0]).toMatchObject({what: 'book:BTC', action: 'resubscribe'})
    expect(result.staleActions.told[0]!.silentMs).toBeLessThanOrEqual(6000)
    expect(holes(result)).toEqual(['book BTC'])
  })

  it('prints dropped for two seconds while the stream flows on: the bar tells, and the hole is recorded', async ({
    onTestFinished: done,
  }) => {
    const {record} = await place(done, {id: 'ws.gap', scope: 'trades:BTC', after: 6, durMs: 2000})
    const result = await record({forMs: 10_000})
    expect(result).toMatchObject({ok: true, audit: {lost: 0}})
    expect(holes(result)).toEqual(['trades BTC'])
  })

  it('frames twice, out of order and replayed: each trade is stored once', async ({onTestFinished: done}) => {
    const {record} = await place(
      done,
      {id: 'ws.dup', after: 20, count: 30},
      {id: 'ws.reorder', scope: 'trades:BTC', after: 10, count: 1},
      {id: 'ws.snapshot.replay', after: 4, count: 3},
    )
    const result = await record({forMs: 7000})
    expect(result).toMatchObject({ok: true, connects: 1, audit: {lost: 0, inGaps: 0}})
    expect(result.duplicates).toBeGreaterThan(30)
  })

  it('broken, cut, mistyped and unknown frames: counted, kept raw, survived, and no trade is lost with them', async ({
    onTestFinished: done,
  }) => {
    const {record} = await place(
      done,
      {id: 'json.malformed', after: 30, count: 3},
      {id: 'json.truncated', after: 60, count: 3},
      {id: 'json.type', scope: 'trades', after: 8, count: 2},
      {id: 'json.enum', scope: 'trades', after: 12, count: 2},
      {id: 'json.channel', scope: 'trades', after: 16, count: 2},
    )
    const result = await record({forMs: 9000})
    expect(result).toMatchObject({ok: true, connects: 1, audit: {lost: 0}})
    expect(result.rejected).toMatchObject({'no JSON': 6, 'mistyped trades': 4, 'unknown channel': 2})
    expect(result.rejectedRows).toBeGreaterThanOrEqual(12)
  })

  it('a frame of 20 MB: described in the quarantine, not kept', async ({onTestFinished: done}) => {
    const {root, record} = await place(done, {id: 'json.huge', after: 40})
    const result = await record({forMs: 5000})
    expect(result).toMatchObject({ok: true, connects: 1, rejected: {'larger than 1 MiB': 1}, audit: {lost: 0}})
    const [name] = readdirSync(join(root, 'data/quarantine')).filter((file) => file.startsWith('frame-'))
    const note = JSON.parse(readFileSync(join(root, 'data/quarantine', name!), 'utf8')) as {bytes: number; head: string}
    expect(note.bytes).toBeGreaterThan(20_000_000)
    expect(note.head.length).toBe(4096)
  })

  it('acknowledgements lost and late: what comes is taken, nothing is subscribed twice', async ({
    onTestFinished: done,
  }) => {
    const {record, control} = await place(
      done,
      {id: 'ws.ack.lost', count: 3},
      {id: 'ws.ack.late', count: 3, durMs: 1500},
    )
    const result = await record()
    expect(result).toMatchObject({ok: true, connects: 1, rejected: {}, staleActions: {total: 0}, audit: {lost: 0}})
    expect(JSON.stringify(await control('log', {from: 0, limit: 1000}))).not.toContain('Already subscribed')
  })

  it('handshakes refused: it waits, counts and comes back', async ({onTestFinished: done}) => {
    const {record} = await place(done, {id: 'ws.handshake.429', count: 2}, {id: 'ws.handshake.502', count: 1})
    expect(await record({forMs: 8000})).toMatchObject({ok: true, connects: 4, refused: 3, audit: {lost: 0}})
  })

  it('no frame ever: gives up with exit 6 after --connect-timeout', async ({onTestFinished: done}) => {
    const {record} = await place(done, {id: 'ws.handshake.502', count: 1000})
    const refused = record({connectTimeoutMs: 1500})
    await expect(refused).rejects.toMatchObject({code: 'venue.unreachable', exitCode: 6})
  })
})

describe('a disk that fails under a recording', () => {
  it('ends it with the fault of the log; what was acknowledged is there and comes into the lake', async ({
    onTestFinished: done,
  }) => {
    const {desk, root} = await place(done)
    let acknowledged = 0
    const failing = async (source: string): Promise<WalWriter> => {
      const wal = await desk.wal.open(source)
      return new Proxy(wal, {
        get(target, name) {
          if (name === 'append' && target.lastSeq >= 120) {
            acknowledged = target.durableSeq
            throw new Fault('wal.disk_full', {family: 'data', what: 'full', why: 'full', next: []})
          }
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    }
    const broken: Desk = {
      ...desk,
      wal: new Proxy(desk.wal, {get: (wal, name) => (name === 'open' ? failing : Reflect.get(wal, name))}),
    }
    await expect(ingestStream(broken, {...REQUEST, forMs: 20_000})).rejects.toMatchObject({
      code: 'wal.disk_full',
      exitCode: 4,
    })
    expect(acknowledged).toBeGreaterThan(0)
    const {upTo} = await coalesceWal(await deskAt(root), 'sim-ws')
    expect(upTo).toBeGreaterThanOrEqual(acknowledged)
  })
})
