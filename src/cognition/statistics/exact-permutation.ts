import {requireColumns, requireSeries, requireThat, type Series} from './series.ts'

/** A p-value without Monte-Carlo error: every arrangement was looked at. */
export interface ExactP {
  readonly observed: number
  readonly arrangements: number
  /** arrangements at least as good, the observed one among them */
  readonly reached: number
  readonly p: number
}

/** More than this many bars and all orders cannot be gone through. */
const MOST_ORDERED = 10
const MOST_SIGNED = 22
/** Sums of the same numbers in another order differ by rounding; such ties count against the strategy. */
const TIE = 1e-12

/**
 * Do positions and the returns after them belong together? All T! alignments of one with the other.
 *
 * P&L of trades must never be permuted to this end: its sum is the same in every order.
 *
 * @param position     shape [T], T <= 10
 * @param nextReturns  shape [T]
 * @throws Fault       `gauntlet.out_of_range`, `gauntlet.not_finite`, `gauntlet.ragged_columns`
 */
export function exactAlignment(position: Series, nextReturns: Series): ExactP {
  requireColumns([position, nextReturns], 1)
  const T = position.length
  requireThat(T <= MOST_ORDERED, `All orders of ${T} bars were asked for.`)
  const held = Float64Array.from(position)
  const score = (): number => held.reduce((total, value, t) => total + value * nextReturns[t]!, 0)
  const observed = score()
  const counted = {arrangements: 0, reached: 0}
  // Heap's algorithm: one swap from each order to the next.
  const count = (): void => {
    counted.arrangements += 1
    if (score() >= observed - TIE) counted.reached += 1
  }
  const visit = (k: number): void => {
    if (k <= 1) {
      count()
      return
    }
    for (let i = 0; i < k; i++) {
      visit(k - 1)
      const j = k % 2 === 0 ? i : 0
      if (i < k - 1) [held[j], held[k - 1]] = [held[k - 1]!, held[j]!]
    }
  }
  visit(T)
  return {observed, ...counted, p: counted.reached / counted.arrangements}
}

/**
 * Is a sum above 0 by more than chance, if each term could as well have had the other sign? All 2^T sign patterns.
 *
 * @param x       shape [T], T <= 22
 * @throws Fault  `gauntlet.out_of_range`, `gauntlet.not_finite`
 */
export function exactSignFlip(x: Series): ExactP {
  requireSeries(x, 1)
  const T = x.length
  requireThat(T <= MOST_SIGNED, `All sign patterns of ${T} terms were asked for.`)
  let observed = 0
  for (let t = 0; t < T; t++) observed += x[t]!
  const arrangements = 2 ** T
  let reached = 0
  for (let pattern = 0; pattern < arrangements; pattern++) {
    let total = 0
    for (let t = 0; t < T; t++) total += (pattern >> t) & 1 ? -x[t]! : x[t]!
    if (total >= observed - TIE) reached += 1
  }
  return {observed, arrangements, reached, p: reached / arrangements}
}
