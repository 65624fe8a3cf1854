import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {crc32c, viewOf} from '../../src/kernel/crc32c.ts'

const sumOf = (bytes: Uint8Array): number => crc32c(viewOf(bytes))

describe('crc32c', () => {
  it('gives the vectors of RFC 3720', () => {
    const up = Uint8Array.from({length: 32}, (_, i) => i)
    expect(sumOf(new Uint8Array(0))).toBe(0)
    expect(sumOf(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
    expect(sumOf(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(sumOf(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
    expect(sumOf(up)).toBe(0x46dd794e)
    expect(sumOf(Uint8Array.from(up).reverse())).toBe(0x113fdb5c)
  })

  it('is the same for every alignment of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 60}), fc.nat(9), fc.nat(9), (bytes, before, behind) => {
        const padded = new Uint8Array(before + bytes.length + behind).fill(7)
        padded.set(bytes, before)
        expect(crc32c(viewOf(padded), before, before + bytes.length)).toBe(bitwise(bytes))
      }),
    )
  })
})

/** One bit at a time, as the polynomial is defined. */
function bitwise(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}
