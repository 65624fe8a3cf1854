import {type ChildProcess, spawn} from 'node:child_process'
import {mkdirSync, openSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {connect} from 'node:net'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {fileURLToPath, pathToFileURL} from 'node:url'
import type {z} from 'zod'
import type {Artifact} from '../contracts/artifact.ts'
import {GuardEndpoint, SimEndpoint} from '../contracts/workspace.ts'
import type {ProcessesPort} from '../desk.ts'
import {EXIT, Fault, type FaultFamily} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {parseArtifact} from './files.ts'

const START_MS = 30_000
const STOP_MS = 10_000
const ANSWER_MS = 2_000

/** Programs that are children of qo. Each prints one JSON line, its endpoint, once it can be talked to. */
type Program = 'sim' | 'guard'

interface Child {
  readonly process: ChildProcess
  readonly keep: boolean
}

/**
 * Start, find and stop the practice venue and the guard of one workspace.
 *
 * A program counts as live only when its process exists and its socket answers: an endpoint file alone may be what a
 * killed one left behind.
 */
export function openProcesses(root: string, stateDir: string): ProcessesPort {
  const started: Child[] = []

  async function start(program: Program, args: readonly string[], keep: boolean): Promise<unknown> {
    mkdirSync(stateDir, {recursive: true, mode: 0o700})
    const log = join(stateDir, `${program}.log`)
    const child = spawn(process.execPath, [...entryOf(program), ...args], {
      cwd: root,
      env: {...process.env, QO_STATE: stateDir},
      stdio: ['ignore', 'pipe', openSync(log, 'a', 0o600)],
      // A group of its own: Ctrl-C reaches qo, which still needs both to end its cycle in order.
      detached: true,
    })
    started.push({process: child, keep})
    if (!keep) leaveWithUs(child)
    const line = await firstLine(child, program, log)
    child.stdout?.destroy()
    if (keep) child.unref()
    return line
  }

  return {
    startSim: async ({scenario, seed, startAt, history, keep = false}) => {
      const clock = startAt === undefined ? [] : ['--start-at', isoOf(startAt)]
      const past = history === undefined ? [] : ['--history', join(root, history)]
      const market = ['--scenario', scenario, '--seed', String(seed), ...clock, ...past]
      await start('sim', [...market, '--state-dir', stateDir], keep)
      return readEndpoint(SimEndpoint, join(stateDir, 'sim.json'))
    },
    startGuard: async ({mode, keep = false}) => {
      await start('guard', ['--root', root, '--mode', mode], keep)
      return readEndpoint(GuardEndpoint, join(stateDir, 'guard.json'))
    },
    startHalt: async () => startHalt(root, stateDir),
    liveSim: () => live(SimEndpoint, join(stateDir, 'sim.json'), simAnswers),
    liveGuard: () => live(GuardEndpoint, join(stateDir, 'guard.json'), guardAnswers),
    stopStarted: async () => {
      for (const {process: child, keep} of started.splice(0).reverse()) {
        if (!keep) await stop(child)
      }
    },
  }
}

const SIGNALS = {SIGINT: 130, SIGTERM: 143, SIGHUP: 129} as const
const ours = new Set<ChildProcess>()
let isWatching = false

/**
 * A signal that nobody handles ends qo at once; what it started ends with it. A command that handles the signal itself
 * (trade finishes its cycle) stops its children when it is done.
 */
function leaveWithUs(child: ChildProcess): void {
  child.once('exit', () => ours.delete(child))
  if (ours.add(child).size > 1 || isWatching) return
  isWatching = true
  for (const [signal, status] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return
      for (const one of ours) one.kill('SIGTERM')
      process.exit(status)
    })
  }
}

/** A halting guard may need this long until it can be talked to; a second one started meanwhile would only wait. */
const HALT_START_MS = 10_000

