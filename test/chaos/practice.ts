import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Trades} from '../../src/contracts/market.ts'
import type {LakePort} from '../../src/desk.ts'
import {newWorkspace} from '../ingest/workspace.ts'
import {type Child, jsonOf, openLakeAt, QO, sleep, start, startQo, until} from './children.ts'
import {type FaultProxy, openFaultProxy} from './fault-proxy.ts'

/** One line of the venue's own wire log. */
export interface Wire {
  readonly wall: number
  readonly time: number
  readonly conn: number
  readonly dir: 'in' | 'out'
  readonly channel: string | null
  readonly coin: string | null
  readonly sent: boolean
  readonly fault: string | null
  readonly text: string
}

interface Trade {
  readonly coin: string
  readonly time: number
  readonly tid: number
}

/** Where the recorder ended, as it says and as the venue knows. */
export interface Judged {
  /** trades of the venue's tape in the recorded span; the same without those in a recorded hole and not in the lake */
  readonly sent: number
  readonly lost: number
  readonly lostAt: readonly string[]
  readonly inGaps: number
  /** trade rows in the lake, and those that stand twice */
  readonly committed: number
  readonly duplicated: number
}

/** Frames travel up to 0.3 s; a stamp may lie that much and the pause of a busy machine behind the venue's time. */
const TRAVEL_MS = 1500

/** The practice venue in a process of its own, a proxy before it, and a workspace that records through the proxy. */
export class Practice {
  readonly root: string
  readonly proxy: FaultProxy
  readonly #sim: Child
  readonly #url: string

  private constructor(root: string, proxy: FaultProxy, sim: Child, url: string) {
    this.root = root
    this.proxy = proxy
    this.#sim = sim
    this.#url = url
  }

  static async open({scenario = 'calm', seed = 7, words = [] as string[]} = {}): Promise<Practice> {
    const sim = start(
      process.execPath,
      [QO, 'sim', 'serve', '--scenario', scenario, '--seed', String(seed), '--port', '0', ...words],
      {cwd: tmpdir()},
    )
    await until(() => sim.out.text.includes('\n'), 60_000, 'the practice venue')
    const {url, ...told} = JSON.parse(sim.out.text.split('\n')[0]!) as {url: string} & Record<string, unknown>
    const proxy = await openFaultProxy({port: Number(new URL(url).port)}, `practice|${scenario}|${seed}`)
    const root = newWorkspace('sim')
    mkdirSync(join(root, 'data/state'), {recursive: true})
    const {artifact, pid, network, weightPerMinute} = told
    const endpoint = {artifact, url: `http://127.0.0.1:${proxy.port}`, pid, scenario, seed, network, weightPerMinute}
    writeFileSync(join(root, 'data/state/sim.json'), JSON.stringify(endpoint))
    return new Practice(root, proxy, sim, url)
  }

  get env(): NodeJS.ProcessEnv {
    return {...process.env, QO_BUDGET_DIR: join(this.root, 'budget'), QO_STATE: ''}
  }

  /** Past the proxy: the hand that makes the faults does not suffer them. */
  async control<T = Record<string, unknown>>(path: string, body: object = {}): Promise<T> {
    const response = await fetch(`${this.#url}/_sim/${path}`, {method: 'POST', body: JSON.stringify(body)})
    if (!response.ok) throw new Error(`/_sim/${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }

  fault(id: string, more: object = {}): Promise<unknown> {
    return this.control('fault', {id, ...more})
  }

  async now(): Promise<number> {
    return (await this.control<{time: number}>('state')).time
  }

  async wire(): Promise<readonly Wire[]> {
    return (await this.control<{entries: Wire[]}>('log', {limit: 20_000})).entries
  }

  /** A recorder; resolves once every stream asked for has sent something. */
  async record(words: readonly string[], {warmMs = 1500} = {}): Promise<Child> {
    const child = startQo(this.root, ['ingest', 'stream', '--json', '--commit-every', '3s', ...words], {env: this.env})
    const isFlowing = async (): Promise<boolean> => {
      if (child.process.exitCode !== null)
        throw new Error(`the recorder has ended: ${child.out.text}${child.out.errors}`)
      const last = (await this.wire()).filter(({dir, channel, sent}) => dir === 'out' && sent && channel !== null)
      return last.some(({channel}) => channel !== 'subscriptionResponse')
    }
    await until(isFlowing, 120_000, 'the first frame')
    await sleep(warmMs)
    return child
  }

  /** Ask the recorder to stop, as a service manager does. */
  async finish(child: Child): Promise<Record<string, unknown>> {
    child.process.kill('SIGTERM')
    const {status} = await child.ended
    const json = jsonOf(child.out.text)
    // 4: the recorder's own audit found a loss; the tape decides, and says which trades.
    if (status !== 0 && status !== 4)
      throw new Error(`the recorder left ${status}: ${child.out.text}${child.out.errors}`)
    return json
  }

  /**
   * The lake against the venue's own tape, without asking the recorder: every trade of these coins is stored, or lies in
   * a hole that the ledger names.
   *
   * @param from,to  venue time, epoch ms; the recorded span
   */
  async judge(coins: readonly string[], from: number, to: number): Promise<Judged> {
    const lake = openLakeAt(this.root)
    const commits = await lake.commits()
    const gaps = commits.flatMap(({table, gaps: holes}) => (table === 'trades' ? holes : []))
    let [sent, inGaps, committed] = [0, 0, 0]
    const lostAt: string[] = []
    const keys = new Set<string>()
    for (const coin of coins) {
      const {trades} = await this.control<{trades: Trade[]}>('tape', {coin, from, to})
      const stored = new Set((await this.#trades(lake, [coin])).map(({tid}) => tid))
      const holes = gaps.filter((gap) => gap.coin === coin && gap.state !== 'BACKFILLED')
      for (const {tid, time} of trades) {
        sent++
        if (stored.has(String(tid))) continue
        if (holes.some((gap) => time >= gap.from - TRAVEL_MS && time < gap.to)) inGaps++
        else lostAt.push(`${coin} ${tid}: ${time - from} ms after the start, ${to - time} ms before the end`)
      }
    }
    for (const {coin, ts, tid} of await this.#trades(lake)) {
      keys.add(`${coin}|${ts}|${tid}`)
      committed++
    }
    const added = commits.reduce((sum, one) => sum + (one.table === 'trades' ? one.added + one.revised : 0), 0)
    const duplicated = committed - keys.size + added - committed
    return {sent, lost: lostAt.length, lostAt, inGaps, committed, duplicated}
  }

  async #trades(lake: LakePort, coins?: readonly string[]): Promise<{coin: string; ts: number; tid: string}[]> {
    const {count, columns} = await lake.read({
      ...{table: Trades, venue: 'sim', columns: [], holes: 'allow', ...(coins ? {coins} : {})},
      ...{asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}},
    })
    const [coin, tid] = [columns['coin'] as readonly string[], columns['tid'] as readonly string[]]
    return Array.from({length: count}, (_, i) => ({
      coin: coin[i]!,
      ts: (columns['ts'] as Float64Array)[i]!,
      tid: tid[i]!,
    }))
  }

  /** End the venue: its wire log is whole then. */
  async settle(): Promise<void> {
    this.#sim.process.kill('SIGTERM')
    await this.#sim.ended
  }

  async stop(): Promise<void> {
    await this.proxy.close()
    await this.settle()
    rmSync(this.root, {recursive: true, force: true})
  }
}
