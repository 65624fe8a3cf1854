import {createReadStream} from 'node:fs'
import {mkdtemp, rename, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'

/** Let something write a file beside its place and put it there whole; what was there before is replaced. */
export async function intoPlace<T>(path: string, write: (staged: string) => Promise<T>): Promise<T> {
  const staged = `${path}.${process.pid}.tmp`
  try {
    const result = await write(staged)
    await rename(staged, path)
    return result
  } finally {
    await rm(staged, {force: true})
  }
}

/**
 * Let something write a file, and pass it on to standard output.
 *
 * Not `/dev/stdout`: it cannot be opened where standard output is a socket, as for a child of many programs.
 */
export async function throughStdout<T>(write: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'qo-answer-'))
  try {
    const path = join(folder, 'answer')
    const result = await write(path)
    await pipeline(createReadStream(path), process.stdout, {end: false})
    return result
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
