const [P1, P2, P3, P4, P5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1]

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits))
const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1)

/**
 * xxHash32, fed piece by piece: the checksum of LZ4 frames.
 *
 * @see Collet, xxHash specification 0.1.1
 */
export class XxHash32 {
  readonly #lanes: [number, number, number, number]
  readonly #seed: number
  readonly #rest = Buffer.alloc(16)
  #held = 0
  #length = 0

  constructor(seed = 0) {
    this.#seed = seed
    this.#lanes = [(seed + P1 + P2) | 0, (seed + P2) | 0, seed | 0, (seed - P1) | 0]
  }

  update(bytes: Uint8Array): this {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#length += buffer.length
    let at = 0
    if (this.#held > 0) {
      at = buffer.copy(this.#rest, this.#held, 0, 16 - this.#held)
      this.#held += at
      if (this.#held < 16) return this
      this.#stripe(this.#rest, 0)
      this.#held = 0
    }
    for (; at + 16 <= buffer.length; at += 16) this.#stripe(buffer, at)
    this.#held = buffer.copy(this.#rest, 0, at)
    return this
  }

  #stripe(buffer: Buffer, at: number): void {
    for (let i = 0; i < 4; i++) this.#lanes[i] = round(this.#lanes[i]!, buffer.readUInt32LE(at + 4 * i))
  }

  /** the hash of everything so far, as an unsigned number */
  digest(): number {
    const [a, b, c, d] = this.#lanes
    let hash = this.#length >= 16 ? rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18) : this.#seed + P5
    hash = (hash + this.#length) | 0
    let at = 0
    for (; at + 4 <= this.#held; at += 4) {
      hash = Math.imul(rotate((hash + Math.imul(this.#rest.readUInt32LE(at), P3)) | 0, 17), P4)
    }
    for (; at < this.#held; at++) hash = Math.imul(rotate((hash + Math.imul(this.#rest[at]!, P5)) | 0, 11), P1)
    hash = Math.imul(hash ^ (hash >>> 15), P2)
    hash = Math.imul(hash ^ (hash >>> 13), P3)
    return (hash ^ (hash >>> 16)) >>> 0
  }
}
