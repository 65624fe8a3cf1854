/** Reflected Castagnoli polynomial. */
const POLYNOMIAL = 0x82f63b78

/** Eight tables of 256: row k advances a byte that lies k bytes before the end of an eight-byte step. */
const TABLES = new Uint32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  TABLES[byte] = crc
}
for (let k = 1; k < 8; k++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = TABLES[(k - 1) * 256 + byte]!
    TABLES[k * 256 + byte] = (before >>> 8) ^ TABLES[before & 255]!
  }
}

/**
 * CRC-32C of `bytes[from, to)`: finds every error of up to 32 bits in a row, and misses one in 2^32 of the others.
 *
 * Eight bytes a step, so that checking a frame costs less than copying it.
 *
 * @returns unsigned 32 bits
 * @see RFC 3720, appendix B.4 (polynomial and vectors); Kounavis & Berry (2005), slicing-by-8
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1
  let i = from
  for (const end = to - 7; i < end; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      TABLES[1792 + (crc & 255)]! ^
      TABLES[1536 + ((crc >>> 8) & 255)]! ^
      TABLES[1280 + ((crc >>> 16) & 255)]! ^
      TABLES[1024 + (crc >>> 24)]! ^
      TABLES[768 + bytes[i + 4]!]! ^
      TABLES[512 + bytes[i + 5]!]! ^
      TABLES[256 + bytes[i + 6]!]! ^
      TABLES[bytes[i + 7]!]!
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ TABLES[(crc ^ bytes[i]!) & 255]!
  return ~crc >>> 0
}
