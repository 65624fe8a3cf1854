import {type ChildProcess, spawn} from 'node:child_process'
import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import type {JournalEntry} from '../../src/desk.ts'
import {openChain} from '../../src/io/journal.ts'
import type {RunningSim} from '../../src/sim/serve.ts'
import {cycle, deskOf, fillLake, startVenue, tradeWorkspace, validate, venueAccount} from './paper-cycle.ts'

const MAIN = fileURLToPath(new URL('../../bin/dev.js', import.meta.url))
const CYCLE = fileURLToPath(new URL('run-cycle.ts', import.meta.url))
const TSX = import.meta.resolve('tsx')

/** One venue and one filled workspace; every test works in a copy of it, with an account of its own. */
const template = tradeWorkspace()
const roots: string[] = []
let sim: RunningSim
beforeAll(async () => {
  sim = await startVenue(template.state)
  const desk = await deskOf(template.root)
  await fillLake(desk, sim)
  await validate(desk)
}, 120_000)
afterEach(async () => {
  for (const root of roots.splice(0)) {
    await stopGuard(root)
    rmSync(root, {recursive: true, force: true})
  }
})
afterAll(async () => {
  await sim.stop()
  rmSync(template.root, {recursive: true, force: true})
})

function workspace(): string {
  const root = mkdtempSync(join(tmpdir(), 'qo-crash-'))
  roots.push(root)
  cpSync(template.root, root, {recursive: true})
  return root
}

async function stopGuard(root: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const file = join(root, 'data/state/guard.json')
  if (!existsSync(file)) return
  const {pid} = JSON.parse(readFileSync(file, 'utf8')) as {pid: number}
  process.kill(pid, signal)
  await until(() => !alive(pid))
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(test: () => boolean, ms = 60_000): Promise<void> {
  const end = performance.now() + ms
  while (!test()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const journal = (root: string): Promise<JournalEntry[]> => openChain(join(root, 'data/journal/trade.jsonl')).read()
const intentsWritten = (root: string): number => {
  const file = join(root, 'data/journal/trade.jsonl')
  return existsSync(file) ? readFileSync(file, 'utf8').split('"kind":"intent"').length - 1 : 0
}

/** A cycle in a process of its own: through the command line, or just the operation, which starts faster. */
function runTrade(root: string, through: 'command' | 'operation'): ChildProcess {
  const command = [MAIN, 'trade', '--mode', 'paper', '--deadline', '15s', '--json', '--root', root]
  return spawn(process.execPath, ['--import', TSX, ...(through === 'command' ? command : [CYCLE, root])], {
    stdio: 'ignore',
    env: {...process.env, QO_STATE: ''},
  })
}

describe('a trade killed in mid-order', () => {
  it.each([
    ['the router, at its first order', 1, false],
    ['router and guard, with orders out', 6, true],
  ])(
    'leaves no duplicate and no orphan behind: %s',
    async (_, intents, killGuard) => {
      const root = workspace()
      const child = runTrade(root, 'operation')
      await until(() => intentsWritten(root) >= intents)
      child.kill('SIGKILL')
      if (killGuard) await stopGuard(root, 'SIGKILL')
      await until(() => child.signalCode !== null)

      const desk = await deskOf(root)
      const result = await cycle(desk)
      const {positions, orders, fills} = await venueAccount(sim, result.account!)
      await desk.processes.stopStarted()

      // The account is where the targets are: what the dead cycle had bought was not bought again.
      expect(result).toMatchObject({differences: []})
      for (const {coin, target} of result.orders) expect(Number(positions.get(coin) ?? 0)).toBe(Number(target))
      expect(orders).toEqual([])
      // Every order the venue ever filled is one the journal meant to send, and none filled beyond its size.
      const entries = await journal(root)
      const meant = new Map<string, number>()
      for (const {kind, body} of entries)
        if (kind === 'intent') {
          const {intent} = body as {intent: {cloid: string; sz: string}}
          meant.set(intent.cloid, Number(intent.sz))
        }
      const filled = new Map<string, number>()
      for (const {cloid, sz} of fills) filled.set(cloid ?? 'none', (filled.get(cloid ?? 'none') ?? 0) + Number(sz))
      for (const [cloid, sz] of filled) expect(sz).toBeLessThanOrEqual((meant.get(cloid) ?? 0) + 1e-9)
      // And each of them has an end.
      const ended = new Set(entries.flatMap(({kind, body}) => (kind === 'order_ended' ? [body['cloid']] : [])))
      for (const cloid of meant.keys()) expect(ended.has(cloid)).toBe(true)
      expect(result.resolved.length).toBeGreaterThan(0)
    },
    120_000,
  )
})

describe('a trade that is asked to end', () => {
  it('cancels, reconciles, journals and exits 0', async () => {
    const root = workspace()
    const child = runTrade(root, 'command')
    await until(() => intentsWritten(root) >= 3)
    child.kill('SIGTERM')
    const status = await new Promise<number | null>((resolve) => child.once('exit', resolve))
    expect(status).toBe(0)
    const entries = await journal(root)
    expect(entries.at(-1)).toMatchObject({kind: 'cycle_ended', body: {state: 'stopped'}})
    const {account} = entries.find(({kind}) => kind === 'cycle_started')!.body as {account: string}
    expect((await venueAccount(sim, account)).orders).toEqual([])
    // What the cycle started, it stopped.
    expect(existsSync(join(root, 'data/state/guard.json'))).toBe(false)
  }, 120_000)
})
