import {XxHash32} from './xx-hash32.ts'

const MAGIC = 0x184d2204
const SKIPPABLE = 0x184d2a50
const WINDOW = 65_536
const BLOCK_MAX: Readonly<Record<number, number>> = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}

/**
 * Decode LZ4 frames, block by block, in bounded memory: independent and linked blocks, stored blocks, skippable frames,
 * several frames one behind the other. Header, block and content checksums and the content size are verified where the
 * frame has them, and a frame without its end mark is refused.
 *
 * @throws Error with what is wrong; what was yielded before is not to be used then
 * @see LZ4 frame format 1.6.3 and block format
 */
export async function* lz4Frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const input = new Pending(chunks)
  let frames = 0
  for (let magic = await input.number(true); magic !== null; magic = await input.number(true)) {
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      await input.take((await input.number())!)
      continue
    }
    if (magic !== MAGIC)
      throw new Error(frames === 0 ? 'it is no LZ4 frame' : 'there is something behind the last frame')
    yield* oneFrame(input)
    frames++
  }
  if (frames === 0) throw new Error('it is empty')
}

async function* oneFrame(input: Pending): AsyncGenerator<Buffer> {
  const head = await headerOf(input)
  const content = new XxHash32()
  let window: Buffer = Buffer.alloc(0)
  let size = 0
  for (let word = (await input.number())!; word !== 0; word = (await input.number())!) {
    const isStored = word >>> 31 === 1
    const length = word & 0x7fffffff
    if (length > head.blockMax) throw new Error('a block is larger than its frame allows')
    const packed = await input.take(length)
    if (head.blockChecksum && (await input.number()) !== new XxHash32().update(packed).digest()) {
      throw new Error('the checksum of a block is wrong')
    }
    const block = isStored ? packed : lz4Block(packed, head.blockMax, window)
    if (!head.independent) window = Buffer.concat([window, block]).subarray(-WINDOW)
    if (head.contentChecksum) content.update(block)
    size += block.length
    yield block
  }
  if (head.contentChecksum && (await input.number()) !== content.digest()) {
    throw new Error('the checksum of the content is wrong')
  }
  if (head.size !== null && head.size !== size) throw new Error(`it holds ${size} of ${head.size} bytes`)
}

interface Header {
  readonly independent: boolean
  readonly blockChecksum: boolean
  readonly contentChecksum: boolean
  readonly size: number | null
  readonly blockMax: number
}

async function headerOf(input: Pending): Promise<Header> {
  const start = await input.take(2)
  const [flags, descriptor] = [start[0]!, start[1]!]
  if (flags >> 6 !== 1) throw new Error(`frame version ${flags >> 6} is not read`)
  if (flags & 1) throw new Error('it needs a dictionary')
  const blockMax = BLOCK_MAX[(descriptor >> 4) & 7]
  if (blockMax === undefined) throw new Error('its block size is none')
  const sized = (flags & 8) !== 0
  const more = await input.take(sized ? 8 : 0)
  const [check] = await input.take(1)
  const expected = (new XxHash32().update(Buffer.concat([start, more])).digest() >>> 8) & 0xff
  if (check !== expected) throw new Error('the checksum of its header is wrong')
  return {
    independent: (flags & 32) !== 0,
    blockChecksum: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
    size: sized ? Number(more.readBigUInt64LE(0)) : null,
    blockMax,
  }
}

/**
 * One compressed block.
 *
 * @param window  up to 64 KiB that came before it, which its matches may reach into
 */
export function lz4Block(packed: Buffer, most: number, window: Buffer = Buffer.alloc(0)): Buffer {
  const out = Buffer.allocUnsafe(window.length + most)
  window.copy(out)
  let [at, end] = [0, window.length]
  const more = (length: number): number => {
    if (length < 15) return length
    for (let byte = 255; byte === 255; ) {
      if (at >= packed.length) throw new Error('a block ends inside a length')
      byte = packed[at++]!
      length += byte
    }
    return length
  }
  while (at < packed.length) {
    const token = packed[at++]!
    const literals = more(token >> 4)
    if (at + literals > packed.length || end + literals > out.length)
      throw new Error('a block ends inside its literals')
    packed.copy(out, end, at, at + literals)
    at += literals
    end += literals
    if (at === packed.length) return out.subarray(window.length, end)
    if (at + 2 > packed.length) throw new Error('a block ends inside an offset')
    const offset = packed.readUInt16LE(at)
    at += 2
    const length = more(token & 15) + 4
    if (offset === 0 || offset > end) throw new Error('a match reaches back before the beginning')
    if (end + length > out.length) throw new Error('a block is larger than its frame allows')
    // The match may overlap what it writes: then it repeats, and only byte by byte.
    if (offset >= length) out.copy(out, end, end - offset, end - offset + length)
    else for (let i = 0; i < length; i++) out[end + i] = out[end - offset + i]!
    end += length
  }
  return out.subarray(window.length, end)
}

/** Bytes of a stream on request. */
class Pending {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** A little-endian word; null when the stream is over and `atEnd` allows it. */
  async number(atEnd = false): Promise<number | null> {
    if (atEnd && this.#held.length === 0 && !(await this.#more())) return null
    return (await this.take(4)).readUInt32LE(0)
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [this.#held]
    let size = this.#held.length
    while (size < length) {
      const {value, done} = await this.#chunks.next()
      if (done === true) throw new Error('it ends before its end mark: it was cut')
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      size += value.length
    }
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    this.#held = all.subarray(length)
    return all.subarray(0, length)
  }

  async #more(): Promise<boolean> {
    while (this.#held.length === 0) {
      const {value, done} = await this.#chunks.next()
      if (done === true) return false
      this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    return true
  }
}
