import type {Hypothesis} from '../../contracts/hypothesis.ts'
import {rankMembers} from '../features/operators/rank-members.ts'

export type Portfolio = Hypothesis['portfolio']

/**
 * Raw wishes of one bar, by construction rule, from the opinions of those members that have one. In place.
 *
 * `proportional` keeps the signal; `rank_long_short` its centred rank, ties sharing theirs; `sign` its side;
 * `equal_risk` its side over the asset's own volatility, so that every position risks the same.
 *
 * @param wish   the first n values are finite signals, one a member, and become their wishes
 * @param sigma  volatility of each, known at the decision bar; a member without one gets no position
 */
export function wishes(construct: Portfolio['construct'], wish: Float64Array, n: number, sigma: Float64Array): void {
  if (construct === 'proportional') return
  if (construct === 'rank_long_short') centreRanks(wish, n)
  else for (let k = 0; k < n; k++) wish[k] = sideOf(construct, wish[k]!, sigma[k]!)
}

function sideOf(construct: 'equal_risk' | 'sign', signal: number, sigma: number): number {
  if (construct === 'sign') return Math.sign(signal)
  return sigma > 0 ? Math.sign(signal) / sigma : 0
}

let ranks = new Float64Array(64)

/** Ranks minus their mean, average rank for ties: the lowest and the highest signal are equally far from zero. */
function centreRanks(wish: Float64Array, n: number): void {
  if (n > ranks.length) ranks = new Float64Array(2 * n)
  rankMembers(wish, n, ranks)
  for (let k = 0; k < n; k++) wish[k] = ranks[k]! - (n + 1) / 2
}

/**
 * Wishes to weights: neutral, at the declared gross, no asset above its cap. In place.
 *
 * Where the cap binds, what it cut off is not spread over the others, and the heavier side comes down to the lighter: the
 * book is smaller than declared, never less neutral or more concentrated. One-sided wishes cannot be made neutral by
 * scaling: such a book is empty.
 *
 * @param wish  the first n values: one a member that may hold a weight
 * @param load  what neutrality is measured in, one a member: beta; `dollar`: 1 for everybody; null: not neutral
 */
export function shapeBook(
  wish: Float64Array,
  n: number,
  portfolio: Pick<Portfolio, 'gross' | 'max_weight'>,
  load: Float64Array | 'dollar' | null,
): void {
  const total =
    load === null ? sizeOf(wish, n) : load === 'dollar' ? removeMean(wish, 0, wish, n) : removeLoad(wish, n, load)
  scaleTo(portfolio, wish, n, total, load)
}

/**
 * The dollar-neutral book of n signals that lie elsewhere, at [from, from + n), in `wish`: a sweep makes one a variant and
 * bar, and does not copy them first.
 *
 * @returns  false, and nothing of meaning in `wish`, where one of them is not finite
 */
export function shapeSignals(
  signal: Float64Array,
  from: number,
  wish: Float64Array,
  n: number,
  portfolio: Pick<Portfolio, 'gross' | 'max_weight'>,
): boolean {
  const total = removeMean(signal, from, wish, n)
  if (total - total !== 0) return false
  scaleTo(portfolio, wish, n, total, 'dollar')
  return true
}

/** Wishes of this total size to weights. */
function scaleTo(
  {gross, max_weight}: Pick<Portfolio, 'gross' | 'max_weight'>,
  wish: Float64Array,
  n: number,
  total: number,
  load: Float64Array | 'dollar' | null,
): void {
  if (!(total > 0)) {
    wish.fill(0, 0, n)
    return
  }
  let over = 0
  for (let k = 0; k < n; k++) {
    // + 0 turns −0 into 0.
    const weight = (wish[k]! * gross) / total + 0
    wish[k] = weight
    over += Number(Math.abs(weight) > max_weight)
  }
  if (over === 0) return
  for (let k = 0; k < n; k++) wish[k] = Math.max(-max_weight, Math.min(max_weight, wish[k]!))
  if (load) balance(wish, n, load)
}

/** Wishes that sum to less are lifted before anything is taken from them; only their proportions count. */
const FAINT = 2 ** -500
const LIFT = 2 ** 500

function sizeOf(wish: Float64Array, n: number): number {
  let total = 0
  for (let k = 0; k < n; k++) total += Math.abs(wish[k]!)
  return total
}

/** `removeLoad` where every load is 1, of the values at [from, from + n). @returns not finite where one of them is not */
function removeMean(value: Float64Array, from: number, wish: Float64Array, n: number): number {
  let cross = 0
  let size = 0
  for (let k = 0; k < n; k++) {
    const w = value[from + k]!
    cross += w
    size += Math.abs(w)
  }
  if (n === 0) return 0
  if (size > 0 && size < FAINT) {
    for (let k = 0; k < n; k++) wish[k] = value[from + k]! * LIFT
    return removeMean(wish, 0, wish, n)
  }
  const mean = cross / n
  const noise = 1e-12 * size
  let total = 0
  for (let k = 0; k < n; k++) {
    const left = value[from + k]! - mean
    const rest = Math.abs(left) > noise ? left : 0
    wish[k] = rest
    total += Math.abs(rest)
  }
  return size - size === 0 ? total : Number.NaN
}

/** Project the wishes on the plane where Σ load · wish = 0. @returns Σ |wish|, of what is left */
function removeLoad(wish: Float64Array, n: number, load: Float64Array): number {
  let cross = 0
  let square = 0
  let size = 0
  for (let k = 0; k < n; k++) {
    const w = wish[k]!
    const l = load[k]!
    cross += l * w
    square += l * l
    size += Math.abs(w)
  }
  if (!(square > 0)) return 0
  if (size > 0 && size < FAINT) {
    // Down here a number has fewer digits, and half of the smallest is not a number at all. Powers of two are exact.
    for (let k = 0; k < n; k++) wish[k]! *= LIFT
    return removeLoad(wish, n, load)
  }
  // What is left of equal wishes is rounding noise, not an opinion.
  const [share, noise] = [cross / square, 1e-12 * size]
  let total = 0
  for (let k = 0; k < n; k++) {
    const left = wish[k]! - share * load[k]!
    const rest = Math.abs(left) > noise ? left : 0
    wish[k] = rest
    total += Math.abs(rest)
  }
  return total
}

/** Scale the side with the heavier load down to the other. */
function balance(weights: Float64Array, n: number, load: Float64Array | 'dollar'): void {
  let long = 0
  let short = 0
  for (let k = 0; k < n; k++) {
    const loaded = load === 'dollar' ? weights[k]! : weights[k]! * load[k]!
    if (weights[k]! > 0) long += loaded
    else short -= loaded
  }
  if (!(long > 0 && short > 0)) {
    weights.fill(0, 0, n)
    return
  }
  const [scaleLong, scaleShort] = [Math.min(1, short / long), Math.min(1, long / short)]
  for (let k = 0; k < n; k++) weights[k] = weights[k]! * (weights[k]! > 0 ? scaleLong : scaleShort)
}
