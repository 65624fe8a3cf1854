import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {basename} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createGunzip} from 'node:zlib'
import type {LinesFile} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {hashFile} from '../lake/parquet-file.ts'
import {lz4Frames} from './lz4-frame.ts'

const BATCH = 1000
/** A longer line is no frame of any venue. */
const LONGEST_LINE = 32 << 20

/**
 * Open a text file, plain, gzipped or LZ4, to be read line by line in bounded memory, as often as asked.
 *
 * @throws Fault `ingest.no_file` (data); while reading `ingest.unreadable_file`, `ingest.file_changed`
 */
export async function openLines(path: string): Promise<LinesFile> {
  const name = basename(path)
  const before = await stampOf(path)
  const sha256 = await hashFile(path)
  return {
    name,
    sha256,
    async *lines() {
      if ((await stampOf(path)) !== before) throw changed(name)
      let [line, rest] = [0, '']
      const decoder = new TextDecoder()
      let batch: string[] = []
      const chunks: AsyncIterable<Uint8Array> = packed(path)
      try {
        for await (const chunk of chunks) {
          const parts = (rest + decoder.decode(chunk, {stream: true})).split('\n')
          rest = parts.pop()!
          if (rest.length > LONGEST_LINE) throw new Error(`the line is longer than ${LONGEST_LINE >> 20} MiB`)
          batch.push(...parts)
          if (batch.length < BATCH) continue
          line += batch.length
          yield batch
          batch = []
        }
      } catch (cause) {
        throw unreadable(name, line + batch.length + 1, cause as Error)
      }
      if (rest !== '') batch.push(rest)
      if (batch.length > 0) yield batch
      if ((await stampOf(path)) !== before) throw changed(name)
    },
  }
}

const packed = (path: string): AsyncIterable<Uint8Array> =>
  path.endsWith('.gz')
    ? unzipped(path)
    : path.endsWith('.lz4')
      ? lz4Frames(createReadStream(path))
      : createReadStream(path)

function unzipped(path: string): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip()
  // An error on either side ends the reading of `gunzip`: it is thrown there, once.
  pipeline(createReadStream(path), gunzip).catch(() => undefined)
  return gunzip
}

async function stampOf(path: string): Promise<string> {
  const {ino, size, mtimeMs} = await stat(path).catch((cause: Error) => {
    throw new Fault('ingest.no_file', {
      family: 'data',
      what: `${basename(path)} cannot be opened.`,
      why: cause.message,
      next: ['check the path'],
      cause,
    })
  })
  return `${ino} ${size} ${mtimeMs}`
}

const changed = (name: string): Fault =>
  new Fault('ingest.file_changed', {
    family: 'data',
    what: `${name} changed while it was read.`,
    why: 'The frames and the hash that names them must be of the same bytes.',
    next: ['wait until the file is complete, then run the command again'],
  })

const unreadable = (name: string, line: number, cause: Error): Fault =>
  new Fault('ingest.unreadable_file', {
    family: 'data',
    what: `${name} cannot be read beyond line ${line}.`,
    why: cause.message,
    next: ['check that the file is complete: download it again', 'unpack it as far as it goes and import that'],
    cause,
  })
