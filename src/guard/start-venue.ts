import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {SimHistory} from '../contracts/venue.ts'
import type {Guard} from './guard.ts'

const START_MS = 20_000

/**
 * Start the practice venue again when it left a position or an order behind and nobody serves it: what is not there
 * cannot be proven flat. It runs as a process of its own, as it always does.
 *
 * @returns how to stop it again, or null when it was not needed or did not start
 */
export async function startVenueIfNeeded({paths, view}: Guard): Promise<(() => Promise<void>) | null> {
  const isLive = await view.refreshAccount().then(
    () => true,
    () => false,
  )
  const saved = join(paths.stateDir, 'sim-account.json')
  if (isLive || !existsSync(saved)) return null
  const {isEmpty, market} = readSaved(saved)
  if (isEmpty) return null
  const flags = ['--state-dir', paths.stateDir, ...marketFlags(market, paths.root)]
  const child = spawn(process.execPath, [...venueCommand(), ...flags], {stdio: ['ignore', 'pipe', 'ignore']})
  if (!(await firstLine(child))) {
    child.kill('SIGKILL')
    return null
  }
  return () => stop(child)
}

/** The venue's own entry, from the build when this is the build, from the sources when these are the sources. */
function venueCommand(): string[] {
  const isSource = import.meta.url.endsWith('.ts')
  const entry = fileURLToPath(new URL(isSource ? '../sim/main.ts' : '../sim/main.js', import.meta.url))
  return [...(isSource ? ['--import', import.meta.resolve('tsx')] : []), entry]
}

const SavedVenue = z.object({
  market: z.string(),
  accounts: z.array(z.object({address: z.string(), positions: z.object({map: z.array(z.unknown())})})),
  orders: z.array(z.object({status: z.string()})),
})

/** What the venue left behind; a file that cannot be read may hold anything. */
function readSaved(path: string): {isEmpty: boolean; market: string | null} {
  try {
    const {market, accounts, orders} = SavedVenue.parse(JSON.parse(readFileSync(path, 'utf8')))
    const isHeld = accounts.some(({address, positions}) => address !== 'house' && positions.map.length > 0)
    return {isEmpty: !isHeld && !orders.some(({status}) => status === 'open'), market}
  } catch {
    return {isEmpty: false, market: null}
  }
}

/** The price path the account belongs to: positions mean nothing on another one. */
function marketFlags(market: string | null, root: string): string[] {
  const seed = /^generated:(\d+)$/.exec(market ?? '')?.[1]
  if (seed !== undefined) return ['--seed', seed]
  const history = join(root, SimHistory.path)
  return existsSync(history) ? ['--history', history] : []
}

function firstLine(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), START_MS)
    const settle = (answer: boolean): void => {
      clearTimeout(late)
      resolve(answer)
    }
    child.stdout?.once('data', () => settle(true))
    child.once('error', () => settle(false))
    child.once('exit', () => settle(false))
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) {
      resolve()
      return
    }
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
    child.once('exit', () => {
      clearTimeout(late)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
