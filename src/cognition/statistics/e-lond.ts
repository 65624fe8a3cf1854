import {requireThat} from './series.ts'

export interface ELond {
  /** level of each hypothesis, in the order they came */
  readonly levels: readonly number[]
  readonly discovered: readonly boolean[]
}

/**
 * Online false discovery rate with e-values: level a (R + 1) / (t (t + 1)) for the t-th, R the discoveries before it; a
 * discovery when E ≥ 1 / level. FDR ≤ a under any dependence, which market-wide shocks make the rule here.
 *
 * @param e      e-values in the order the hypotheses came, >= 0
 * @param alpha  FDR, in (0, 1)
 * @throws Fault `gauntlet.out_of_range`
 * @see Xu & Ramdas (2024), Online multiple testing with e-values, AISTATS
 */
export function eLond(e: readonly number[], alpha: number): ELond {
  requireThat(alpha > 0 && alpha < 1 && e.every((value) => value >= 0), `e-LOND at ${alpha} was asked for.`)
  let discoveries = 0
  const levels: number[] = []
  const discovered = e.map((value, i) => {
    const level = (alpha * (discoveries + 1)) / ((i + 1) * (i + 2))
    levels.push(level)
    const isOne = value >= 1 / level
    if (isOne) discoveries += 1
    return isOne
  })
  return {levels, discovered}
}
