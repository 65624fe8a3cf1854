import type {Kernel} from './operator.ts'
import {rankMembers, rankSharesFrom} from './rank-members.ts'

const orders = new WeakMap<Uint8Array, {order: Uint16Array; counted: Uint16Array}>()
const MOST = 2 ** 16

/**
 * Rank among the members of each bar, 1/count … 1, ties sharing theirs. Assets outside the universe, and members without
 * a value, neither count nor get one.
 *
 * A sweep ranks the same bars once a variant: each ranking begins from the order in which the one before over the same
 * universe left its members.
 */
export const rankAcross: Kernel = ([a], _, out, {assetCount, barCount, assetStep, barStep, universe}) => {
  const x = a!.values
  const known = assetCount < MOST ? ordersOf(universe, barCount) : null
  const [value, share] = [new Float64Array(assetCount), new Float64Array(assetCount)]
  const member = new Int32Array(assetCount)
  const shares = new Float64Array(2 * assetCount + 1)
  let counted = 0
  for (let t = 0; t < barCount; t++) {
    let count = 0
    for (let k = 0, i = t * barStep; k < assetCount; k++, i += assetStep) {
      const v = x[i]!
      if (universe[i] !== 1 || v - v !== 0) {
        out[i] = Number.NaN
        continue
      }
      value[count] = v
      member[count++] = i
    }
    if (known === null) {
      rankMembers(value, count, share)
      for (let k = 0; k < count; k++) out[member[k]!] = share[k]! / count
      continue
    }
    if (count !== counted) {
      counted = count
      for (let r = 0; r <= 2 * count; r++) shares[r] = r / 2 / count
    }
    const at = t * assetCount
    if (known.counted[t] !== count) {
      known.counted[t] = count
      for (let k = 0; k < count; k++) known.order[at + k] = k
    }
    rankSharesFrom(known.order, at, value, count, shares, share)
    for (let k = 0; k < count; k++) out[member[k]!] = share[k]!
  }
}

/** Members of each bar as they were ranked last, element t · N + k, and how many they were. Kept with the universe. */
function ordersOf(universe: Uint8Array, barCount: number): {order: Uint16Array; counted: Uint16Array} {
  const found = orders.get(universe)
  if (found) return found
  const made = {order: new Uint16Array(universe.length), counted: new Uint16Array(barCount)}
  orders.set(universe, made)
  return made
}
