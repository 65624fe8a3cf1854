import type {Kernel} from './operator.ts'
import {rankMembers, rankSharesFrom} from './rank-members.ts'

const orders = new WeakMap<Uint8Array, Orders>()
const MOST = 2 ** 16

/**
 * Rank among the members of each bar, 1/count … 1, ties sharing theirs. Assets outside the universe, and members without
 * a value, neither count nor get one.
 *
 * A sweep ranks the same bars once a variant: each ranking begins from the order in which the one before over the same
 * universe left its members.
 */
export const rankAcross: Kernel = ([a], _, out, {assetCount: N, barCount, assetStep, barStep, universe}) => {
  const x = a!.values
  const known = N < MOST ? ordersOf(universe, barCount) : null
  const [value, share] = [new Float64Array(N), new Float64Array(N)]
  const member = new Int32Array(N)
  let shares: Float64Array = new Float64Array(0)
  for (let t = 0; t < barCount; t++) {
    const at = t * N
    // Side by side, all there and ranked before: nothing has to be gathered.
    if (assetStep === 1 && known?.whole[t] === 1) {
      if (shares.length !== 2 * N + 1) shares = sharesOf(N)
      if (rankSharesFrom(x, t * barStep, N, known.order, at, shares, out, t * barStep)) continue
    }
    let count = 0
    for (let k = 0, i = t * barStep; k < N; k++, i += assetStep) {
      const v = x[i]!
      if (universe[i] !== 1 || v - v !== 0) {
        out[i] = Number.NaN
        continue
      }
      value[count] = v
      member[count++] = i
    }
    if (known !== null && known.counted[t] !== count) {
      known.counted[t] = count
      known.whole[t] = count === N ? 1 : 0
      for (let k = 0; k < count; k++) known.order[at + k] = k
    }
    if (shares.length !== 2 * count + 1) shares = sharesOf(count)
    if (known === null || !rankSharesFrom(value, 0, count, known.order, at, shares, share, 0)) {
      rankMembers(value, count, share)
      for (let k = 0; k < count; k++) share[k] = shares[2 * share[k]!]!
    }
    for (let k = 0; k < count; k++) out[member[k]!] = share[k]!
  }
}

/** r / 2n at r. */
const sharesOf = (n: number): Float64Array => Float64Array.from({length: 2 * n + 1}, (_, r) => r / 2 / n)

interface Orders {
  /** element t · N + k: the members of bar t as they were ranked last */
  readonly order: Uint16Array
  /** how many they were, and 1 where that is everybody */
  readonly counted: Uint16Array
  readonly whole: Uint8Array
}

/** Kept for as long as the universe is. */
function ordersOf(universe: Uint8Array, barCount: number): Orders {
  const found = orders.get(universe)
  if (found) return found
  const made = {
    order: new Uint16Array(universe.length),
    counted: new Uint16Array(barCount),
    whole: new Uint8Array(barCount),
  }
  orders.set(universe, made)
  return made
}
