import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {dayOf} from '../../../kernel/instant.ts'
import {moments} from '../../statistics/moments.ts'
import {hacT} from '../../statistics/newey-west.ts'
import {psrHardGate, psrQuestion} from '../../statistics/psr.ts'
import {ruleOfThree} from '../../statistics/rule-of-three.ts'
import type {Series} from '../../statistics/series.ts'
import {annualise} from '../../statistics/sharpe.ts'
import {atLeast, type Gate, type Judgement, reported, stageOf} from '../check.ts'
import {type Permutations, permutationGates} from '../permutation/permutation-gates.ts'

export interface EdgeInput {
  /** net returns of the primary rule, per bar */
  readonly net: Series
  readonly labelHorizonBars: number
  /** worst move of an underlying in the window times its largest weight, maximum over assets */
  readonly worstAdverseMove: number
  readonly periodsPerYear: number
  /** null: the returns were made elsewhere, and there are no bars to put in another order */
  readonly permutations: (() => Permutations) | null
  /** go on after a check that has failed */
  readonly all: boolean
  readonly windowFrom: number
  readonly barMs: number
  readonly seed: string
}

/**
 * Stage 5: one series, judged as if it were the only one ever tried, and its grid against the same bars in another order.
 *
 * The permutations come last: they cost a thousand runs of the grid, the rest costs nothing.
 */
export function judgeEdge(input: EdgeInput, limits: GauntletConfig['edge']): Judgement {
  const {net} = input
  const t = hacT(net, input.labelHorizonBars)
  const {sr, g3, g4} = moments(net)
  const tail = ruleOfThree(net, input.worstAdverseMove)
  const rate = `${tail.crashes} seen, ${tail.crashesUpper.toFixed(2)} cannot be excluded`
  const cheap = [
    atLeast('HAC t of the net mean', t.t, limits.min_hac_t, {note: `Newey-West lag ${t.lag}`}),
    atLeast('hard probabilistic Sharpe against 0', psrHardGate(psrQuestion(net)), limits.min_psr),
    atLeast('net return without crashes', tail.pnlWithoutCrashes, tail.crashesUpper * tail.crashSize, {
      note: `a crash costs ${(100 * tail.crashSize).toFixed(1)} % of equity: ${rate}`,
    }),
    reported('annual Sharpe', annualise(sr, input.periodsPerYear)),
    reported('skewness', g3),
    reported('kurtosis', g4, '3 for a normal'),
  ]
  const said = `Net Sharpe ${annualise(sr, input.periodsPerYear).toFixed(2)} with HAC t ${t.t.toFixed(1)}.`
  return stageOf(5, 'edge', [...cheap, ...permuted(input, cheap, limits)], said, {
    seed: input.permutations === null ? null : input.seed,
    notRun: input.permutations === null ? ['bar and block permutation (MCPT): there are no bars to permute'] : [],
  })
}

function permuted(
  {permutations, all, windowFrom, barMs}: EdgeInput,
  cheap: readonly Gate[],
  limits: GauntletConfig['edge'],
): Gate[] {
  if (permutations === null) return []
  if (!all && cheap.some(({check}) => check.gate && !check.pass))
    return [reported('permutation p', 'not asked', 'a check that costs less has failed')]
  return permutationGates(permutations(), limits, (bars) => dayOf(windowFrom + bars * barMs), all)
}
