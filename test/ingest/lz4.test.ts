import {readFileSync} from 'node:fs'
import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {lz4Frames} from '../../src/io/sources/lz4-frame.ts'
import {XxHash32} from '../../src/io/sources/xx-hash32.ts'
import {lz4Of} from './archive-files.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function decode(bytes: Buffer, size = 1000): Promise<string> {
  const blocks: Buffer[] = []
  for await (const block of lz4Frames(pieces(bytes, size))) blocks.push(Buffer.from(block))
  return Buffer.concat(blocks).toString()
}

/** What the reference tool packed: `lz4 -B4 -BD -BX --content-size` and `lz4 -B4 -BI` of 20,000 lines. */
const LINES = Array.from({length: 20_000}, (_, i) => `row ${i % 97}\n`).join('')
const fixture = (name: string): Buffer => readFileSync(new URL(`lz4/${name}.lz4`, import.meta.url))

describe('an LZ4 frame', () => {
  it('of the reference tool is read, blocks linked or not, however its bytes arrive', async () => {
    for (const name of ['linked', 'independent']) {
      for (const size of [1, 7, 100_000]) expect((await decode(fixture(name), size)) === LINES).toBe(true)
    }
  })

  it('may be followed by another, and skipped parts are skipped', async () => {
    const skipped = Buffer.from('502a4d1803000000616263', 'hex')
    expect(await decode(Buffer.concat([skipped, lz4Of('a'), lz4Of('b')]))).toBe('ab')
  })

  it('that is cut anywhere is refused', async () => {
    const whole = fixture('linked')
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 0, max: whole.length - 1}), async (length) => {
        await expect(decode(whole.subarray(0, length))).rejects.toThrow()
      }),
      {numRuns: 40},
    )
  })

  it('with one byte changed gives the same text or an error, never another text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('linked', 'independent'),
        fc.nat(1400),
        fc.integer({min: 1, max: 255}),
        async (name, at, mask) => {
          const bytes = Buffer.from(fixture(name))
          bytes[at]! ^= mask
          const text = await decode(bytes).catch(() => null)
          expect(text === null || text === LINES).toBe(true)
        },
      ),
      {numRuns: 60},
    )
  })
})

describe('xxHash32', () => {
  it('gives the published values, in one piece or many', () => {
    const text = Buffer.from('Nobody inspects the spammish repetition')
    expect(new XxHash32().digest()).toBe(0x02cc5d05)
    expect(new XxHash32().update(text).digest()).toBe(0xe2293b2f)
    const pieceByPiece = new XxHash32()
    for (const byte of text) pieceByPiece.update(Uint8Array.of(byte))
    expect(pieceByPiece.digest()).toBe(0xe2293b2f)
  })
})