/** Start the halting guard detached, with nothing to tie it to this process: the halt outlives whoever asked for it. */
function startHalt(root: string, stateDir: string): void {
  const marker = join(stateDir, 'guard/starting')
  try {
    // A clock that was set back must not make an old marker last.
    if (Math.abs(Date.now() - statSync(marker).mtimeMs) < HALT_START_MS) return
  } catch {
    // Nobody is starting one.
  }
  try {
    writeFileSync(marker, `${process.pid}\n`)
  } catch {
    // On a full disk two guards may start: the second one finds the first.
  }
  const args = [...entryOf('guard'), '--root', root, '--state', stateDir, '--halt']
  const child = spawn(process.execPath, args, {cwd: '/', detached: true, stdio: 'ignore'})
  child.on('error', () => undefined)
  child.unref()
}

/** From the build: its JavaScript. From source: its TypeScript through the same loader. */
function entryOf(program: Program): string[] {
  const isSource = import.meta.url.endsWith('.ts')
  const main = fileURLToPath(new URL(`../${program}/main.${isSource ? 'ts' : 'js'}`, import.meta.url))
  if (!isSource) return [main]
  // Resolved from here, because the child's folder is the workspace, where no package is installed.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', loader, main]
}

function firstLine(child: ChildProcess, program: Program, log: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(startFailed(program, `It said nothing for ${START_MS / 1000} s.`, log))
    }, START_MS)
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(startFailed(program, why, log))
    }
    child.once('error', (cause) => fail(cause.message))
    child.once('exit', (code, signal) => fail(`It ended with ${signal ?? code} before it said anything.`))
    createInterface({input: child.stdout!}).once('line', (line) => {
      clearTimeout(timer)
      child.removeAllListeners('exit')
      const said = parseLine(line)
      if (said?.['ok'] === false) child.once('exit', (code) => reject(ownFault(said, code)))
      else if (said === null) reject(startFailed(program, `It said: ${line.slice(0, 200)}`, log))
      else resolve(said)
    })
  })
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}

/** The child's own Fault, carried over with its code and family. */
function ownFault(said: Record<string, unknown>, exitCode: number | null): Fault {
  const {code, what, why, next} = said['error'] as {code: string; what: string; why: string; next: string[]}
  const family = (Object.keys(EXIT) as FaultFamily[]).find((name) => EXIT[name] === exitCode) ?? 'bug'
  return new Fault(code as `${string}.${string}`, {family, what, why, next})
}

async function readEndpoint<S extends z.ZodType>(artifact: Artifact<S>, path: string): Promise<z.infer<S>> {
  return parseArtifact(artifact, path, await readFile(path, 'utf8'))
}

async function live<S extends z.ZodType<{pid: number}>>(
  artifact: Artifact<S>,
  path: string,
  answers: (endpoint: z.infer<S>) => Promise<boolean>,
): Promise<z.infer<S> | null> {
  try {
    const endpoint = await readEndpoint(artifact, path)
    process.kill(endpoint.pid, 0)
    return (await answers(endpoint)) ? endpoint : null
  } catch {
    // No file, an unreadable one, no such process: in each case nobody is there to talk to.
    return null
  }
}

async function simAnswers({url}: SimEndpoint): Promise<boolean> {
  const response = await fetch(`${url}/info`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({type: 'exchangeStatus'}),
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  await response.arrayBuffer()
  // A venue that is out of weight is still a live venue.
  return response.ok || response.status === 429
}

function guardAnswers({socket}: GuardEndpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket)
    const done = (answered: boolean): void => {
      probe.destroy()
      resolve(answered)
    }
    probe.setTimeout(ANSWER_MS, () => done(false))
    probe.once('connect', () => done(true))
    probe.once('error', () => done(false))
  })
}

/** SIGTERM and time to save; then SIGKILL. */
function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

function startFailed(program: Program, why: string, log: string): Fault {
  const name = {sim: 'The practice venue', guard: 'The guard'}[program]
  let tail = ''
  try {
    tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n')
  } catch {
    // The log is only there to explain.
  }
  return new Fault('process.start_failed', {
    family: 'venue',
    what: `${name} did not start.`,
    why: [why, tail].filter((part) => part !== '').join('\n'),
    next: [`qo ${program} serve`, `read ${log}`],
  })
}
