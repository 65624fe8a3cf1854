import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process'
import {accessSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Candles} from '../../src/contracts/market.ts'
import type {LakePort} from '../../src/desk.ts'
import {openFiles} from '../../src/io/files.ts'
import {openLake} from '../../src/io/lake/index.ts'

export const QO = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
export const WAL_CHILD = fileURLToPath(new URL('wal-child.mjs', import.meta.url))
const APPEND = fileURLToPath(new URL('append-child.mjs', import.meta.url))

export interface Child {
  readonly process: ChildProcess
  /** everything it printed so far */
  readonly out: {text: string; errors: string}
  readonly ended: Promise<{status: number | null; signal: NodeJS.Signals | null}>
}

/** A real process, its output gathered. */
export function start(command: string, words: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, words, {stdio: ['ignore', 'pipe', 'pipe'], ...options})
  const out = {text: '', errors: ''}
  child.stdout?.on('data', (piece: Buffer) => {
    out.text += piece.toString()
  })
  child.stderr?.on('data', (piece: Buffer) => {
    out.errors += piece.toString()
  })
  const ended = new Promise<{status: number | null; signal: NodeJS.Signals | null}>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({status, signal}))
  })
  return {process: child, out, ended}
}

/** `qo …` of the build, on a workspace. */
export const startQo = (root: string, words: readonly string[], options: SpawnOptions = {}): Child =>
  start(process.execPath, [QO, ...words, '--root', root], options)

/** Run `qo … --json` to its end. */
export async function qo(
  root: string,
  ...words: string[]
): Promise<{status: number | null; json: Record<string, unknown>}> {
  const child = startQo(root, [...words, '--json'])
  const {status} = await child.ended
  return {status, json: jsonOf(child.out.text)}
}

/** The last JSON object of an output; commands print it pretty, one per run. */
export function jsonOf(text: string): Record<string, unknown> {
  const at = text.startsWith('{') ? 0 : text.lastIndexOf('\n{') + 1
  try {
    return JSON.parse(text.slice(at)) as Record<string, unknown>
  } catch {
    return {unreadable: text.slice(-2000)}
  }
}

/** The child that appends batches [from, to); `under` is what it runs under, strace for example. */
export function startAppend(
  root: string,
  words: readonly (string | number)[],
  {under = [], ...options}: SpawnOptions & {under?: readonly string[]} = {},
): Child {
  const line = [...under, process.execPath, APPEND, root, ...words.map(String)]
  return start(line[0]!, line.slice(1), options)
}

/** Batches that the child says are in the lake. */
export const acknowledgedBy = ({out}: Child): number[] =>
  out.text
    .split('\n')
    .slice(0, -1)
    .filter((line) => /^\d+$/.test(line))
    .map(Number)

export const openLakeAt = (root: string): LakePort => openLake(root, {files: openFiles(root), dryRun: false})

export interface LakeState {
  readonly commits: number
  readonly rows: number
  /** rows whose key stands more than once */
  readonly duplicated: number
  readonly problems: readonly string[]
  readonly sources: ReadonlySet<string>
}

/** What a fresh reader finds: chain checked, every file hashed, every bar read. */
export async function stateOf(root: string, depth: 'quick' | 'full' | 'deep' = 'full'): Promise<LakeState> {
  const lake = openLakeAt(root)
  const commits = await lake.commits()
  const {problems} = await lake.verify(depth)
  const rows = await lake.read({
    ...{table: Candles, venue: 'sim', interval: '1h', columns: []},
    ...{asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}, holes: 'allow'},
  })
  const coins = rows.columns['coin'] as readonly string[]
  const ts = rows.columns['ts'] as Float64Array
  const stored = commits.reduce((sum, {added, revised}) => sum + added + revised, 0)
  const keys = new Set(coins.map((coin, i) => `${coin}|${ts[i]}`)).size
  return {
    commits: commits.length,
    rows: rows.count,
    // A row that was stored twice as two revisions counts as well: nothing here is ever corrected.
    duplicated: rows.count - keys + (stored - rows.count),
    problems: problems.map(({file, problem}) => `${file}: ${problem}`),
    sources: new Set(commits.map(({source}) => source)),
  }
}

/** Full path of a program, or null. */
export function programOf(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), 1)
      return join(folder, name)
    } catch {}
  }
  return null
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Milliseconds until the test held. */
export async function until(test: () => boolean | Promise<boolean>, ms: number, what = 'it'): Promise<number> {
  const from = performance.now()
  while (!(await test())) {
    if (performance.now() - from > ms) throw new Error(`${what} did not happen within ${ms} ms`)
    await sleep(10)
  }
  return performance.now() - from
}
