import {readFileSync, rmSync} from 'node:fs'
import {connect} from 'node:net'
import {GuardEndpoint} from '../contracts/workspace.ts'
import type {Lease} from '../desk.ts'
import {artifactText, replaceDurably} from '../io/files.ts'
import {takeLease} from '../io/lease.ts'
import {Fault} from '../kernel/fault.ts'
import {openAnswers} from './answer-request.ts'
import {fundPracticeAccount} from './fund-account.ts'
import type {Guard} from './guard.ts'
import {guardFiles, isThere} from './guard-files.ts'
import {openGuard} from './open-guard.ts'
import {openSocketServer} from './socket-server.ts'
import {startVenueIfNeeded} from './start-venue.ts'
import {watch} from './watchdog.ts'

/** A live guard speaks first on its socket; one that does not within this time is taken for hung. */
const PING_MS = 2_000
const TAKE_OVER_MS = 10_000
const LEAVE_MS = 8_000
const AGAIN_MS = 200

export interface GuardOptions {
  readonly root: string
  readonly stateDir: string
  /** run the halt sequence to its proof, then end */
  readonly haltOnly: boolean
}

/**
 * Serve until SIGTERM, or, with `haltOnly`, until the halt is proven clean.
 *
 * Prints one JSON line, the endpoint, once it listens. Armed only with valid limits; a guard that starts halted needs
 * none.
 *
 * @throws Fault `guard.no_limits` (contract), `trade.lease_held` (venue)
 */
export async function runGuard({root, stateDir, haltOnly}: GuardOptions): Promise<void> {
  const lease = haltOnly ? await leaseOrTakeOver(root, stateDir) : await takeLease(stateDir, 'guard')
  if (lease === 'somebody halts') return
  const {guard, known, token} = await openGuard(root, stateDir, {haltOnly})
  const isLatched = guard.latch.look() !== 'absent'
  if (haltOnly && !isLatched) return
  if (!isLatched) await requireLimits(guard)
  await prepare(guard, isLatched).catch(unlessHalted(isLatched))

  const end = signalled()
  let isOver = false
  const server = await openSocketServer({
    path: guard.paths.socket,
    token,
    welcome: {type: 'welcome', account: guard.account, mode: guard.mode},
    answer: openAnswers(guard, known),
  }).catch(unlessHalted(isLatched))
  await announce(guard).catch(unlessHalted(isLatched))
  // A venue that is gone is started again before the first look at it, so that the halt finds it there.
  const stopVenue = isLatched && guard.log.everSent ? await startVenueIfNeeded(guard) : null
  if (isLatched) guard.halt.adopt()
  else await fundPracticeAccount(guard).catch(() => undefined)
  const watching = watch(guard, known, () => isOver)

  await Promise.race([end, ...(haltOnly ? [proven(guard), stateGone(guard)] : [])])
  isOver = true
  guard.halt.stop()
  await server?.close()
  await Promise.race([Promise.allSettled([watching, guard.halt.done]), guard.clock.sleep(LEAVE_MS)])
  await stopVenue?.()
  if (isOurs(guard)) rmSync(guard.paths.endpoint, {force: true})
  await lease?.release()
}

/**
 * The lease for a halt. Another guard that answers its socket does the work itself. One that holds the lease and does
 * not answer is hung or stopped: the halt goes on without the lease, for a hung guard must not trap a position. When it
 * wakes up, it looks at the latch before it sends anything.
 */
async function leaseOrTakeOver(root: string, stateDir: string): Promise<Lease | null | 'somebody halts'> {
  const {socket} = guardFiles(root, stateDir)
  const end = performance.now() + TAKE_OVER_MS
  for (;;) {
    const lease = await takeLease(stateDir, 'guard').catch(() => null)
    if (lease !== null) return lease
    if (await answers(socket)) return 'somebody halts'
    if (performance.now() > end) return null
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (answer: boolean): void => {
      clearTimeout(late)
      socket.destroy()
      resolve(answer)
    }
    const late = setTimeout(() => settle(false), PING_MS)
    socket.once('data', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

/** The boot on record, and room for a latch. */
async function prepare({events, latch, clock, account}: Guard, isLatched: boolean): Promise<void> {
  await events.append(clock.now(), 'boot', {account, latched: isLatched, pid: process.pid})
  latch.reserve()
}

/** On a full disk there is no record, no reserve and no socket: a halt begins all the same. */
const unlessHalted =
  (isLatched: boolean) =>
  (cause: unknown): undefined => {
    if (!isLatched) throw cause
  }

/** Clean, and nobody engaged again meanwhile. */
async function proven({halt, clock}: Guard): Promise<void> {
  for (;;) {
    await halt.done
    halt.adopt()
    if (halt.state === 'HALTED_CLEAN') return
    await clock.sleep(AGAIN_MS)
  }
}

async function announce(guard: Guard): Promise<void> {
  const {paths, account, agent, mode} = guard
  const endpoint: GuardEndpoint = {
    artifact: 'guard-endpoint@1',
    socket: paths.socket,
    pid: process.pid,
    account,
    agent,
    mode,
  }
  await replaceDurably(paths.endpoint, artifactText(GuardEndpoint, endpoint, GuardEndpoint.path))
  process.stdout.write(`${JSON.stringify(endpoint)}\n`)
}

/** Resolves at the first signal to end. A closed terminal is not one: a halt survives the session that began it. */
function signalled(): Promise<void> {
  process.on('SIGHUP', () => undefined)
  return new Promise((end) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end())
  })
}

/** A workspace that was deleted has nothing left to halt. */
async function stateGone({paths, clock}: Guard): Promise<void> {
  while (isThere(paths)) await clock.sleep(2_000)
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

function isOurs({paths}: Guard): boolean {
  try {
    return (JSON.parse(readFileSync(paths.endpoint, 'utf8')) as {pid: number}).pid === process.pid
  } catch {
    return false
  }
}
