import {existsSync} from 'node:fs'
import {connect} from 'node:net'
import type {Lease} from '../desk.ts'
import {takeLease} from '../io/lease.ts'
import type {Guard} from './guard.ts'
import {guardFiles} from './guard-files.ts'
import {openGuard} from './open-guard.ts'
import {startVenueIfNeeded} from './start-venue.ts'

/** A live guard sees the latch within a fraction of a second; one that does not speak is taken for hung. */
const PING_MS = 2_000
const PATIENCE_MS = 6_000

/**
 * Run the halt sequence of a workspace without a serving guard, and end when it is proven clean.
 *
 * Another guard that answers its socket does the work itself. One that holds the lease and does not answer is hung or
 * stopped: the halt goes on without the lease, for a hung guard must not trap a position. When it wakes up, it looks at
 * the latch before it sends anything.
 */
export async function haltAndLeave(root: string, stateDir: string): Promise<void> {
  const lease = await leaseOrTakeOver(root, stateDir)
  if (lease === 'somebody halts') return
  const {guard} = await openGuard(root, stateDir)
  if (guard.latch.look() === 'absent') return
  const stopVenue = guard.log.everSent ? await startVenueIfNeeded(guard) : null
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => guard.halt.stop())
  guard.halt.adopt()
  const watching = setInterval(() => existsSync(guard.paths.folder) || guard.halt.stop(), 5_000)
  await guard.halt.done
  clearInterval(watching)
  process.stdout.write(`${JSON.stringify(lineOf(guard))}\n`)
  await stopVenue?.()
  await lease?.release()
  process.exit(0)
}

const lineOf = ({halt}: Guard): object => ({artifact: 'halt@1', id: halt.id, state: halt.state})

async function leaseOrTakeOver(root: string, stateDir: string): Promise<Lease | null | 'somebody halts'> {
  const {socket} = guardFiles(root, stateDir)
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const lease = await takeLease(stateDir, 'guard').catch(() => null)
    if (lease !== null) return lease
    if (await answers(socket)) return 'somebody halts'
    if (performance.now() > end) return null
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** true when a guard speaks first, as it does with every client */
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
