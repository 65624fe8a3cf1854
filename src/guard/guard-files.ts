import {createHash} from 'node:crypto'
import {chmodSync, existsSync, lstatSync, mkdirSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Fault} from '../kernel/fault.ts'

/** Where the guard keeps what is its own. */
export interface GuardFiles {
  readonly root: string
  readonly stateDir: string
  /** 0750, the guard's alone */
  readonly folder: string
  readonly socket: string
  readonly endpoint: string
  readonly key: string
  readonly token: string
  readonly nonces: string
  readonly events: string
  readonly journal: string
}

/** A socket address is at most 108 bytes on Linux and 104 on macOS. */
const LONGEST_SOCKET = 100

export function guardFiles(root: string, stateDir: string): GuardFiles {
  const folder = join(stateDir, 'guard')
  const near = join(folder, 'socket', 'guard.sock')
  const far = createHash('sha256').update(stateDir).digest('hex').slice(0, 16)
  return {
    root,
    stateDir,
    folder,
    socket: Buffer.byteLength(near) <= LONGEST_SOCKET ? near : join(tmpdir(), `qo-guard-${far}`, 'guard.sock'),
    endpoint: join(stateDir, 'guard.json'),
    key: join(folder, 'key'),
    token: join(folder, 'token'),
    nonces: join(folder, 'nonces.json'),
    events: join(folder, 'events.jsonl'),
    journal: join(root, 'data/journal/guard.jsonl'),
  }
}

/** false once the whole workspace was deleted; state that is kept elsewhere is a part of it */
export const isThere = ({root, stateDir}: GuardFiles): boolean => existsSync(root) || existsSync(stateDir)

/**
 * A folder that only we can write: made, or checked when it was there.
 *
 * @throws Fault `guard.unsafe_folder` (contract)
 */
export function ownFolder(path: string, mode: number): void {
  mkdirSync(path, {recursive: true, mode})
  const found = lstatSync(path)
  const isOurs = process.getuid === undefined || found.uid === process.getuid()
  if (!found.isDirectory() || !isOurs) {
    throw new Fault('guard.unsafe_folder', {
      family: 'contract',
      what: `${path} is not a folder of this user.`,
      why: 'The guard keeps its socket and key where nobody else can put a file.',
      next: [`look at it: ls -ld ${path}`, 'move it away and start again'],
    })
  }
  if ((found.mode & 0o777) !== mode) chmodSync(path, mode)
}
