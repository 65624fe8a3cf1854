import {readFileSync, rmSync} from 'node:fs'
import {resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {GuardEndpoint} from '../contracts/workspace.ts'
import {artifactText, replaceDurably} from '../io/files.ts'
import {takeLease} from '../io/lease.ts'
import {EXIT, Fault} from '../kernel/fault.ts'
import {openAnswers} from './answer-request.ts'
import {fundPracticeAccount} from './fund-account.ts'
import type {Guard} from './guard.ts'
import {haltAndLeave} from './halt-and-leave.ts'
import {openGuard} from './open-guard.ts'
import {openSocketServer} from './socket-server.ts'
import {watch} from './watchdog.ts'

/**
 * The guard: a program of its own, the only one that holds a key.
 *
 * `--root DIR [--state DIR] [--halt]`. It prints one JSON line with its endpoint and writes it to data/state/guard.json;
 * with `--halt` it runs the halt sequence to its proof and ends.
 */
async function main(): Promise<void> {
  process.umask(0o077)
  const {values} = parseArgs({
    options: {
      root: {type: 'string'},
      state: {type: 'string'},
      mode: {type: 'string', default: 'paper'},
      halt: {type: 'boolean', default: false},
    },
  })
  const root = resolve(values.root ?? process.cwd())
  const stateDir = resolve(values.state ?? process.env['QO_STATE'] ?? `${root}/data/state`)
  if (values.mode !== 'paper') throw notReady(values.mode)
  if (values.halt) await haltAndLeave(root, stateDir)
  else await serve(root, stateDir)
}

async function serve(root: string, stateDir: string): Promise<void> {
  const lease = await takeLease(stateDir, 'guard')
  const {guard, known, token} = await openGuard(root, stateDir)
  const isLatched = guard.latch.look() !== 'absent'
  // Armed only with valid limits; a guard that starts halted needs none.
  if (!isLatched) await requireLimits(guard)
  guard.latch.reserve()
  await guard.events.append(guard.clock.now(), 'boot', {account: guard.account, latched: isLatched, pid: process.pid})
  let isOver = false
  if (isLatched) guard.halt.adopt()
  else await fundPracticeAccount(guard).catch(() => undefined)
  const watching = watch(guard, known, () => isOver)
  const server = await openSocketServer({
    path: guard.paths.socket,
    token,
    welcome: {type: 'welcome', account: guard.account, mode: guard.mode},
    answer: openAnswers(guard, known),
  })
  const endpoint = artifactText(GuardEndpoint, endpointOf(guard), GuardEndpoint.path)
  await replaceDurably(guard.paths.endpoint, endpoint)
  process.stdout.write(`${JSON.stringify(endpointOf(guard))}\n`)

  await new Promise<void>((end) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
  })
  isOver = true
  guard.halt.stop()
  await server.close()
  await Promise.race([Promise.allSettled([watching, guard.halt.done]), guard.clock.sleep(8_000)])
  if (isOurs(guard)) rmSync(guard.paths.endpoint, {force: true})
  await lease.release()
  process.exit(0)
}

async function requireLimits(guard: Guard): Promise<void> {
  const {limits, trouble} = await guard.rules.now()
  if (limits !== null) return
  throw new Fault('guard.no_limits', {
    family: 'contract',
    what: 'The guard does not start without valid risk limits.',
    why: trouble ?? 'configs/risk_limits.yaml cannot be used.',
    next: ['edit configs/risk_limits.yaml', 'qo risk check', 'qo init configs/risk_limits.yaml'],
  })
}

const endpointOf = ({paths, account, agent, mode}: Guard): GuardEndpoint => ({
  artifact: 'guard-endpoint@1',
  socket: paths.socket,
  pid: process.pid,
  account,
  agent,
  mode,
})

function isOurs({paths}: Guard): boolean {
  try {
    return (JSON.parse(readFileSync(paths.endpoint, 'utf8')) as {pid: number}).pid === process.pid
  } catch {
    return false
  }
}

function notReady(mode: string): Fault {
  return new Fault('guard.mode_not_ready', {
    family: 'usage',
    what: `The guard does not serve mode ${mode}.`,
    why: 'This version signs for the practice venue only; it holds no key of a real account.',
    next: ['start it with --mode paper'],
  })
}

try {
  await main()
} catch (error) {
  const fault = error instanceof Fault ? error : null
  const {code, what, why, next} = fault
    ? {code: fault.code, what: fault.what, why: fault.why, next: fault.suggestions}
    : {code: 'bug.unexpected', what: String(error), why: 'This is a bug in qo.', next: []}
  process.stdout.write(`${JSON.stringify({artifact: 'error@1', ok: false, error: {code, what, why, next}})}\n`)
  process.exit(fault?.exitCode ?? EXIT.bug)
}
