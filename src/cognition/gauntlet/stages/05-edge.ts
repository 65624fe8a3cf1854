import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {moments} from '../../statistics/moments.ts'
import {hacT} from '../../statistics/newey-west.ts'
import {psrHardGate, psrQuestion} from '../../statistics/psr.ts'
import {ruleOfThree} from '../../statistics/rule-of-three.ts'
import type {Series} from '../../statistics/series.ts'
import {annualise} from '../../statistics/sharpe.ts'
import {atLeast, type Judgement, reported, stageOf} from '../check.ts'

export interface EdgeInput {
  /** net returns of the primary rule, per bar */
  readonly net: Series
  readonly labelHorizonBars: number
  /** worst move of an underlying in the window times its largest weight, maximum over assets */
  readonly worstAdverseMove: number
  readonly periodsPerYear: number
}

/** Stage 5: one series, judged as if it were the only one ever tried. */
export function judgeEdge(input: EdgeInput, limits: GauntletConfig['edge']): Judgement {
  const {net} = input
  const t = hacT(net, input.labelHorizonBars)
  const {sr, g3, g4} = moments(net)
  const tail = ruleOfThree(net, input.worstAdverseMove)
  const rate = `${tail.crashes} seen, ${tail.crashesUpper.toFixed(2)} cannot be excluded`
  const gates = [
    atLeast('HAC t of the net mean', t.t, limits.min_hac_t, {note: `Newey-West lag ${t.lag}`}),
    atLeast('hard probabilistic Sharpe against 0', psrHardGate(psrQuestion(net)), limits.min_psr),
    atLeast('net return without crashes', tail.pnlWithoutCrashes, tail.crashesUpper * tail.crashSize, {
      note: `a crash costs ${(100 * tail.crashSize).toFixed(1)} % of equity: ${rate}`,
    }),
    reported('annual Sharpe', annualise(sr, input.periodsPerYear)),
    reported('skewness', g3),
    reported('kurtosis', g4, '3 for a normal'),
  ]
  return stageOf(
    5,
    'edge',
    gates,
    `Net Sharpe ${annualise(sr, input.periodsPerYear).toFixed(2)} with HAC t ${t.t.toFixed(1)}.`,
    {
      notRun: ['bar and block permutation (MCPT)'],
    },
  )
}
