import {type ChildProcess, spawn} from 'node:child_process'
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {cloidOf, type Intent} from '../../src/contracts/orders.ts'
import type {GuardEndpoint} from '../../src/contracts/workspace.ts'
import type {GuardPort, JournalEntry} from '../../src/desk.ts'
import {connectGuard} from '../../src/io/guard-client.ts'
import {openChain} from '../../src/io/journal.ts'
import {type RunningSim, serveSim} from '../../src/sim/serve.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const TSX = import.meta.resolve('tsx')

/** A workspace with the shipped limits, three coins allowed by name, and nothing running. */
export function paperWorkspace(): {root: string; state: string} {
  const root = mkdtempSync(join(tmpdir(), 'qo-guard-'))
  const state = join(root, 'data/state')
  mkdirSync(join(root, 'configs'), {recursive: true})
  mkdirSync(state, {recursive: true, mode: 0o700})
  copyFileSync(join(repository, 'configs/qo.yaml'), join(root, 'configs/qo.yaml'))
  writeLimits(root, (text) => text)
  return {root, state}
}

export function writeLimits(root: string, change: (text: string) => string): void {
  const shipped = readFileSync(join(repository, 'configs/risk_limits.yaml'), 'utf8')
  writeFileSync(
    join(root, 'configs/risk_limits.yaml'),
    change(shipped.replace(/allow: selected.*/, 'allow: [BTC, ETH, SOL]')),
  )
}

/** The practice venue inside the test process, with its state at hand. */
export const startVenue = (state: string, stepped = false): Promise<RunningSim> =>
  serveSim({scenario: 'demo', seed: 7, port: 0, stateDir: state, stepped})

export interface RunningGuard {
  readonly process: ChildProcess
  readonly endpoint: GuardEndpoint
  readonly port: GuardPort
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Run src/guard/main.ts, behind another command if one is given; resolves with its line and exit status when it ends. */
export function runGuard(
  root: string,
  flags: readonly string[] = [],
  before: readonly string[] = [],
): {
  child: ChildProcess
  line: Promise<Record<string, unknown>>
  exit: Promise<number | null>
} {
  const entry = ['--import', TSX, join(repository, 'src/guard/main.ts'), '--root', root, ...flags]
  const [command, ...words] = [...before, process.execPath, ...entry]
  const child = spawn(command!, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {...process.env, QO_STATE: ''},
  })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = new Promise<Record<string, unknown>>((resolve, reject) => {
    let out = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes('\n')) resolve(JSON.parse(out.split('\n')[0]!))
    })
    void exit.then((status) => reject(new Error(`the guard ended with ${status} and said nothing`)))
  })
  line.catch(() => undefined)
  return {child, line, exit}
}

export async function startGuard({root, state}: {root: string; state: string}): Promise<RunningGuard> {
  const {child, line, exit} = runGuard(root)
  const endpoint = (await line) as unknown as GuardEndpoint
  const port = await connectGuard(state)
  if (port === null) throw new Error(`no guard answers: ${JSON.stringify(endpoint)}`)
  return {
    process: child,
    endpoint,
    port,
    stop(signal = 'SIGTERM') {
      port.close()
      child.kill(signal)
      return exit
    },
  }
}

let lastBar = Date.parse('2026-01-01T00:00:00Z')

/** An intent of its own (strategy, bar): no two share a cloid. */
export function intentFor(over: Partial<Intent> & Pick<Intent, 'coin' | 'px' | 'sz'>): Intent {
  lastBar += 86_400_000
  const intent = {
    ...{strategy: 'test', parent: `p${lastBar}`, bar: lastBar, seq: 0},
    ...{side: 'buy' as const, tif: 'Gtc' as const, reduceOnly: false},
    ...over,
  }
  return {...intent, cloid: cloidOf(intent)}
}

export async function info(sim: RunningSim, body: Record<string, unknown>): Promise<unknown> {
  return post(sim, '/info', body)
}

export async function post(sim: RunningSim, path: string, body: Record<string, unknown>): Promise<unknown> {
  const response = await fetch(`${sim.endpoint.url}${path}`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(body),
  })
  return response.json()
}

/** Best bid and ask of a coin. */
export async function touch(sim: RunningSim, coin: string): Promise<{bid: string; ask: string}> {
  const book = (await info(sim, {type: 'l2Book', coin})) as {levels: {px: string}[][]}
  return {bid: book.levels[0]![0]!.px, ask: book.levels[1]![0]!.px}
}

/** A price on the grid about half a percent below the best bid: it rests and is inside every collar. */
export async function belowTouch(sim: RunningSim, coin: string): Promise<string> {
  const {bid} = await touch(sim, coin)
  return String(Math.floor(Number(bid) * 0.995))
}

/** A price on the grid about half a percent above the best ask: it trades even when the market moves meanwhile. */
export async function aboveTouch(sim: RunningSim, coin: string): Promise<string> {
  const {ask} = await touch(sim, coin)
  return String(Math.floor(Number(ask) * 1.005))
}

export async function holdings(
  sim: RunningSim,
  user: string,
): Promise<{orders: unknown[]; positions: Record<string, string>}> {
  const orders = (await info(sim, {type: 'frontendOpenOrders', user})) as unknown[]
  const state = (await info(sim, {type: 'clearinghouseState', user})) as {
    assetPositions: {position: {coin: string; szi: string}}[]
  }
  return {
    orders,
    positions: Object.fromEntries(state.assetPositions.map(({position}) => [position.coin, position.szi])),
  }
}

export const guardJournal = (root: string): Promise<JournalEntry[]> =>
  openChain(join(root, 'data/journal/guard.jsonl')).read()
export const eventLog = (state: string): Promise<JournalEntry[]> => openChain(join(state, 'guard/events.jsonl')).read()

/** Wait until something is true; fails loudly after `ms`. */
export async function until(what: string, test: () => Promise<boolean> | boolean, ms = 30_000): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end) {
    if (await test()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`not within ${ms} ms: ${what}`)
}

export const haltState = async (state: string): Promise<unknown> =>
  existsSync(join(state, 'guard/events.jsonl'))
    ? (await eventLog(state)).findLast(({kind}) => kind === 'state')?.body['state']
    : undefined
