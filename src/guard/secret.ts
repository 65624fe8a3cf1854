import {closeSync, constants, fchmodSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync} from 'node:fs'
import {Fault} from '../kernel/fault.ts'

/**
 * A secret in a file of its own: made once with mode 0400, read only while nobody else can read or change it.
 *
 * @param tighten  take our own file back from the others and go on: a halt must not stop at this
 * @throws Fault `guard.unsafe_secret` (contract)
 */
export function secretIn(path: string, make: () => string, {tighten = false}: {tighten?: boolean} = {}): string {
  const fresh = create(path, make)
  if (fresh !== null) return fresh
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const {mode, uid} = fstatSync(file)
    const isOurs = process.getuid === undefined || uid === process.getuid()
    const isOpen = (mode & 0o077) !== 0
    if (isOurs && isOpen && tighten) fchmodSync(file, 0o400)
    if (!isOurs || (isOpen && !tighten)) {
      throw new Fault('guard.unsafe_secret', {
        family: 'contract',
        what: `${path} can be read or changed by others.`,
        why: 'A key that others can read is a key that others have.',
        next: [`chmod 400 ${path}, if nobody else has seen it`, 'otherwise make a new one'],
      })
    }
    return readFileSync(file, 'utf8').trim()
  } finally {
    closeSync(file)
  }
}

function create(path: string, make: () => string): string | null {
  let file: number
  try {
    file = openSync(path, 'wx', 0o400)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return null
    throw cause
  }
  try {
    const secret = make()
    writeSync(file, `${secret}\n`)
    fsyncSync(file)
    return secret
  } finally {
    closeSync(file)
  }
}
