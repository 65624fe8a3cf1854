import {sha256Bytes} from './sha256.ts'

/**
 * xoshiro128**: the only source of chance in qo. Same seed text, same draws, on every machine.
 *
 * The seed is SHA-256 of a text that names what the stream is for (`qo-gauntlet|v1|hyp:x|stage:spa|data:…`), so two
 * stages never share draws and a rerun repeats them.
 *
 * @see Blackman & Vigna (2021), Scrambled linear pseudorandom number generators; golden `prng.json`
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: string | readonly [number, number, number, number]) {
    const state = typeof seed === 'string' ? seedState(seed) : seed
    ;[this.#a, this.#b, this.#c, this.#d] = state
  }

  /** Next 32-bit word, 0 … 2^32 − 1. */
  word(): number {
    const scrambled = Math.imul(rotl(Math.imul(this.#b, 5), 7), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = rotl(this.#d, 11)
    return scrambled
  }

  /** Uniform on [0, 1) with 53 bits. */
  unit(): number {
    return ((this.word() >>> 5) * 67_108_864 + (this.word() >>> 6)) / 9_007_199_254_740_992
  }

  /** Uniform integer 0 … n − 1, without modulo bias. */
  below(n: number): number {
    const limit = 4_294_967_296 - (4_294_967_296 % n)
    let word = this.word()
    while (word >= limit) word = this.word()
    return word % n
  }

  /** Standard normal by the polar method; the second value is thrown away so that draws stay countable. */
  normal(): number {
    for (;;) {
      const u = 2 * this.unit() - 1
      const v = 2 * this.unit() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s)
    }
  }

  /** Fisher–Yates, in place, from the last element down. */
  shuffle<Items extends unknown[] | Int32Array>(items: Items): Items {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = items[i]!
      items[i] = items[j]!
      items[j] = held
    }
    return items
  }
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

function seedState(text: string): [number, number, number, number] {
  const bytes = new DataView(sha256Bytes(text).buffer)
  return [bytes.getUint32(0), bytes.getUint32(4), bytes.getUint32(8), bytes.getUint32(12)]
}
