import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {deflatedSharpeGate, trialVariance} from '../../statistics/deflated-sharpe.ts'
import {haircutFromLedger, holm} from '../../statistics/multiple-testing.ts'
import {psrQuestion} from '../../statistics/psr.ts'
import type {Series} from '../../statistics/series.ts'
import {sharpeRatio} from '../../statistics/sharpe.ts'
import {type Spa, spa} from '../../statistics/spa.ts'
import {type StepM, stepM} from '../../statistics/stepm.ts'
import {atLeast, atMost, figure, type Judgement, reported, stageOf} from '../check.ts'
import {type MeansSource, meansHere} from '../means-source.ts'

export interface MultiplicityInput {
  /** shape [K][T] net returns of every grid point */
  readonly net: readonly Series[]
  /** shape [K][T] the same minus the benchmark of each point */
  readonly excess: readonly Series[]
  readonly candidate: number
  /** trials of the family ever run, this grid included */
  readonly N: number
  readonly effectiveTrials: number
  readonly blockLength: number
  readonly benchmark: string
  readonly periodsPerYear: number
  readonly seed: string
  /** where the bootstrap is computed; left out: on this thread */
  readonly means?: MeansSource
}

/**
 * Stage 6: the idea against every other that was tried.
 *
 * SPA and StepM see the returns of this grid. Trials of the family whose returns are not here (earlier versions,
 * sibling files) still count: with N trials and K columns both p-values are multiplied by N / K, the union bound over
 * as many families of this size as there were. So are the two SPA p-values that are only shown: lower, consistent and
 * upper stand in one order.
 */
export function judgeMultiplicity(input: MultiplicityInput, limits: GauntletConfig['multiplicity']): Judgement {
  const {net, candidate, N, periodsPerYear: A} = input
  const K = net.length
  const unseen = Math.max(1, N / K)
  const test = sharpenedTest(input, limits, unseen)
  const forAll = (p: number): number => Math.min(1, unseen * p)
  const [pSpa, pStepM] = [forAll(test.spa.consistent.p), forAll(test.stepM.adjustedP[candidate]!)]

  const sharpes = net.map((column) => (column.length > 1 && varies(column) ? sharpeRatio(column) : 0))
  const question = {...psrQuestion(net[candidate]!), V: trialVariance(sharpes, net[candidate]!.length)}
  const own = sharpes[candidate]! * Math.sqrt(A)
  const others = [
    ...sharpes.filter((_, k) => k !== candidate).map((sr) => sr * Math.sqrt(A)),
    ...Array<number>(Math.max(N - K, 0)).fill(0),
  ]
  const haircut = own > 0 ? haircutFromLedger(own, others, net[candidate]!.length, A, holm) : null
  const counted = unseen > 1 ? `${K} columns stand for ${N} trials, so times ${figure(unseen)}` : `${K} columns`
  const lucky = (p: number, test: string): string =>
    `The best of ${N} tries without any skill looks this good ${percent(p)} of the time, and ${percent(limits.max_p)} is the limit (${test} p ${figure(p)}).`
  const gates = [
    atMost('SPA consistent p', pSpa, limits.max_p, {
      because: lucky(pSpa, 'SPA'),
      note: `${N} trials; ${counted}; ${test.draws} draws, MC error ${test.spa.consistent.mcSe.toFixed(4)}`,
    }),
    atMost('StepM adjusted p of the candidate', pStepM, limits.max_p, {
      because: lucky(pStepM, 'StepM'),
      note: counted,
    }),
    atLeast('deflated Sharpe at N_eff', deflatedSharpeGate({...question, N: input.effectiveTrials}), limits.min_dsr, {
      note: `${N} trials, worth ${figure(input.effectiveTrials)} independent ones; 0.95 would be a very strict test`,
    }),
    reported('deflated Sharpe at N', deflatedSharpeGate({...question, N: Math.max(1, N)})),
    reported('SPA lower p', forAll(test.spa.lower.p), counted),
    reported('SPA upper p', forAll(test.spa.upper.p), `${counted}; a wide gap means that the family is padded`),
    reported(
      'Holm haircut of the annual Sharpe',
      haircut?.sharpe ?? Number.NaN,
      haircut ? `from ${figure(own)}, adjusted p ${figure(haircut.adjustedP)}` : 'the Sharpe is not positive',
    ),
    reported('benchmark', input.benchmark),
    reported('mean block length', input.blockLength, 'bars, stationary bootstrap'),
  ]
  const said = `It beats its benchmark with every one of ${N} trials counted (p ${figure(Math.max(pSpa, pStepM))}).`
  return stageOf(6, 'multiplicity', gates, said, {seed: input.seed})
}

/** Draw until neither p-value is within two Monte-Carlo errors of the threshold, or the draws run out. */
function sharpenedTest(
  {excess, candidate, blockLength, seed, means: source = meansHere}: MultiplicityInput,
  {max_p, first_draws, max_draws}: GauntletConfig['multiplicity'],
  unseen: number,
): {spa: Spa; stepM: StepM; draws: number} {
  const threshold = max_p / unseen
  for (let draws = first_draws; ; draws = Math.min(4 * draws, max_draws)) {
    const means = source({columns: excess, b: blockLength, B: draws, seed: `${seed}|draws:${draws}`})
    const found = {spa: spa(excess, blockLength, means), stepM: stepM(excess, blockLength, means, max_p), draws}
    const near = [found.spa.consistent.p, found.stepM.adjustedP[candidate]!].some(
      (p) => Math.abs(p - threshold) <= 2 * Math.sqrt((p * (1 - p)) / draws),
    )
    if (!near || draws >= max_draws) return found
  }
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`

const varies = (column: Series): boolean => {
  for (let t = 1; t < column.length; t++) if (column[t] !== column[0]) return true
  return false
}
