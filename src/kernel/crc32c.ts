/** Reflected Castagnoli polynomial. */
const POLYNOMIAL = 0x82f63b78

/** Row k advances a byte that lies k bytes before the end of a sixteen-byte step. */
const row = (before: Int32Array): Int32Array => before.map((crc) => (crc >>> 8) ^ T0[crc & 255]!)

// One name a row: what an engine knows to be constant it need not look up sixteen times a step.
const T0 = new Int32Array(256).map((_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
})
const T1 = row(T0)
const T2 = row(T1)
const T3 = row(T2)
const T4 = row(T3)
const T5 = row(T4)
const T6 = row(T5)
const T7 = row(T6)
const T8 = row(T7)
const T9 = row(T8)
const T10 = row(T9)
const T11 = row(T10)
const T12 = row(T11)
const T13 = row(T12)
const T14 = row(T13)
const T15 = row(T14)

/**
 * CRC-32C of the bytes [from, to): finds every error of up to 32 bits in a row, and misses one in 2^32 of the others.
 *
 * Sixteen bytes a step, so that checking a frame costs no more than copying it twice.
 *
 * @returns unsigned 32 bits
 * @see RFC 3720, appendix B.4 (polynomial and vectors); Kounavis & Berry (2005), slicing-by-8
 */
export function crc32c(bytes: DataView, from = 0, to = bytes.byteLength): number {
  let crc = -1
  let i = from
  for (const end = to - 15; i < end; i += 16) {
    const a = crc ^ bytes.getInt32(i, true)
    const b = bytes.getInt32(i + 4, true)
    const c = bytes.getInt32(i + 8, true)
    const d = bytes.getInt32(i + 12, true)
    crc =
      T15[a & 255]! ^
      T14[(a >>> 8) & 255]! ^
      T13[(a >>> 16) & 255]! ^
      T12[a >>> 24]! ^
      T11[b & 255]! ^
      T10[(b >>> 8) & 255]! ^
      T9[(b >>> 16) & 255]! ^
      T8[b >>> 24]! ^
      T7[c & 255]! ^
      T6[(c >>> 8) & 255]! ^
      T5[(c >>> 16) & 255]! ^
      T4[c >>> 24]! ^
      T3[d & 255]! ^
      T2[(d >>> 8) & 255]! ^
      T1[(d >>> 16) & 255]! ^
      T0[d >>> 24]!
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ T0[(crc ^ bytes.getUint8(i)) & 255]!
  return ~crc >>> 0
}

/** Any bytes as what the checksum and the scanners read words from. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
