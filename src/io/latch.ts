import {randomBytes} from 'node:crypto'
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {uptime} from 'node:os'
import {dirname, join} from 'node:path'
import type {LatchNote, LatchPort} from '../desk.ts'

const NAME = 'HALT'
const RESERVE = 'HALT.reserve'
/** One small file per engage that met an existing latch: a release that was being decided then is void. */
const JOINED = 'joined'

/**
 * The latch: `<state>/guard/HALT`. It exists, so everything halts; what it contains is only information.
 *
 * Nothing but Node's file calls is used here: this is the one piece of code that must work when everything else is
 * broken. It reads no configuration and imports no package.
 */
export function openLatch(stateDir: string): LatchPort {
  const folder = join(stateDir, 'guard')
  const latch = join(folder, NAME)
  const joined = join(folder, JOINED)

  return {
    look: () => look(folder),

    engage(note) {
      try {
        mkdirSync(stateDir, {recursive: true, mode: 0o700})
        mkdirSync(folder, {recursive: true, mode: 0o750})
      } catch {
        // A folder that cannot be made shows below, when the latch cannot be written.
      }
      for (let attempt = 0; attempt < 3; attempt++) {
        const outcome = place(folder, note)
        if (outcome === 'placed') return {id: note.id, latched: true, joined: false}
        if (outcome === 'failed') break
        leaveMark(joined, note)
        // A release may have taken the latch away between the two lines above: then engage again, it wins.
        if (exists(latch)) return {id: idOf(latch) ?? note.id, latched: true, joined: true}
      }
      return fallBack(folder, note)
    },

    note: () => (exists(latch) ? {...readNote(latch), id: idOf(latch) ?? 'unreadable'} : null),

    marks: () => listOrEmpty(joined),

    joins: () => listOrEmpty(joined).map((name) => readNote(join(joined, name))),

    release(id, marksSeen) {
      const away = join(folder, `HALT.released.${process.pid}`)
      const inode = inodeOf(latch)
      if (inode === null || idOf(latch) !== id) return false
      rmSync(away, {recursive: true, force: true})
      renameSync(latch, away)
      // From here an engage makes a new latch. One that joined the old one has left a mark before it looked again.
      const isSame = inodeOf(away) === inode && listOrEmpty(joined).join() === marksSeen.join()
      if (!isSame) {
        if (!exists(latch)) renameSync(away, latch)
        syncFolder(folder)
        return false
      }
      rmSync(away, {recursive: true, force: true})
      rmSync(joined, {recursive: true, force: true})
      syncFolder(folder)
      return true
    },

    evidence,

    reserve() {
      const path = join(folder, RESERVE)
      if (exists(path)) return
      mkdirSync(folder, {recursive: true, mode: 0o750})
      writeSynced(path, '\n'.repeat(4096))
      syncFolder(folder)
    },
  }
}

/** A note for a new halt: its id sorts by time and is unique. */
export function newLatchNote(said: Pick<LatchNote, 'cause' | 'reason' | 'policy'>, now: number): LatchNote {
  const stamp = new Date(now).toISOString().toLowerCase().replaceAll(/[-:.]/g, '')
  return {
    id: `${stamp}-${randomBytes(3).toString('hex')}`,
    ...said,
    at: new Date(now).toISOString(),
    ...evidence(),
  }
}

const evidence = (): {uptime: string; boot: string} => ({uptime: uptime().toFixed(3), boot: bootId()})

/** Engaged when the latch exists or when its absence cannot be proven by listing the folder it would be in. */
function look(folder: string): 'absent' | 'engaged' | 'unreadable' {
  try {
    return readdirSync(folder).includes(NAME) ? 'engaged' : 'absent'
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT' && isProvablyMissing(folder) ? 'absent' : 'unreadable'
  }
}

/** A folder is missing when the nearest one above it can be listed and does not hold it. */
function isProvablyMissing(folder: string): boolean {
  for (let [child, parent] = [folder, dirname(folder)]; ; [child, parent] = [parent, dirname(parent)]) {
    try {
      return !readdirSync(parent).some((name) => join(parent, name) === child)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || parent === child) return false
    }
  }
}

/** Temporary file, fsync, exclusive link, fsync of the folder: whole or not at all, and durable. */
function place(folder: string, note: LatchNote): 'placed' | 'exists' | 'failed' {
  const temporary = join(folder, `HALT.${process.pid}.${randomBytes(4).toString('hex')}.tmp`)
  try {
    writeSynced(temporary, `${JSON.stringify(note)}\n`)
    linkSync(temporary, join(folder, NAME))
    syncFolder(folder)
    return 'placed'
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'exists' : 'failed'
  } finally {
    try {
      unlinkSync(temporary)
    } catch {
      // It may never have been made.
    }
  }
}

/**
 * The disk is full or failing: a rename needs no block, an empty folder needs no data. What none of them can do is kept
 * in memory by whoever runs, and said.
 */
function fallBack(folder: string, note: LatchNote): {id: string; latched: true | 'memory'; joined: boolean} {
  const latch = join(folder, NAME)
  const ways = [() => renameSync(join(folder, RESERVE), latch), () => mkdirSync(latch)]
  for (const way of ways) {
    try {
      if (!exists(latch)) way()
      syncFolder(folder)
      return {id: idOf(latch) ?? note.id, latched: true, joined: false}
    } catch {
      // The next way.
    }
  }
  return {id: note.id, latched: 'memory', joined: false}
}

function leaveMark(joined: string, note: LatchNote): void {
  try {
    mkdirSync(joined, {recursive: true, mode: 0o750})
    writeSynced(join(joined, note.id), `${JSON.stringify(note)}\n`)
    syncFolder(joined)
  } catch {
    // The latch stands; the mark only guards against a release in the same instant.
  }
}

/** The id in the latch; one made by hand (`touch HALT`) is known by the file itself, the same for every reader. */
function idOf(latch: string): string | null {
  const {id} = readNote(latch)
  if (id !== undefined && /^[a-z0-9-]{1,80}$/.test(id)) return id
  try {
    const {ino, birthtimeMs} = lstatSync(latch)
    return `by-hand-${ino.toString(36)}-${Math.floor(birthtimeMs).toString(36)}`
  } catch {
    return null
  }
}

function readNote(latch: string): Partial<LatchNote> {
  try {
    const note: unknown = JSON.parse(readFileSync(latch, 'utf8'))
    if (note === null || typeof note !== 'object') return {}
    return Object.fromEntries(Object.entries(note).filter(([, value]) => typeof value === 'string'))
  } catch {
    return {}
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o640)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function inodeOf(path: string): number | null {
  try {
    return lstatSync(path).ino
  } catch {
    return null
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

function listOrEmpty(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
