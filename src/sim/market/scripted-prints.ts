import {Random} from '../../kernel/random.ts'
import {sha256} from '../../kernel/sha256.ts'
import type {Bar} from './bars.ts'
import type {Print} from './market-source.ts'

const MINUTE_MS = 60_000
const USERS = 48

/**
 * The public trades of a market that is given as minutes: one minute's prints have its open, high, low, close, volume
 * and count, and in between they follow the path of its seconds.
 *
 * A minute is drawn when it is first looked at, from one seed, and kept until another is needed.
 */
export class ScriptedPrints {
  readonly #name: string
  readonly #minuteAt: (t: number) => {readonly bar: Bar; readonly mids: readonly number[]} | null
  readonly #drawn = new Map<number, readonly Print[]>()
  #users: readonly string[] | undefined

  /** @param minuteAt  the whole minute that opens at `t` and its sixty mids; null when it does not exist */
  constructor(name: string, minuteAt: (t: number) => {readonly bar: Bar; readonly mids: readonly number[]} | null) {
    this.#name = name
    this.#minuteAt = minuteAt
  }

  /** @returns prints with after < time <= upTo, oldest first */
  between(after: number, upTo: number): Print[] {
    const found: Print[] = []
    for (let t = Math.floor((after + 1) / MINUTE_MS) * MINUTE_MS; t <= upTo; t += MINUTE_MS) {
      for (const print of this.#minute(t)) {
        if (print.time > after && print.time <= upTo) found.push(print)
      }
    }
    return found
  }

  /** Draw the minute that opens at `t` again when it is next looked at. */
  forget(t: number): void {
    this.#drawn.delete(t)
  }

  #minute(t: number): readonly Print[] {
    const held = this.#drawn.get(t)
    if (held) return held
    const minute = this.#minuteAt(t)
    const prints = minute === null ? [] : this.#draw(minute.bar, minute.mids)
    if (this.#drawn.size >= 4) this.#drawn.delete(this.#drawn.keys().next().value!)
    this.#drawn.set(t, prints)
    return prints
  }

  #draw(bar: Bar, mids: readonly number[]): Print[] {
    const count = Math.min(bar.n, bar.v)
    if (count === 0) return []
    const random = new Random(`qo-sim|prints|${this.#name}|${bar.t}`)
    const prices = pricesOf(bar, mids, count)
    const sizes = sizesOf(bar.v, count, random)
    const slot = MINUTE_MS / count
    let upTick = random.unit() < 0.5
    return prices.map((px, k) => {
      // First and last at the edges of the minute: no other trade can then open or close its bar.
      const inside = Math.floor((k + random.unit()) * slot)
      const time = bar.t + (k === count - 1 ? MINUTE_MS - 1 : k === 0 ? 0 : inside)
      const before = prices[k - 1] ?? px
      upTick = px === before ? random.unit() < 0.5 : px > before
      return {time, px, lots: sizes[k]!, takerIsBuy: upTick, ...this.#identity(random)}
    })
  }

  #identity(random: Random): Pick<Print, 'tid' | 'hash' | 'users'> {
    this.#users ??= Array.from({length: USERS}, (_, i) => `0x${sha256(`${this.#name}|user|${i}`).slice(0, 40)}`)
    let hash = '0x'
    for (let i = 0; i < 8; i++) hash += random.word().toString(16).padStart(8, '0')
    const buyer = random.below(USERS)
    const seller = (buyer + 1 + random.below(USERS - 1)) % USERS
    return {tid: Number.parseInt(hash.slice(2, 14), 16), hash, users: [this.#users[buyer]!, this.#users[seller]!]}
  }
}

/** Open first, close last, high and low where the path comes nearest to them, the path elsewhere. */
function pricesOf(bar: Bar, mids: readonly number[], count: number): number[] {
  const prices = Array.from({length: count}, (_, k) => mids[Math.floor(((k + 0.5) * mids.length) / count)]!)
  prices[0] = bar.o
  prices[count - 1] = bar.c
  if (count < 4) return prices
  const inner = (better: (a: number, b: number) => boolean, not: number): number => {
    let best = not === 1 ? 2 : 1
    for (let k = 1; k < count - 1; k++) if (k !== not && better(prices[k]!, prices[best]!)) best = k
    return best
  }
  const high = inner((a, b) => a > b, 0)
  prices[high] = bar.h
  prices[inner((a, b) => a < b, high)] = bar.l
  return prices
}

/** Whole lots, at least one each, that add up to `volume`. */
function sizesOf(volume: number, count: number, random: Random): number[] {
  const weights = Array.from({length: count}, () => -Math.log(1 - random.unit()))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const spare = volume - count
  let [soFar, given] = [0, 0]
  return weights.map((weight, k) => {
    soFar += weight
    const due = k === count - 1 ? spare : Math.floor((spare * soFar) / sum)
    const lots = 1 + due - given
    given = due
    return lots
  })
}
