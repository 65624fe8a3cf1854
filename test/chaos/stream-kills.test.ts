import {createHash, type Hash} from 'node:crypto'
import {readdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {Bbo, Trades} from '../../src/contracts/market.ts'
import {openWal} from '../../src/io/wal/index.ts'
import {Random} from '../../src/kernel/random.ts'
import {newWorkspace} from '../ingest/workspace.ts'
import {jsonOf, openLakeAt, qo, sleep, startQo} from './children.ts'
import {type DenseVenue, openDenseVenue} from './dense-venue.ts'
import {keepScore} from './score.ts'

const KILLS = Number(process.env['QO_CHAOS_KILLS'] ?? 200)
const SOURCE = 'hyperliquid-ws'
/** Frames are on disk within a quarter of a second; a busy machine takes longer to say so. */
const UNDERWAY_MS = 2000

it(`kill -9 of qo ingest stream, ${KILLS} times while a million rows stream in: nothing lost, nothing twice`, async () => {
  const random = new Random('qo-test|stream-kills|v1')
  const venue = await openDenseVenue({tradesPerFrame: 24})
  const root = newWorkspace('hyperliquid')
  const env = {...process.env, QO_HYPERLIQUID_URL: venue.url, QO_BUDGET_DIR: join(root, 'budget')}
  const words = ['ingest', 'stream', '--coins', venue.coins.join(','), '--channels', 'trades,bbo', '--json']
  const disk = new FramesOnDisk(root)
  try {
    // How long this machine, busy as it is, takes to load, connect and commit.
    const begun = performance.now()
    expect((await startQo(root, [...words, '--for', '1s'], {env}).ended).status).toBe(0)
    const usual = performance.now() - begun - 1000
    await disk.readOn()
    let killedAt: number | null = null
    let [recoverMs, sessions] = [0, 0]
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startQo(root, [...words, '--commit-every', '1s'], {env})
      // Some die while they load, some while they bring the last one's frames into the lake, most while they record.
      const isEarly = random.unit() < 0.2
      const waited = isEarly
        ? sleep(usual * random.unit())
        : untilItRecords(root).then(() => sleep(1500 * random.unit()))
      await Promise.race([waited, child.ended])
      child.process.kill('SIGKILL')
      const {signal} = await child.ended
      expect(signal, child.out.text + child.out.errors).toBe('SIGKILL')
      const first = await disk.readOn()
      if (first !== null) {
        sessions++
        if (killedAt !== null) recoverMs = Math.max(recoverMs, first - killedAt)
        killedAt = Date.now()
      }
    }
    const last = startQo(root, [...words, '--for', '3s'], {env})
    expect((await last.ended).status, last.out.text + last.out.errors).toBe(0)
    const stoppedAt = Date.parse(jsonOf(last.out.text)['to'] as string)
    await venue.stop()

    // Every frame that was ever seen on disk is in the archive, unchanged, and their numbers have no hole.
    const seen = disk.digest()
    const whole = new FramesOnDisk(root)
    await whole.readOn(disk.last)
    expect(whole.digest()).toBe(seen)
    expect(whole.holes).toBe(0)
    await whole.readOn()

    const verified = await qo(root, 'lake', 'verify', '--deep')
    expect(verified, JSON.stringify(verified.json)).toMatchObject({status: 0, json: {ok: true, problems: []}})
    for (const table of ['trades', 'bbo']) {
      const rebuilt = await qo(root, 'lake', 'rebuild', '--table', table, '--verify')
      expect(rebuilt, JSON.stringify(rebuilt.json)).toMatchObject({status: 0, json: {ok: true, equal: true}})
    }
    const judged = await againstTape(root, venue, stoppedAt)
    keepScore({
      scenario: `kill -9 × ${KILLS}: qo ingest stream`,
      ...{sent: judged.sent, committed: judged.rows, lost: judged.lost, duplicated: judged.duplicated, recoverMs},
      seen: `${sessions} sessions recorded, ${whole.last} raw frames, ${judged.inGaps} trades in recorded gaps`,
    })
    expect(judged).toMatchObject({lost: 0, duplicated: 0, unknown: 0})
    // The rest died while loading or committing, which is meant to be hit as well.
    expect(sessions).toBeGreaterThan(KILLS / 3)
    if (KILLS >= 200) expect(judged.rows).toBeGreaterThan(1_000_000)
  } finally {
    await venue.stop().catch(() => undefined)
    rmSync(root, {recursive: true, force: true})
  }
})

