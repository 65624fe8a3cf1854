import {createReadStream, createWriteStream} from 'node:fs'
import {basename} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {Fault} from '../../kernel/fault.ts'
import {lz4Frames} from './lz4-frame.ts'

/** Unpack an LZ4 file into `target`, every checksum verified. @throws Fault `ingest.bad_lz4` (data) */
export async function unpackLz4(path: string, target: string): Promise<void> {
  try {
    await pipeline(lz4Frames(createReadStream(path)), createWriteStream(target))
  } catch (cause) {
    throw new Fault('ingest.bad_lz4', {
      family: 'data',
      what: `${basename(path)} cannot be unpacked; nothing of it is used.`,
      why: (cause as Error).message,
      next: ['delete it from data/cache/archive and download it again'],
      cause,
    })
  }
}
