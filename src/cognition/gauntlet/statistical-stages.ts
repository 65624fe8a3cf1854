import type {GauntletConfig} from '../../contracts/gauntlet.ts'
import {once} from '../../kernel/once.ts'
import {effectiveTrials, meanTrialCorrelation} from '../statistics/deflated-sharpe.ts'
import type {Series} from '../statistics/series.ts'
import type {MeansSource} from './means-source.ts'
import type {Permutations} from './permutation/permutation-gates.ts'
import type {StageCall} from './run-stages.ts'
import {judgeSufficiency, type SufficiencyInput} from './stages/04-sufficiency.ts'
import {judgeEdge} from './stages/05-edge.ts'
import {judgeMultiplicity} from './stages/06-multiplicity.ts'
import {judgeOverfitting} from './stages/07-overfitting.ts'

/** What the statistical stages read: returns on the research window and how many trials they are part of. */
export interface Statistics {
  /** shape [K][T] net returns of every grid point */
  readonly net: readonly Series[]
  /** shape [K][T] the same minus each point's benchmark */
  readonly excess: readonly Series[]
  readonly candidate: number
  /** trials of the family, this grid included */
  readonly N: number
  readonly blockLength: number
  readonly labelHorizonBars: number
  readonly gapBars: number
  readonly worstAdverseMove: number
  readonly benchmark: string
  readonly periodsPerYear: number
  readonly barMs: number
  readonly windowFrom: number
  /** how to put the bars in another order; null: the returns were made elsewhere */
  readonly permutations?: (() => Permutations) | null
  /** where the bootstrap is computed; left out: on this thread */
  readonly means?: MeansSource
  /** `qo-gauntlet|v1|hyp:…|data:…`: each stage adds its own name */
  readonly seedOf: (stage: string) => string
}

/** N_eff = 1 + (1 − r̄)(N − 1): trials whose returns are not here count as uncorrelated. */
export const effectiveTrialsOf = ({net, N}: Pick<Statistics, 'net' | 'N'>): number =>
  effectiveTrials(N, meanTrialCorrelation(net, N))

/** Stages 4 to 7, in order, each computed only when its turn comes. */
export function statisticalStages(
  statistics: Statistics,
  sufficiency: Omit<SufficiencyInput, 'effectiveTrials'>,
  config: GauntletConfig,
  all = false,
): StageCall[] {
  const {net, excess, candidate, N, periodsPerYear} = statistics
  const effective = once(() => effectiveTrialsOf(statistics))
  return [
    {
      id: 4,
      name: 'sufficiency',
      judge: () => judgeSufficiency({...sufficiency, effectiveTrials: effective()}, config.sufficiency),
    },
    {
      id: 5,
      name: 'edge',
      judge: () => {
        const {permutations = null, seedOf} = statistics
        return judgeEdge({...statistics, net: net[candidate]!, permutations, all, seed: seedOf('edge')}, config.edge)
      },
    },
    {
      id: 6,
      name: 'multiplicity',
      judge: () =>
        judgeMultiplicity(
          {
            ...statistics,
            excess,
            N,
            effectiveTrials: effective(),
            periodsPerYear,
            seed: statistics.seedOf('multiplicity'),
          },
          config.multiplicity,
        ),
    },
    {id: 7, name: 'overfitting', judge: () => judgeOverfitting(statistics, config.overfitting)},
  ]
}
