import {type SequentialP, sequentialP} from '../../statistics/sequential-p.ts'
import {type PermutationJob, permutationDraws, scoresAsItWas} from './permutation-draws.ts'

/** Draw number n of a job, from wherever it is computed; `close` once no more are wanted. */
export interface Draws {
  at(n: number): number
  close(): void
}

/** How the draws of a job are computed: on this thread, or on several with the same result. */
export type DrawSource = (job: PermutationJob) => Draws

export const onThisThread: DrawSource = (job) => ({at: permutationDraws(job), close() {}})

export interface PermutationP extends SequentialP {
  /** score of the best point on the market as it was, and of the declared one */
  readonly best: number
  readonly declared: number
  /** share of the draws whose best point reaches the declared one */
  readonly declaredP: number
  /** best score of each draw that counted, in the order of the draws */
  readonly scores: readonly number[]
}

/** Two sums of the same numbers in another order: a tie counts against the rule. */
const TIE = 1e-12

/**
 * Would a search over the same grid find as much in a market without memory?
 *
 * Every draw searches the whole grid anew, so the price of choosing its best point is in the p-value. A p within two
 * Monte-Carlo errors of alpha is drawn on to four times as many; the first draws count among them.
 *
 * @param primary  index of the declared point
 * @see Masters (2018); Phipson & Smyth (2010), for (1 + reached) / (1 + draws)
 */
export function permutationTest(
  job: PermutationJob,
  primary: number,
  {alpha, draws}: {readonly alpha: number; readonly draws: number},
  source: DrawSource,
): PermutationP {
  const was = scoresAsItWas(job)
  const [best, declared] = [was.reduce((top, score) => Math.max(top, score)), was[primary]!]
  const drawn: number[] = []
  const from = source(job)
  const test = (maximum: number): SequentialP => {
    let n = 0
    const exceeds = (): boolean => {
      if (n === drawn.length) drawn.push(from.at(n))
      return drawn[n++]! >= best - TIE
    }
    // So many reach the best point that the rest of the draws could not bring p down to alpha: nothing is lost by stopping.
    return sequentialP({exceeds, maximum, alpha, exceedances: Math.max(1, Math.floor(alpha * (maximum + 1)))})
  }
  try {
    const first = test(draws)
    const found = Math.abs(first.p - alpha) <= 2 * first.mcSe ? test(4 * draws) : first
    const scores = drawn.slice(0, found.draws)
    const reached = scores.filter((score) => score >= declared - TIE).length
    return {...found, best, declared, declaredP: (1 + reached) / (1 + found.draws), scores}
  } finally {
    from.close()
  }
}