/** A new segment of its log grows; or a while passes, and it dies while whatever keeps it. */
async function untilItRecords(root: string): Promise<void> {
  const before = newestSegment(root)
  for (let look = 0; look < 200 && newestSegment(root) <= before; look++) await sleep(50)
}

/** Name of the newest segment that holds anything; names are numbers of frames and sort like them. */
function newestSegment(root: string): string {
  const folder = join(root, 'data/lake/wal', SOURCE)
  const filled = readdirSync(folder).filter((name) => {
    return name.endsWith('.wal') && (statSync(join(folder, name), {throwIfNoEntry: false})?.size ?? 0) > 0
  })
  return filled.sort().at(-1) ?? ''
}

/** Raw frames as a reader finds them, followed from kill to kill. */
class FramesOnDisk {
  readonly #root: string
  readonly #hash: Hash = createHash('sha256')
  last = 0
  holes = 0

  constructor(root: string) {
    this.#root = root
  }

  /** Read what is new, up to `to`; returns when the first new socket frame had come, epoch ms. */
  async readOn(to = Number.POSITIVE_INFINITY): Promise<number | null> {
    let first: number | null = null
    for await (const frames of await openWal(this.#root, {dryRun: true}).read(SOURCE, this.last, to + 1)) {
      for (const {seq, kind, receivedAt, bytes} of frames) {
        if (seq !== this.last + 1) this.holes++
        this.last = seq
        this.#hash.update(`${seq} ${kind} ${receivedAt} `).update(bytes)
        if (kind === 'socket') first ??= receivedAt
      }
    }
    return first
  }

  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}

/** The lake against what the venue knows that it traded. */
async function againstTape(root: string, venue: DenseVenue, stoppedAt: number) {
  const lake = openLakeAt(root)
  const everything = {
    asOf: Number.MAX_SAFE_INTEGER,
    purpose: {kind: 'live'},
    holes: 'allow',
    venue: 'hyperliquid',
  } as const
  const trades = await lake.read({...everything, table: Trades, columns: []})
  const quotes = await lake.read({...everything, table: Bbo, columns: []})
  const stored = new Map<string, number>()
  for (const tid of trades.columns['tid'] as readonly string[]) stored.set(tid, (stored.get(tid) ?? 0) + 1)
  const commits = await lake.commits()
  const added = commits.filter(({table}) => table !== 'frames').reduce((sum, one) => sum + one.added + one.revised, 0)
  const gaps = commits.flatMap(({table, gaps: holes}) => (table === 'trades' ? holes : []))
  const ts = trades.columns['ts'] as Float64Array
  const coins = trades.columns['coin'] as readonly string[]
  const firstOf = new Map<string, number>()
  for (const [i, coin] of coins.entries())
    firstOf.set(coin, Math.min(firstOf.get(coin) ?? Number.POSITIVE_INFINITY, ts[i]!))
  let [sent, lost, inGaps, duplicated] = [0, 0, 0, 0]
  for (const [coin, name] of venue.coins.entries()) {
    const holes = gaps.filter((gap) => gap.coin === name)
    const from = firstOf.get(name)!
    for (const [i, time] of venue.times[coin]!.entries()) {
      const key = String(venue.tidOf(coin, i))
      const times = stored.get(key) ?? 0
      stored.delete(key)
      duplicated += Math.max(0, times - 1)
      if (time < from || (times === 0 && time > stoppedAt - UNDERWAY_MS)) continue
      sent++
      if (times > 0) continue
      // Holes are told in receive times, which lie a little behind the venue's.
      if (holes.some((gap) => time >= gap.from - UNDERWAY_MS && time < gap.to)) inGaps++
      else lost++
    }
  }
  duplicated += added - trades.count - quotes.count
  return {sent, rows: trades.count + quotes.count, lost, inGaps, duplicated, unknown: stored.size}
}
