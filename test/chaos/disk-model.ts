import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {FileCall} from './syscall-log.ts'

/** Content of a file: what a reader sees, and what a power cut leaves of it. */
interface Inode {
  readonly folder: boolean
  bytes: Buffer
  lasting: Buffer
}

/**
 * A file system that forgets: what POSIX promises after a power cut, and not a byte more.
 *
 * A file's content lasts from its last fsync, a name from the last fsync of its folder; everything later may be there
 * or not. `seen` is the state that a kill of the process leaves, `afterPowerCut` one that a cut may leave.
 *
 * @see Pillai et al. (2014), All File Systems Are Not Created Equal, OSDI
 */
export class DiskModel {
  readonly #root: string
  /** path below the root → inode, as a running process sees it, and as it is on the platter for sure */
  #names = new Map<string, Inode>()
  #lasting = new Map<string, Inode>()
  /** offset of a plain write, by file: each of ours is written by one descriptor from its start */
  #ends = new Map<Inode, number>()

  private constructor(root: string) {
    this.#root = root
  }

  /** Everything that is there now, and all of it on the platter. */
  static of(root: string, under = 'data'): DiskModel {
    const disk = new DiskModel(root)
    for (const entry of readdirSync(root, {recursive: true, withFileTypes: true})) {
      const path = join(entry.parentPath, entry.name).slice(root.length + 1)
      if (path !== under && !path.startsWith(`${under}/`)) continue
      const bytes = entry.isFile() ? readFileSync(join(root, path)) : Buffer.alloc(0)
      disk.#names.set(path, {folder: entry.isDirectory(), bytes, lasting: bytes})
    }
    disk.#lasting = new Map(disk.#names)
    return disk
  }

  /** The same disk below another root, to go on in another way. */
  copy(root: string): DiskModel {
    const disk = new DiskModel(root)
    const twins = new Map<Inode, Inode>()
    const twin = (inode: Inode): Inode => {
      if (!twins.has(inode)) twins.set(inode, {...inode})
      return twins.get(inode)!
    }
    disk.#names = new Map([...this.#names].map(([path, inode]) => [path, twin(inode)]))
    disk.#lasting = new Map([...this.#lasting].map(([path, inode]) => [path, twin(inode)]))
    return disk
  }

  /** true when the call concerned this disk */
  apply(call: FileCall): boolean {
    const path = this.#below(call.path)
    if (path === null) return false
    const inode = this.#names.get(path)
    switch (call.call) {
      case 'open':
        if (!inode && !call.creates) return false
        if (!inode) this.#names.set(path, {folder: false, bytes: Buffer.alloc(0), lasting: Buffer.alloc(0)})
        if (inode && call.truncates) inode.bytes = Buffer.alloc(0)
        return !inode || call.truncates
      case 'write': {
        if (!inode) return false
        const offset = call.offset ?? this.#ends.get(inode) ?? inode.bytes.length
        const size = Math.max(inode.bytes.length, offset + call.bytes.length)
        const bytes = Buffer.concat([inode.bytes, Buffer.alloc(size - inode.bytes.length)])
        call.bytes.copy(bytes, offset)
        inode.bytes = bytes
        if (call.offset === null) this.#ends.set(inode, offset + call.bytes.length)
        return true
      }
      case 'truncate':
        if (inode) inode.bytes = Buffer.concat([inode.bytes, Buffer.alloc(call.size)]).subarray(0, call.size)
        return true
      case 'sync':
        this.#sync(path, inode)
        return true
      case 'link':
      case 'rename': {
        const to = this.#below(call.to)
        if (to === null || !inode) return false
        this.#names.set(to, inode)
        if (call.call === 'rename') this.#names.delete(path)
        return true
      }
      case 'unlink':
        return this.#names.delete(path)
      case 'mkdir':
        this.#names.set(path, {folder: true, bytes: Buffer.alloc(0), lasting: Buffer.alloc(0)})
        return true
    }
  }

  #sync(path: string, inode: Inode | undefined): void {
    if (inode && !inode.folder) {
      inode.lasting = inode.bytes
      return
    }
    for (const name of new Set([...this.#names.keys(), ...this.#lasting.keys()])) {
      if (dirname(name) !== path) continue
      const now = this.#names.get(name)
      if (now) this.#lasting.set(name, now)
      else this.#lasting.delete(name)
    }
  }

  /** What the next process finds when this one was killed. */
  seen(): Map<string, Buffer | null> {
    return new Map([...this.#names].map(([path, {folder, bytes}]) => [path, folder ? null : bytes]))
  }

  /** What the next boot may find: each change that was not made lasting survives when `survives` says so. */
  afterPowerCut(survives: () => boolean): Map<string, Buffer | null> {
    const left = new Map<string, Buffer | null>()
    const inodes = new Map<Inode, Buffer | null>()
    for (const path of [...new Set([...this.#names.keys(), ...this.#lasting.keys()])].sort()) {
      const [now, then] = [this.#names.get(path), this.#lasting.get(path)]
      const inode = now === then || survives() ? now : then
      if (!inode || (dirname(path) !== '.' && !left.has(dirname(path)))) continue
      if (!inodes.has(inode)) inodes.set(inode, inode.folder ? null : survives() ? inode.bytes : inode.lasting)
      left.set(path, inodes.get(inode)!)
    }
    return left
  }

  /** `.` is the root itself, whose names are made to last like those of any folder */
  #below(path: string): string | null {
    if (path === this.#root) return '.'
    return path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length + 1).replace(/ \(deleted\)$/, '') : null
  }
}

/** Put a state into a folder. */
export function materialise(state: ReadonlyMap<string, Buffer | null>, root: string): void {
  for (const [path, bytes] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (bytes === null) mkdirSync(join(root, path), {recursive: true})
    else writeFileSync(join(root, path), bytes)
  }
}
