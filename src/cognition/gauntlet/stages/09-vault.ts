import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {Random} from '../../../kernel/random.ts'
import {autocorrelations, moments} from '../../statistics/moments.ts'
import {psrHardGate, psrQuestion} from '../../statistics/psr.ts'
import {mean, type Series} from '../../statistics/series.ts'
import {sharpeVariance} from '../../statistics/sharpe.ts'
import {above, atLeast, atMost, type Judgement, stageOf} from '../check.ts'
import {drawdownQuantile, maxDrawdown} from '../drawdown-quantile.ts'

export interface VaultInput {
  /** net returns of the primary rule inside the vault, per bar */
  readonly net: Series
  /** the same at stressed costs */
  readonly stressed: Series
  readonly nEff: number
  /** net returns of the primary rule on the research window */
  readonly research: Series
  readonly blockLength: number
  /** alpha(i, j) of this attempt */
  readonly alpha: number
  readonly periodsPerYear: number
  readonly seed: string
}

/** Stage 9, the hard and final gate: the idea on bars that nobody has looked at. */
export function judgeVault(input: VaultInput, limits: GauntletConfig['vault']): Judgement {
  const {net, research, alpha} = input
  const fallen = drawdownQuantile(
    research,
    net.length,
    input.blockLength,
    limits.drawdown_quantile,
    limits.drawdown_draws,
    new Random(input.seed),
  )
  const gates = [
    atLeast('independent rebalances', input.nEff, limits.min_labels),
    atLeast('hard probabilistic Sharpe against 0', psrHardGate(psrQuestion(net)), 1 - alpha),
    above(`annual net return at ${limits.stress_multiplier}x costs`, mean(input.stressed) * input.periodsPerYear, 0),
    atLeast('consistency with research, z', consistency(net, research), limits.min_consistency_z),
    atMost('drawdown', maxDrawdown(net), fallen, {
      note: `${limits.drawdown_quantile} quantile of the research bootstrap`,
    }),
  ]
  return stageOf(9, 'vault', gates, 'Confirmed on sealed data.', {seed: input.seed})
}

/** (SR_v − SR_r) / √(v_r/T_r + v_v/T_v), AR(1)-Mertens variances with negative autocorrelation counted as 0. */
function consistency(vault: Series, research: Series): number {
  const part = (r: Series): {sr: number; error: number} => {
    const {sr, g3, g4, T} = moments(r)
    return {sr, error: sharpeVariance(sr, g3, g4, Math.max(0, autocorrelations(r, 1)[0]!)) / T}
  }
  const [v, r] = [part(vault), part(research)]
  return (v.sr - r.sr) / Math.sqrt(v.error + r.error)
}
