import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {LakeFile} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {hashFile} from './parquet-file.ts'

/** @throws Fault `lake.corrupt_file`, `lake.unreadable` (data) when a file is not what a commit names */
export type Trust = (file: LakeFile) => Promise<void>

/**
 * Compare each file with its commit before its first use in this process, byte by byte.
 *
 * After that size, inode and times of the file stand for its content: whoever changes it through the file system changes
 * them. They are kept in memory only. A note on disk that spared the next process the hash would hide what a disk does to
 * a file without touching its times, and that is what the hash is for.
 */
export function trustFiles(root: string): Trust {
  const signatures = new Map<string, string>()

  return async ({path, sha256}) => {
    const before = await signatureOf(root, path)
    if (signatures.get(path) === before) return
    const actual = await hashFile(join(root, path)).catch((cause) => unreadable(path, cause))
    if (actual !== sha256) throw corrupt(path, 'was changed after it was committed')
    signatures.set(path, before)
  }
}

async function signatureOf(root: string, path: string): Promise<string> {
  const found = await stat(join(root, path), {bigint: true}).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') throw corrupt(path, 'is missing')
    return unreadable(path, cause)
  })
  return [found.size, found.ino, found.mtimeNs, found.ctimeNs].join(' ')
}

function unreadable(path: string, cause: NodeJS.ErrnoException): never {
  throw new Fault('lake.unreadable', {
    family: 'data',
    what: `${path} cannot be read.`,
    why: `${cause.message}. Whether it is what was committed is not known.`,
    next: ['check owner, permissions and the disk, or run qo doctor', 'qo lake verify --repair-plan'],
    cause,
  })
}

const corrupt = (path: string, what: string): Fault =>
  new Fault('lake.corrupt_file', {
    family: 'data',
    what: `${path} ${what}.`,
    why: 'A commit names each file with its SHA-256; what does not match it is never read.',
    next: ['qo lake verify --repair-plan', `restore ${path} from a copy: qo lake pull`],
  })
