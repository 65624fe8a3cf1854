import {readdirSync, readFileSync} from 'node:fs'
import {link, mkdir, readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Lease} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {syncFolder, writeSynced} from './files.ts'

/**
 * One process per account: a lease with a fencing epoch.
 *
 * The highest-numbered file `leases/<name>.<epoch>` names the holder. A new holder creates the next number exclusively,
 * so of two that start together one wins; the epoch tells a process that woke up late that it is no longer the one. A
 * holder that died, however it died, holds nothing: its process id with its start time is looked up in the machine.
 *
 * @throws Fault `trade.lease_held` (venue)
 */
export const takeLease = (stateDir: string, name: string): Promise<Lease> =>
  takeLeaseIn(join(stateDir, 'leases'), name, held)

/** The same for any thing that has one holder at a time; `refusal` says what it means to come second. */
export async function takeLeaseIn(
  folder: string,
  name: string,
  refusal: (name: string, holder: string) => Fault,
): Promise<Lease> {
  await mkdir(folder, {recursive: true, mode: 0o700})
  const epochs = await epochsOf(folder, name)
  const newest = epochs.at(-1)
  if (newest !== undefined) {
    const holder = await readFile(join(folder, `${name}.${newest}`), 'utf8').catch(() => '')
    if (isAlive(holder)) throw refusal(name, holder)
  }
  const epoch = (newest ?? 0) + 1
  const own = join(folder, `${name}.${epoch}`)
  const draft = join(folder, `.${name}.${process.pid}.${epoch}`)
  await writeSynced(draft, identityOf(process.pid), 'w')
  try {
    // A link appears with its content: nobody ever sees a lease without a holder.
    await link(draft, own)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw refusal(name, 'the other one')
    throw cause
  } finally {
    await rm(draft, {force: true})
  }
  await syncFolder(folder)
  await Promise.all(epochs.map((old) => rm(join(folder, `${name}.${old}`), {force: true})))
  return {
    epoch,
    isHeld: async () => (await epochsOf(folder, name)).at(-1) === epoch,
    // The file stays, empty: the next epoch must be higher than this one.
    release: async () => {
      if ((await epochsOf(folder, name)).at(-1) === epoch) await writeSynced(own, '', 'w')
    },
  }
}

/** Whether a live process holds this lease. @throws when the folder is there and cannot be read */
export async function isLeaseHeld(folder: string, name: string): Promise<boolean> {
  const newest = (await epochsOf(folder, name).catch(noFolder)).at(-1)
  if (newest === undefined) return false
  return isAlive(await readFile(join(folder, `${name}.${newest}`), 'utf8').catch(() => ''))
}

function noFolder(cause: NodeJS.ErrnoException): number[] {
  if (cause.code === 'ENOENT') return []
  throw cause
}

async function epochsOf(folder: string, name: string): Promise<number[]> {
  return (await readdir(folder))
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => Number(file.slice(name.length + 1)))
    .filter(Number.isSafeInteger)
    .sort((a, b) => a - b)
}

/** `pid start-time`: a process id alone is reused by the machine. */
const identityOf = (pid: number): string => `${pid} ${startOf(pid)}`

function startOf(pid: number): string {
  try {
    // Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces, so count from the closing bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return hasProc() ? 'gone' : 'unknown'
  }
}

const hasProc = (): boolean => {
  try {
    return readdirSync('/proc/self').length > 0
  } catch {
    return false
  }
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(' ')[0])
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (cause) {
    // EPERM: the process exists and belongs to somebody else.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return identityOf(pid) === holder
}

function held(name: string, holder: string): Fault {
  return new Fault('trade.lease_held', {
    family: 'venue',
    what: `Another process trades this account (${name}).`,
    why: `One account has one router at a time; process ${holder.split(' ')[0]} holds the lease.`,
    next: ['wait for it to end, then run the command again', 'qo killswitch engage, if it must stop now'],
  })
}
