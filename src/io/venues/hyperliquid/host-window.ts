import {createHash} from 'node:crypto'
import {link, lstat, mkdir, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir, uptime, userInfo} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {Random} from '../../../kernel/random.ts'
import {EMPTY_WINDOW, spend, type WeightWindow} from './weight-window.ts'

/** Where the spent weight of one venue address is kept: one process's own memory, or the host's file. */
export interface WindowStore {
  /** ms, the same clock for all who share the store, never set by anybody */
  now(): number
  /** read, change, write: as one step against everybody else who does so; without a window nothing is written */
  update<T>(change: (window: WeightWindow) => {readonly window: WeightWindow | null; readonly value: T}): Promise<T>
}

/** A window of this process alone. */
export function ownWindow(now: () => number): WindowStore {
  let kept = EMPTY_WINDOW
  return {
    now,
    async update(change) {
      const {window, value} = change(kept)
      kept = window ?? kept
      return value
    },
  }
}

/** Older states that stay, so that a process that slept between reading and writing finds its number taken. */
const KEPT = 32
const MOST_RACES = 60
const SWEEP_AFTER_MS = 3_600_000

/**
 * The window of one address, shared by all processes of this user on this host.
 *
 * `<folder>/<hash of the address>/<n>` holds state n; the highest number counts. A change is written as a draft and
 * linked to the next number: exactly one of two writers gets it, the other reads again. Nobody ever holds anything, so a
 * killed or stopped process stands in nobody's way. Time is the host's since it started, which nobody sets.
 *
 * @throws the file system's error: folder of somebody else, no rights, no space
 */
export function hostWindow(url: string, folder = budgetFolder()): WindowStore {
  const home = join(folder, createHash('sha256').update(new URL(url).host).digest('hex').slice(0, 16))
  const chance = new Random(`host-window|${process.pid}|${uptime()}`)
  let drafts = 0
  let isReady = false
  const now = (): number => Math.round(uptime() * 1000)

  async function prepare(): Promise<void> {
    await makePrivate(folder)
    await makePrivate(home)
    isReady = true
  }

  return {
    now,
    async update(change) {
      if (!isReady) await prepare()
      for (let race = 0; race < MOST_RACES; race++) {
        // Losers come back one after the other, not all at once; nobody spins.
        if (race > 0) await sleep(1 + chance.unit() * Math.min(20, race * 2))
        const newest = (await numbersIn(home)).at(-1) ?? 0
        const read = newest === 0 ? EMPTY_WINDOW : await readWindow(join(home, String(newest)), now())
        if (read === null) continue
        const {window, value} = change(read)
        if (window === null || (await writeNext(home, newest + 1, window, `.${process.pid}-${drafts++}`))) {
          if (newest === 0) await sweep(folder, home)
          return value
        }
      }
      throw new Error(`lost ${MOST_RACES} races for ${home}`)
    },
  }
}

/** `QO_BUDGET_DIR`, or a folder of this user among the temporary files. */
function budgetFolder(): string {
  return process.env['QO_BUDGET_DIR'] ?? join(tmpdir(), `qo-${userInfo().uid}`)
}

/** A folder in a place that everybody may write to is ours only if we own it and nobody else may enter. */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, {recursive: true, mode: 0o700})
  const found = await lstat(folder)
  const isOurs = found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0
  if (!isOurs) throw new Error(`${folder} is not a private folder of this user`)
}

async function numbersIn(home: string): Promise<number[]> {
  return (await readdir(home))
    .map(Number)
    .filter(Number.isSafeInteger)
    .sort((a, b) => a - b)
}

/** State of one number; null when it went away meanwhile. What cannot be read counts as a minute that is used up. */
async function readWindow(path: string, now: number): Promise<WeightWindow | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw cause
  }
  return parseWindow(text) ?? spend({...EMPTY_WINDOW, at: now}, Number.MAX_SAFE_INTEGER)
}

function parseWindow(text: string): WeightWindow | null {
  try {
    const {at, spent, health, refusals, refusedAt, pausedUntil} = JSON.parse(text) as WeightWindow
    const numbers = [at, health, refusals, refusedAt, pausedUntil, ...spent.flat()]
    const isWhole = numbers.every(Number.isFinite) && spent.every((slot) => slot.length === 2) && health > 0
    return isWhole ? {at, spent, health, refusals, refusedAt, pausedUntil} : null
  } catch {
    return null
  }
}

/** False when another writer took the number, or went past it while this process slept. */
async function writeNext(home: string, number: number, window: WeightWindow, name: string): Promise<boolean> {
  const draft = join(home, name)
  const target = join(home, String(number))
  await writeFile(draft, JSON.stringify(window), {mode: 0o600})
  try {
    await link(draft, target)
  } catch (cause) {
    if (['EEXIST', 'ENOENT'].includes((cause as NodeJS.ErrnoException).code ?? '')) return false
    throw cause
  } finally {
    await rm(draft, {force: true})
  }
  const numbers = await numbersIn(home)
  const newest = numbers.at(-1) ?? number
  // The number was free only because it had been cleared away.
  if (newest >= number + KEPT) {
    await rm(target, {force: true})
    return false
  }
  const old = numbers.filter((n) => n <= newest - KEPT)
  await Promise.all(old.map((n) => rm(join(home, String(n)), {force: true})))
  return true
}

/** Clear away what killed processes and addresses of long ago left. */
async function sweep(folder: string, home: string): Promise<void> {
  const isOld = async (path: string): Promise<boolean> =>
    Date.now() - (await stat(path).catch(() => ({mtimeMs: Date.now()}))).mtimeMs > SWEEP_AFTER_MS
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (/^[0-9a-f]{16}$/.test(name) && path !== home && (await isOld(path)))
      await rm(path, {recursive: true, force: true})
  }
}
