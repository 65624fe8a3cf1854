import type {Kernel} from './operator.ts'
import {FEW, rankMembers, rankSharesFrom} from './rank-members.ts'

/** Bars that are laid side by side at a time, where a frame has its assets one after the other. */
const BLOCK = 64
const MOST = 2 ** 16

/**
 * Rank among the members of each bar, 1/count … 1, ties sharing theirs. Assets outside the universe, and members without
 * a value, neither count nor get one.
 *
 * A ranking begins from the order in which the one before over the same bar left its members, as in a sweep, or from that
 * of the bar before.
 */
export const rankAcross: Kernel = ([a], _, out, {assetCount: N, barCount: T, assetStep, universe}) => {
  const x = a!.values
  const ranker = new Ranker(N, roomOf(universe, N, T))
  if (assetStep === 1) {
    for (let t = 0; t < T; t++) ranker.rank(x, universe, t * N, t, out, t * N)
    return
  }
  const members = new Float64Array(N * Math.min(T, BLOCK))
  const present = new Uint8Array(members.length)
  for (let from = 0; from < T; from += BLOCK) {
    const bars = Math.min(BLOCK, T - from)
    for (let a = 0; a < N; a++) {
      const start = a * assetStep + from
      for (let k = 0, i = a; k < bars; k++, i += N) {
        members[i] = x[start + k]!
        present[i] = universe[start + k]!
      }
    }
    for (let k = 0; k < bars; k++) ranker.rank(members, present, k * N, from + k, members, k * N)
    for (let a = 0; a < N; a++) {
      const start = a * assetStep + from
      for (let k = 0, i = a; k < bars; k++, i += N) out[start + k] = members[i]!
    }
  }
}

/** Ranks the bars of one expression, one after the other. */
class Ranker {
  readonly #N: number
  readonly #room: Room
  #shares: Float64Array
  // An order of another expression is no beginning: where most were of no use, the next are not tried.
  #tried = 0
  #useless = 0

  constructor(N: number, room: Room) {
    this.#N = N
    this.#room = room
    this.#shares = room.all
  }

  /** Ranks of the N values at `row`, bar t, into `out` at `to`; who has none is no member. May be done in place. */
  rank(values: Float64Array, present: Uint8Array, row: number, t: number, out: Float64Array, to: number): void {
    const {known, all} = this.#room
    // Everybody was ranked before: where they still have values, nothing has to be gathered.
    if (known === null || known.isWhole[t] === 0 || !this.#ranks(values, row, this.#N, t, all, out, to))
      this.#gather(values, present, row, t, out, to)
  }

  #gather(values: Float64Array, present: Uint8Array, row: number, t: number, out: Float64Array, to: number): void {
    const N = this.#N
    const {value, share, member} = this.#room
    let count = 0
    for (let k = 0; k < N; k++) {
      const v = values[row + k]!
      if (present[row + k] !== 1 || v - v !== 0) continue
      value[count] = v
      member[count++] = k
    }
    this.#begin(t, count)
    const shares = this.#sharesOf(count)
    const isAll = count === N
    const ranked = isAll ? out : share
    const first = isAll ? to : 0
    if (!this.#ranks(value, 0, count, t, shares, ranked, first)) {
      rankMembers(value, count, share)
      for (let k = 0; k < count; k++) ranked[first + k] = shares[2 * share[k]!]!
    }
    if (isAll) return
    for (let k = 0; k < N; k++) out[to + k] = Number.NaN
    for (let k = 0; k < count; k++) out[to + member[k]!] = share[k]!
  }

  /** Begun from the known order. @returns false where that is not tried, or of no use */
  #ranks(
    value: Float64Array,
    from: number,
    count: number,
    t: number,
    shares: Float64Array,
    out: Float64Array,
    to: number,
  ): boolean {
    const {known} = this.#room
    if (known === null || (this.#N > FEW && 2 * this.#useless > this.#tried + 16)) return false
    this.#tried++
    if (rankSharesFrom(value, from, count, known.order, t * this.#N, shares, out, to)) return true
    this.#useless++
    return false
  }

  /** Room for `count` members, in the order of the bar before where that is as long. */
  #begin(t: number, count: number): void {
    const {known} = this.#room
    if (known === null || known.counted[t] === count) return
    const N = this.#N
    const at = t * N
    known.counted[t] = count
    known.isWhole[t] = count === N ? 1 : 0
    if (t > 0 && known.counted[t - 1] === count) known.order.copyWithin(at, at - N, at - N + count)
    else for (let k = 0; k < count; k++) known.order[at + k] = k
  }

  #sharesOf(count: number): Float64Array {
    if (count === this.#N) return this.#room.all
    if (this.#shares.length !== 2 * count + 1) this.#shares = sharesOf(count)
    return this.#shares
  }
}

/** r / 2n at r. */
const sharesOf = (n: number): Float64Array => Float64Array.from({length: 2 * n + 1}, (_, r) => r / 2 / n)

interface Orders {
  /** element t · N + k: the members of bar t as they were ranked last */
  readonly order: Uint16Array
  /** how many they were, and 1 where that was everybody */
  readonly counted: Uint16Array
  readonly isWhole: Uint8Array
}

/** What every ranking over one universe uses again: a sweep ranks once a variant. */
interface Room {
  /** null where the members are too many to be numbered in 16 bits */
  readonly known: Orders | null
  /** shape [N]: of the members of one bar, side by side */
  readonly value: Float64Array
  readonly share: Float64Array
  readonly member: Int32Array
  readonly all: Float64Array
}

const rooms = new WeakMap<Uint8Array, Room>()

/** Kept for as long as the universe is. */
function roomOf(universe: Uint8Array, N: number, T: number): Room {
  const found = rooms.get(universe)
  if (found) return found
  const made = {
    known: N < MOST ? {order: new Uint16Array(N * T), counted: new Uint16Array(T), isWhole: new Uint8Array(T)} : null,
    value: new Float64Array(N),
    share: new Float64Array(N),
    member: new Int32Array(N),
    all: sharesOf(N),
  }
  rooms.set(universe, made)
  return made
}
