import type {Hypothesis} from '../../contracts/hypothesis.ts'
import {rankMembers} from '../features/operators/rank-members.ts'

export type Portfolio = Hypothesis['portfolio']

/**
 * Raw wishes of one bar, by construction rule, from the opinions of the members. Written in place of `wish`.
 *
 * `proportional` keeps the signal; `rank_long_short` its centred rank, ties sharing theirs; `sign` its side;
 * `equal_risk` its side over the asset's own volatility, so that every position risks the same.
 *
 * @param opinions  asset indices with a finite signal
 * @param signal    shape [N], signal at the decision bar
 * @param sigma     shape [N], volatility known at the decision bar; an asset without one gets no position
 * @param wish      shape [N], written for every asset; 0 outside `opinions`
 */
export function wishes(
  construct: Portfolio['construct'],
  opinions: readonly number[],
  signal: Float64Array,
  sigma: Float64Array,
  wish: Float64Array,
): void {
  wish.fill(0)
  if (construct === 'rank_long_short') centredRanks(opinions, signal, wish)
  else for (const a of opinions) wish[a] = wishOf(construct, signal[a]!, sigma[a]!)
}

function wishOf(construct: 'proportional' | 'equal_risk' | 'sign', signal: number, sigma: number): number {
  if (construct === 'proportional') return signal
  if (construct === 'sign') return Math.sign(signal)
  return sigma > 0 ? Math.sign(signal) / sigma : 0
}

let room = new Float64Array(64)
let ranks = new Float64Array(64)

/** Ranks minus their mean, average rank for ties: the lowest and the highest signal are equally far from zero. */
function centredRanks(opinions: readonly number[], signal: Float64Array, wish: Float64Array): void {
  const n = opinions.length
  if (n > room.length) [room, ranks] = [new Float64Array(2 * n), new Float64Array(2 * n)]
  for (let k = 0; k < n; k++) room[k] = signal[opinions[k]!]!
  rankMembers(room, n, ranks)
  for (let k = 0; k < n; k++) wish[opinions[k]!] = ranks[k]! - (n + 1) / 2
}

/**
 * Wishes to weights: neutral, at the declared gross, no asset above its cap. In place.
 *
 * Where the cap binds, what it cut off is not spread over the others, and the heavier side comes down to the lighter: the
 * book is smaller than declared, never less neutral or more concentrated. One-sided wishes cannot be made neutral by
 * scaling: such a book is empty.
 *
 * @param wish      shape [N]
 * @param opinions  asset indices that may hold a weight
 * @param load      shape [N], what neutrality is measured in: 1 for dollars, beta for beta; null: not neutral
 */
export function shapeBook(
  wish: Float64Array,
  opinions: readonly number[],
  {gross, max_weight}: Pick<Portfolio, 'gross' | 'max_weight'>,
  load: Float64Array | null,
): void {
  if (load) removeLoad(wish, opinions, load)
  let total = 0
  let largest = 0
  for (const a of opinions) {
    const size = Math.abs(wish[a]!)
    total += size
    if (size > largest) largest = size
  }
  if (!(total > 0)) {
    wish.fill(0)
    return
  }
  for (const a of opinions) {
    const weight = (wish[a]! * gross) / total
    wish[a] = Math.max(-max_weight, Math.min(max_weight, weight))
  }
  if (load && (largest * gross) / total > max_weight) balance(wish, opinions, load)
}

/** Wishes that sum to less are lifted before anything is taken from them; only their proportions count. */
const FAINT = 2 ** -500
const LIFT = 2 ** 500

/** Project the wishes on the plane where Σ load · wish = 0. */
function removeLoad(wish: Float64Array, opinions: readonly number[], load: Float64Array): void {
  let [cross, square, size] = [0, 0, 0]
  for (const a of opinions) {
    cross += load[a]! * wish[a]!
    square += load[a]! ** 2
    size += Math.abs(wish[a]!)
  }
  if (!(square > 0)) {
    wish.fill(0)
    return
  }
  if (size > 0 && size < FAINT) {
    // Down here a number has fewer digits, and half of the smallest is not a number at all. Powers of two are exact.
    for (const a of opinions) wish[a] = wish[a]! * LIFT
    removeLoad(wish, opinions, load)
    return
  }
  // What is left of equal wishes is rounding noise, not an opinion.
  for (const a of opinions) {
    const left = wish[a]! - (cross / square) * load[a]!
    wish[a] = Math.abs(left) > 1e-12 * size ? left : 0
  }
}

/** Scale the side with the heavier load down to the other. */
function balance(weights: Float64Array, opinions: readonly number[], load: Float64Array): void {
  let [long, short] = [0, 0]
  for (const a of opinions) {
    const loaded = weights[a]! * load[a]!
    if (weights[a]! > 0) long += loaded
    else short -= loaded
  }
  if (!(long > 0 && short > 0)) {
    weights.fill(0)
    return
  }
  const [scaleLong, scaleShort] = [Math.min(1, short / long), Math.min(1, long / short)]
  for (const a of opinions) weights[a] = weights[a]! * (weights[a]! > 0 ? scaleLong : scaleShort)
}
