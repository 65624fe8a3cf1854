import type {Component} from '../../contracts/selection.ts'
import {byScore, type Score} from '../score.ts'
import {transform} from '../transform.ts'

export interface CorrelationScoring {
  readonly spec: Component
  /** sum of all weights of the score */
  readonly totalWeight: number
  /** how many places there are: later assets are compared with the ones on them */
  readonly top: number
  /** shrunk correlation of two assets by their index in the table */
  readonly rho: (a: number, b: number) => number
}

/**
 * Rank assets one by one, each by its score and by its mean correlation to those ranked before it.
 *
 * The first one has nothing to correlate with: its value is 0, as everybody's. Each later place goes to the best sum of
 * score and weighted correlation, the correlation compared among the assets that are still there. Beyond the last place
 * nothing is "already chosen", so assets that missed the list are compared with the list.
 *
 * @param scores scored by every other component
 * @returns      best first; `correlation` in `components` is the raw mean and its contribution
 */
export function orderByCorrelation(
  scores: readonly Score[],
  names: readonly string[],
  {spec, totalWeight, top, rho}: CorrelationScoring,
): Score[] {
  let left = byScore(scores, names)
  const ordered: Score[] = []
  const sums = new Map(left.map(({asset}) => [asset, 0]))
  while (left.length > 0) {
    const chosen = Math.min(ordered.length, top)
    const values = left.map(({asset}) => (chosen === 0 ? 0 : sums.get(asset)! / chosen))
    const cross = transform(values, spec.direction, spec.transform)
    const now = left.map((score, i) => {
      const contribution = (spec.weight / totalWeight) * cross[i]!
      const components = {...score.components, correlation: {value: values[i]!, contribution}}
      return {...score, score: score.score + contribution, components}
    })
    const best = byScore(now, names)
    if (ordered.length >= top) return [...ordered, ...best]
    const next = best[0]!
    ordered.push(next)
    left = left.filter(({asset}) => asset !== next.asset)
    for (const {asset} of left) sums.set(asset, sums.get(asset)! + rho(asset, next.asset))
  }
  return ordered
}
