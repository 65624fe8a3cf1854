import {createReadStream} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {basename} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {crc32, createInflateRaw} from 'node:zlib'
import {Fault} from '../../kernel/fault.ts'

const END = 0x06054b50
const END64_LOCATOR = 0x07064b50
const END64 = 0x06064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const FULL32 = 0xffffffff

interface Entry {
  readonly name: string
  readonly method: number
  readonly encrypted: boolean
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

/**
 * Unpack the one file of a zip, as the exchanges' archives are, into `target`, in bounded memory. Size and CRC-32 of the
 * content are those the directory names, or nothing is believed. Zip64 is read: a month of trades passes 4 GB.
 *
 * @returns the name of the entry
 * @throws Fault `ingest.bad_zip` (data)
 * @see PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3
 */
export async function unzipEntry(path: string, target: string): Promise<string> {
  const file = await open(path)
  let entry: Entry
  let from: number
  try {
    entry = await onlyEntry(file, basename(path))
    const local = await bytesAt(file, entry.offset, 30)
    if (local.length < 30 || local.readUInt32LE(0) !== LOCAL)
      throw badZip(path, 'the entry does not start where it says')
    from = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  } catch (cause) {
    throw cause instanceof Fault ? cause : badZip(path, (cause as Error).message)
  } finally {
    await file.close()
  }
  let [crc, size] = [0, 0]
  const out = await open(target, 'w')
  try {
    const packed = createReadStream(path, {start: from, end: Math.max(from, from + entry.packed - 1)})
    async function write(chunks: AsyncIterable<Buffer>): Promise<void> {
      for await (const chunk of chunks) {
        crc = crc32(chunk, crc)
        size += chunk.length
        if (size > entry.size) throw new Error('it is larger than its directory says')
        await out.write(chunk)
      }
    }
    if (entry.packed > 0) {
      await (entry.method === 8 ? pipeline(packed, createInflateRaw(), write) : pipeline(packed, write))
    }
  } catch (cause) {
    throw badZip(path, (cause as Error).message)
  } finally {
    await out.close()
  }
  if (size !== entry.size) throw badZip(path, `${entry.name} ends after ${size} of ${entry.size} bytes`)
  if (crc !== entry.crc) throw badZip(path, `the CRC-32 of ${entry.name} is wrong`)
  return entry.name
}

async function onlyEntry(file: FileHandle, name: string): Promise<Entry> {
  const {size} = await file.stat()
  const tail = await bytesAt(file, Math.max(0, size - 65_557), Math.min(size, 65_557))
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--
  if (end < 0) throw badZip(name, 'it has no directory: the end is missing, or it is no zip')
  let [length, offset] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (end >= 20 && tail.readUInt32LE(end - 20) === END64_LOCATOR) {
    const end64 = await bytesAt(file, Number(tail.readBigUInt64LE(end - 12)), 56)
    if (end64.readUInt32LE(0) !== END64) throw badZip(name, 'its zip64 directory is missing')
    ;[length, offset] = [Number(end64.readBigUInt64LE(40)), Number(end64.readBigUInt64LE(48))]
  }
  const directory = await bytesAt(file, offset, Math.min(length, 1 << 20))
  const entries = entriesOf(directory).filter((entry) => !entry.name.endsWith('/'))
  const [entry] = entries
  if (entry === undefined || entries.length > 1) throw badZip(name, `it holds ${entries.length} files and not one`)
  if (entry.encrypted) throw badZip(name, 'it is encrypted')
  if (entry.method !== 0 && entry.method !== 8) throw badZip(name, `compression method ${entry.method} is not read`)
  return entry
}

function entriesOf(directory: Buffer): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY; ) {
    const [nameLength, extraLength] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30)]
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
    const wide = widths(extra)
    const take = (value: number): number => (value === FULL32 ? Number(wide.shift() ?? 0n) : value)
    const size = take(directory.readUInt32LE(at + 24))
    const packed = take(directory.readUInt32LE(at + 20))
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      crc: directory.readUInt32LE(at + 16),
      packed,
      size,
      offset: take(directory.readUInt32LE(at + 42)),
    })
    at += 46 + nameLength + extraLength + directory.readUInt16LE(at + 32)
  }
  return entries
}

/** The 64-bit numbers of a zip64 extra field, in the order in which the short ones are full. */
function widths(extra: Buffer): bigint[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue
    const count = Math.floor(extra.readUInt16LE(at + 2) / 8)
    return Array.from({length: count}, (_, i) => extra.readBigUInt64LE(at + 4 + 8 * i))
  }
  return []
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const {bytesRead} = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

const badZip = (path: string, why: string): Fault =>
  new Fault('ingest.bad_zip', {
    family: 'data',
    what: `${basename(path)} cannot be unpacked; nothing of it is used.`,
    why,
    next: ['download it again', 'compare it with the .CHECKSUM file beside it'],
  })
