import {binomialSf} from '../../src/kernel/distributions.ts'

/** A share and its exact two-sided 95 % interval. */
export interface Rate {
  readonly count: number
  readonly of: number
  readonly low: number
  readonly high: number
}

const TAIL = 0.025

/**
 * Clopper–Pearson interval: the shares under which neither this count nor a more extreme one is rarer than 2.5 %.
 *
 * @param count  0 … of
 * @see Clopper & Pearson (1934), Biometrika 26
 */
export function rateOf(count: number, of: number): Rate {
  if (of === 0) return {count, of, low: 0, high: 1}
  const low = count === 0 ? 0 : solve((p) => binomialSf(count, of, p) - TAIL)
  const high = count === of ? 1 : solve((p) => TAIL - (1 - binomialSf(count + 1, of, p)))
  return {count, of, low, high}
}

/** Zero of a function that rises on [0, 1]. */
function solve(f: (p: number) => number): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (f(middle) > 0) high = middle
    else low = middle
  }
  return (low + high) / 2
}
