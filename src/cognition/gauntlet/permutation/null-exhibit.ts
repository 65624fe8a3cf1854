import type {Exhibit} from '../../../contracts/exhibit.ts'
import {figure} from '../check.ts'
import {histogramOf} from '../exhibits.ts'
import type {PermutationP} from './permutation-test.ts'

/** The best of the grid in every permuted market, and the best in the market as it was. */
export function nullExhibit(what: string, block: number, {scores, best, p}: PermutationP): Exhibit | null {
  const finite = scores.filter(Number.isFinite)
  if (finite.length === 0 || !Number.isFinite(best)) return null
  return histogramOf(finite, [{at: best, label: `observed, p ${figure(p)}`}], {
    name: block === 1 ? 'permutation-bars' : 'permutation-blocks',
    title: `The best of the grid in ${finite.length} permuted markets (${what})`,
    xLabel: 'Sharpe before trading costs, a rebalance',
    yLabel: 'markets',
  })
}
