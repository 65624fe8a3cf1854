import type {Hypothesis, Params} from '../../../contracts/hypothesis.ts'
import type {Panel} from '../../../contracts/panel.ts'
import {Random} from '../../../kernel/random.ts'
import {compileHypothesis} from '../../features/compile-hypothesis.ts'
import {drawBlockOrder, drawOrder} from '../../statistics/bar-permutation.ts'
import type {FundingRates} from './decision-table.ts'
import {PermutedMarket} from './permuted-market.ts'
import {type GridRule, scoreGrid} from './score-grid.ts'

/** Everything a permutation is made of, as plain data: another thread can be given it. */
export interface PermutationJob {
  readonly hypothesis: Hypothesis
  readonly grid: readonly Params[]
  /** ends with the window */
  readonly panel: Panel
  readonly mask: readonly Uint8Array[]
  readonly funding: FundingRates | null
  /** bars at whose close a book is decided; the bars after the first are those that are moved */
  readonly decisions: Int32Array
  /** 1: bars and gaps are put in order apart from each other; more: blocks of so many bars stay whole */
  readonly block: number
  readonly seed: string
}

/** Scores of the whole grid on the market as it was. */
export const scoresAsItWas = (job: PermutationJob): Float64Array =>
  scoreGrid(ruleOf(job), {panel: job.panel, sources: null})

/**
 * Best score of the grid, searched anew, on the market in its n-th other order.
 *
 * The order is a function of seed and n alone, so that it does not matter who computes it, or when.
 */
export function permutationDraws(job: PermutationJob): (n: number) => number {
  const rule = ruleOf(job)
  const market = new PermutedMarket(job.panel, job.decisions[0]! + 1)
  const [bars, gaps] = [new Int32Array(market.moves), new Int32Array(market.moves)]
  return (n) => {
    const random = new Random(`${job.seed}|draw:${n}`)
    if (job.block > 1) drawBlockOrder(bars, job.block, random)
    else {
      drawOrder(bars, random)
      drawOrder(gaps, random)
    }
    return scoreGrid(rule, market.in(bars, job.block > 1 ? bars : gaps)).reduce((best, score) => Math.max(best, score))
  }
}

const ruleOf = ({hypothesis, grid, mask, funding, decisions}: PermutationJob): GridRule => ({
  ...{hypothesis, grid, mask, funding, bars: decisions},
  compiled: compileHypothesis(hypothesis),
})
