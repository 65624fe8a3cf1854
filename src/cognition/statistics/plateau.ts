import {median} from '../../kernel/median.ts'
import {requireThat, type Series} from './series.ts'

export interface Plateau {
  /** median Sharpe of the neighbours over that of the point; NaN when the latter is not positive */
  readonly ratio: number
  /** lowest Sharpe among the neighbours, and the same over that of the point */
  readonly worst: number
  readonly worstRatio: number
  /** share of neighbours with at least half of the point's Sharpe */
  readonly halfShare: number
  /** share of the whole grid above 0 */
  readonly positiveShare: number
  readonly neighbours: number
}

/**
 * Is a grid point a plateau or a spike? Its neighbours are all points within one step on every axis.
 *
 * @param sharpes  shape [K], per period, the last axis fastest
 * @param sizes    values on each axis; their product is K
 * @param centre   index of the point
 * @throws Fault   `gauntlet.out_of_range` for a grid without neighbours or sizes that do not multiply to K
 * @see gauntlet.md M19; Pardo (2008) on optimisation profiles
 */
export function plateau(sharpes: Series, sizes: readonly number[], centre: number): Plateau {
  const K = sizes.reduce((product, size) => product * size, 1)
  requireThat(K === sharpes.length && centre >= 0 && centre < K, `Point ${centre} of a grid of ${sizes.join(' × ')}.`)
  const around = neighboursOf(sizes, centre).map((k) => sharpes[k]!)
  requireThat(around.length > 0, 'A grid of one point has no neighbours.')
  const own = sharpes[centre]!
  const worst = Math.min(...around)
  const over = (value: number): number => (own > 0 ? value / own : Number.NaN)
  let positive = 0
  for (let k = 0; k < K; k++) if (sharpes[k]! > 0) positive++
  return {
    ratio: over(median(Float64Array.from(around))),
    worst,
    worstRatio: over(worst),
    halfShare: around.filter((sharpe) => sharpe >= 0.5 * own).length / around.length,
    positiveShare: positive / K,
    neighbours: around.length,
  }
}

/** Indices of all other points whose position differs by at most one on every axis. */
function neighboursOf(sizes: readonly number[], centre: number): number[] {
  let found = [{index: 0, isCentre: true}]
  let stride = sizes.reduce((product, size) => product * size, 1)
  let rest = centre
  for (const size of sizes) {
    stride /= size
    const at = Math.floor(rest / stride)
    rest %= stride
    const steps = [-1, 0, 1].filter((step) => at + step >= 0 && at + step < size)
    found = found.flatMap(({index, isCentre}) =>
      steps.map((step) => ({index: index + (at + step) * stride, isCentre: isCentre && step === 0})),
    )
  }
  return found.filter(({isCentre}) => !isCentre).map(({index}) => index)
}
