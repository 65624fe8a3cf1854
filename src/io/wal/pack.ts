import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {open} from 'node:fs/promises'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGunzip, createGzip} from 'node:zlib'

/** Market JSON is mostly hashes: level 6 takes twice the time for 3 % less room. */
const LEVEL = 1
/** zlib comes back to the main thread once for each; its default is 16 KiB. */
const CHUNK = 1 << 20

/** gzip into a new file that lasts, a piece at a time: no packed copy is ever whole in memory. */
export async function packInto(path: string, content: Buffer): Promise<{sha256: string; bytes: number}> {
  const handle = await open(path, 'wx', 0o644)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    await pipeline(Readable.from(piecesOf(content)), createGzip({level: LEVEL, chunkSize: CHUNK}), async (packed) => {
      for await (const piece of packed as AsyncIterable<Buffer>) {
        hash.update(piece)
        for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten
        bytes += piece.length
      }
    })
    await handle.sync()
  } finally {
    await handle.close()
  }
  return {sha256: hash.digest('hex'), bytes}
}

/** Whether a packed file reads back as this. */
export async function unpacksTo(path: string, content: Buffer): Promise<boolean> {
  let [at, same] = [0, true]
  await pipeline(createReadStream(path, {highWaterMark: CHUNK}), createGunzip({chunkSize: CHUNK}), async (unpacked) => {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      same &&= piece.equals(content.subarray(at, at + piece.length))
      at += piece.length
    }
  })
  return same && at === content.length
}

function* piecesOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += CHUNK) yield content.subarray(at, at + CHUNK)
}
