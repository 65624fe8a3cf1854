import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'vitest'
import type {TradeResult} from '../../src/contracts/trade.ts'
import type {JournalEntry} from '../../src/desk.ts'
import {openChain} from '../../src/io/journal.ts'
import type {RunningSim} from '../../src/sim/serve.ts'
import {venueAccount} from './paper-cycle.ts'

const MAIN = fileURLToPath(new URL('../../bin/dev.js', import.meta.url))
const CYCLE = fileURLToPath(new URL('run-cycle.ts', import.meta.url))
const TSX = import.meta.resolve('tsx')

export async function stopGuard(root: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const file = join(root, 'data/state/guard.json')
  if (!existsSync(file)) return
  const {pid} = JSON.parse(readFileSync(file, 'utf8')) as {pid: number}
  if (alive(pid)) process.kill(pid, signal)
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

export async function until(test: () => boolean, ms = 60_000): Promise<void> {
  const end = performance.now() + ms
  while (!test()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const journal = (root: string): Promise<JournalEntry[]> =>
  openChain(join(root, 'data/journal/trade.jsonl')).read()
export const intentsWritten = (root: string): number => {
  const file = join(root, 'data/journal/trade.jsonl')
  return existsSync(file) ? readFileSync(file, 'utf8').split('"kind":"intent"').length - 1 : 0
}

/** A cycle in a process of its own: through the command line, or just the operation, which starts faster. */
export function runTrade(root: string, through: 'command' | 'operation'): ChildProcess {
  const command = [MAIN, 'trade', '--mode', 'paper', '--deadline', '15s', '--json', '--root', root]
  return spawn(process.execPath, ['--import', TSX, ...(through === 'command' ? command : [CYCLE, root])], {
    stdio: 'ignore',
    env: {...process.env, QO_STATE: ''},
  })
}

/** No duplicate, no orphan, no order without an end, and the account where the last cycle wanted it. */
export async function expectWhole(root: string, sim: RunningSim, result: TradeResult): Promise<void> {
  const {positions, orders, fills} = await venueAccount(sim, result.account!)
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
}
