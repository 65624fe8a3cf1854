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
  const rank = ranker(N, N < MOST ? ordersOf(universe, T) : null)
  const members = new Float64Array(N * Math.min(T, BLOCK))
  const present = new Uint8Array(members.length)
  for (let from = 0; from < T; from += BLOCK) {
    const bars = Math.min(BLOCK, T - from)
    if (assetStep === 1) {
      for (let t = from; t < from + bars; t++) rank(x, universe, t * N, t, out, t * N)
      continue
    }
    for (let a = 0; a < N; a++) {
      const start = a * assetStep + from
      for (let k = 0, i = a; k < bars; k++, i += N) {
        members[i] = x[start + k]!
        present[i] = universe[start + k]!
      }
    }
    for (let k = 0; k < bars; k++) rank(members, present, k * N, from + k, members, k * N)
    for (let a = 0; a < N; a++) {
      const start = a * assetStep + from
      for (let k = 0, i = a; k < bars; k++, i += N) out[start + k] = members[i]!
    }
  }
}

type Rank = (values: Float64Array, present: Uint8Array, row: number, t: number, out: Float64Array, to: number) => void

/** Ranks of the N values at `row`, bar t, into `out` at `to`; who has none is no member. May be done in place. */
function ranker(N: number, known: Orders | null): Rank {
  const [value, share] = [new Float64Array(N), new Float64Array(N)]
  const member = new Int32Array(N)
  const all = sharesOf(N)
  let shares = all
  // An order of another expression is no beginning: where most were of no use, the next are not tried.
  let [tried, useless] = [0, 0]
  const isHopeful = (): boolean => N <= FEW || 2 * useless <= tried + 16
  const counted = (isRanked: boolean): boolean => {
    tried++
    if (!isRanked) useless++
    return isRanked
  }
  /** Room for `count` members, in the order of the bar before where that is as long. */
  const begin = (t: number, count: number): void => {
    if (known === null || known.counted[t] === count) return
    const at = t * N
    known.counted[t] = count
    known.isWhole[t] = count === N ? 1 : 0
    if (t > 0 && known.counted[t - 1] === count) known.order.copyWithin(at, at - N, at - N + count)
    else for (let k = 0; k < count; k++) known.order[at + k] = k
  }
  return (values, present, row, t, out, to) => {
    // Everybody was ranked before: where they still have values, nothing has to be gathered.
    if (known !== null && known.isWhole[t] === 1 && isHopeful()) {
      if (counted(rankSharesFrom(values, row, N, known.order, t * N, all, out, to))) return
    }
    let count = 0
    for (let k = 0; k < N; k++) {
      const v = values[row + k]!
      if (present[row + k] !== 1 || v - v !== 0) continue
      value[count] = v
      member[count++] = k
    }
    begin(t, count)
    if (count === N) shares = all
    else if (shares.length !== 2 * count + 1) shares = sharesOf(count)
    const isAll = count === N
    const ranked = isAll ? out : share
    const first = isAll ? to : 0
    const isTried = known !== null && isHopeful()
    if (!isTried || !counted(rankSharesFrom(value, 0, count, known!.order, t * N, shares, ranked, first))) {
      rankMembers(value, count, share)
      for (let k = 0; k < count; k++) ranked[first + k] = shares[2 * share[k]!]!
    }
    if (isAll) return
    for (let k = 0; k < N; k++) out[to + k] = Number.NaN
    for (let k = 0; k < count; k++) out[to + member[k]!] = share[k]!
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

const orders = new WeakMap<Uint8Array, Orders>()

/** Kept for as long as the universe is. */
function ordersOf(universe: Uint8Array, barCount: number): Orders {
  const found = orders.get(universe)
  if (found) return found
  const made = {
    order: new Uint16Array(universe.length),
    counted: new Uint16Array(barCount),
    isWhole: new Uint8Array(barCount),
  }
  orders.set(universe, made)
  return made
}
