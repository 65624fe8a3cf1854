import {createHash} from 'node:crypto'
import {crc32, deflateRawSync} from 'node:zlib'
import {XxHash32} from '../../src/io/sources/xx-hash32.ts'

/** A zip with these files, as the exchanges' archives are: deflated, one entry as a rule. */
export function zipOf(entries: Readonly<Record<string, string | Buffer>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes)
    const path = Buffer.from(name)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(8, 4)
    facts.writeUInt32LE(crc32(bytes), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(bytes.length, 18)
    facts.writeUInt16LE(path.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, path, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, tail, path]))
    parts.push(local)
    offset += local.length
  }
  const entriesBytes = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length, 4)
  end.writeUInt16LE(directory.length, 6)
  end.writeUInt32LE(entriesBytes.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, entriesBytes, Buffer.from('PK\x05\x06', 'latin1'), end])
}

/** The `.CHECKSUM` beside a file of the archive. */
export const checksumOf = (name: string, bytes: Buffer): string =>
  `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`

/** Klines as the archive writes them: no header, `hours` from `from` on, times in ms or us. */
export const klinesCsv = (from: number, hours: number, {per = 1, close = 100, header = false} = {}): string => {
  const lines = Array.from({length: hours}, (_, i) => {
    const open = (from + i * 3_600_000) * per
    return `${open},${close},${close + 2},${close - 2},${close + 1},7,${open + 3_600_000 * per - 1},700,42,3,300,0`
  })
  const names =
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
  return `${[...(header ? [names] : []), ...lines].join('\n')}\n`
}

/** An LZ4 frame of stored blocks: the header and content checksums are real, the content is as it was. */
export function lz4Of(content: string): Buffer {
  const bytes = Buffer.from(content)
  const word = (value: number): Buffer => {
    const buffer = Buffer.alloc(4)
    buffer.writeUInt32LE(value >>> 0)
    return buffer
  }
  const head = Buffer.from([0b01100100, 0x40])
  const check = Buffer.from([(new XxHash32().update(head).digest() >>> 8) & 0xff])
  const parts = [word(0x184d2204), head, check]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536)
    parts.push(word(block.length | 0x80000000), block)
  }
  return Buffer.concat([...parts, word(0), word(new XxHash32().update(bytes).digest())])
}
