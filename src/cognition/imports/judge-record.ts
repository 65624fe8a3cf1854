import type {GauntletConfig} from '../../contracts/gauntlet.ts'
import type {HypothesisImport} from '../../contracts/hypothesis-import.ts'
import {dayOf, YEAR_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'
import {atLeast, type Judgement, reported, stageOf} from '../gauntlet/check.ts'
import {maxDrawdown} from '../gauntlet/drawdown-quantile.ts'
import {posteriorFalseDiscovery} from '../gauntlet/posterior.ts'
import {runStages, type StageCall} from '../gauntlet/run-stages.ts'
import {minimumDetectableSharpe} from '../gauntlet/stages/04-sufficiency.ts'
import {judgeEdge} from '../gauntlet/stages/05-edge.ts'
import {judgeMultiplicity} from '../gauntlet/stages/06-multiplicity.ts'
import {judgeOverfitting} from '../gauntlet/stages/07-overfitting.ts'
import {familyBlockLength} from '../statistics/block-length.ts'
import {deflatedSharpeGate, trialVariance} from '../statistics/deflated-sharpe.ts'
import {effectiveSampleSize} from '../statistics/effective-sample.ts'
import {minBacktestYears} from '../statistics/min-backtest-length.ts'
import {moments} from '../statistics/moments.ts'
import {psrQuestion} from '../statistics/psr.ts'
import {mean} from '../statistics/series.ts'
import {spa} from '../statistics/spa.ts'
import {bootstrapMeans} from '../statistics/stationary-bootstrap.ts'
import {stepM} from '../statistics/stepm.ts'

export interface RecordInput {
  /** simple net returns, one a period */
  readonly net: Float64Array
  /** epoch ms of the first */
  readonly from: number
  readonly periodMs: number
  readonly perYear: number
  /** how many configurations were tried before this one was chosen, as its author says */
  readonly trials: number
  /** periods a position usually lives */
  readonly hold: number
  readonly seed: string
  readonly all: boolean
}

type Verdict = Pick<
  HypothesisImport,
  'verdict' | 'failedStage' | 'sentence' | 'stages' | 'notRun' | 'figures' | 'trials'
>

/**
 * Stages 4 to 7 on one series, as far as a series can answer them. The best there is to say is UNAUDITED.
 *
 * The other trials are not here, so each counts as independent of it: N_eff = N, and the p-values of stage 6 are
 * multiplied by N. What an audit needs (rows, features, fills, a vault that was sealed before) does not exist here.
 */
export function judgeRecord(input: RecordInput, config: GauntletConfig): Verdict {
  const {net, trials, perYear} = input
  const judged = stagesOf(input, config)
  const run = runStages(judged, input.all)
  const years = net.length / perYear
  const {sr, sd} = moments(net)
  const {prior, sharpe_if_true} = config.posterior
  const holds = run.verdict === 'ELIGIBLE'
  return {
    verdict: run.verdict === 'ELIGIBLE' ? 'UNAUDITED' : run.verdict,
    failedStage: run.failedStage,
    sentence: holds
      ? `The statistics hold for ${trials} ${trials === 1 ? 'trial' : 'trials'}; nobody has seen the data, the rule, the costs or a vault: this is no PASS.`
      : run.sentence,
    trials: {claimed: trials, survivesUpTo: mostTrials(input, config)},
    figures: {
      sharpeAnnual: sr * Math.sqrt(perYear),
      meanAnnual: mean(net) * perYear,
      volatilityAnnual: sd * Math.sqrt(perYear),
      maxDrawdown: maxDrawdown(net),
      minimumDetectableSharpe: minimumDetectableSharpe(years, 0.025),
      posteriorFalseDiscovery: posteriorFalseDiscovery(
        psrQuestion(net),
        prior,
        sharpe_if_true / Math.sqrt(perYear),
        trials,
      ),
    },
    stages: [...run.stages],
    notRun: [
      ...AUDITS.map(([stage, name, why]) => ({stage, name, verdict: 'NOT_RUN' as const, why})),
      ...judged
        .filter(({id}) => !run.stages.some((stage) => stage.id === id))
        .map(({id, name}) => ({stage: id, name, verdict: 'NOT_RUN' as const, why: 'an earlier stage has failed'})),
    ].sort((a, b) => a.stage - b.stage),
  }
}

const AUDITS: readonly (readonly [number, string, string])[] = [
  [0, 'register', 'the rule is not here, so nothing could be written down before it ran'],
  [1, 'data', 'gaps, stale prices and assets that died are not visible in a series of returns'],
  [2, 'lookahead', 'a rule that knew the future cannot be told from a good one by its returns'],
  [3, 'costs', 'what was paid, and at which fills, is not in the file'],
  [8, 'robustness', 'neighbours, assets, capacity and benchmarks are not in the file'],
  [9, 'vault', 'nothing was sealed before its author looked'],
  [10, 'forward', 'a record that starts after it was committed is the only evidence nobody can have chosen'],
]

function stagesOf(input: RecordInput, config: GauntletConfig): StageCall[] {
  const {net, hold, perYear, trials} = input
  const blockLength = blockLengthOf(net)
  const gapBars = Math.max(hold, blockLength)
  return [
    {id: 4, name: 'sufficiency', judge: () => judgeLength(input, config.sufficiency)},
    {
      id: 5,
      name: 'edge',
      judge: () =>
        judgeEdge(
          {
            ...{net, labelHorizonBars: hold, worstAdverseMove: 0, periodsPerYear: perYear, permutations: null},
            ...{all: input.all, windowFrom: input.from, barMs: input.periodMs, seed: `${input.seed}|stage:edge`},
          },
          config.edge,
        ),
    },
    {
      id: 6,
      name: 'multiplicity',
      judge: () => judgeMultiplicity(multiplicityOf(input, trials, blockLength), config.multiplicity),
    },
    {
      id: 7,
      name: 'overfitting',
      judge: () =>
        aboutOneSeries(
          judgeOverfitting(
            {
              ...{net: [net], candidate: 0, gapBars, labelHorizonBars: hold, periodsPerYear: perYear},
              ...{windowFrom: input.from, barMs: input.periodMs},
            },
            config.overfitting,
          ),
        ),
    },
  ]
}

/** What stage 7 can say of a series that nothing was chosen from. */
const aboutOneSeries = ({stage, decidesOn}: Judgement): Judgement => ({
  stage: {
    ...stage,
    sentence: stage.verdict === 'PASS' ? 'The later parts of the record earn as well.' : stage.sentence,
    notRun: [...stage.notRun, 'choosing among variants (CSCV, purged paths): they are not in the file'],
  },
  decidesOn,
})

const multiplicityOf = ({net, perYear, seed}: RecordInput, N: number, blockLength: number) => ({
  ...{net: [net], excess: [net], candidate: 0, N, effectiveTrials: N, blockLength},
  benchmark: 'none: a benchmark is not in the file',
  periodsPerYear: perYear,
  seed: multiplicitySeed(seed),
})

/** Stage 4, as far as lengths go: labels and a vault do not exist. */
function judgeLength(
  {net, from, perYear, trials, hold}: RecordInput,
  limits: GauntletConfig['sufficiency'],
): Judgement {
  const years = net.length / perYear
  const needed = minBacktestYears(trials, limits.min_backtest_sharpe)
  const date = from + needed * YEAR_MS
  const effective = effectiveSampleSize(net, Math.max(1, hold))
  const gates = [
    atLeast('years of record', years, needed, {
      otherwise: 'INSUFFICIENT',
      decidesOn: Number.isFinite(date) && date < 8.64e15 ? dayOf(date) : 'a longer record',
      note: `the best of ${trials} worthless trials shows a Sharpe of ${limits.min_backtest_sharpe} in less`,
    }),
    atLeast('effective observations', effective / hold, limits.min_labels, {
      otherwise: 'INSUFFICIENT',
      decidesOn: 'a longer record',
      note: `${net.length} periods, autocorrelation counted, a position held for ${hold}`,
    }),
    reported('minimum detectable Sharpe', minimumDetectableSharpe(years, 0.025), '80 % power, one-sided 2.5 %'),
  ]
  return stageOf(4, 'sufficiency', gates, 'The record is long enough for the trials that are claimed.', {
    notRun: ['independent rebalances: positions are not in the file', 'years in the vault: there is none'],
  })
}

/**
 * The largest number of trials at which stage 6 holds: its p-values are multiplied by N, and its deflated Sharpe falls
 * with N. From one bootstrap of the most draws that the stage would make, with its seed.
 */
function mostTrials({net, seed}: RecordInput, {multiplicity}: GauntletConfig): number {
  const {max_p, min_dsr, max_draws} = multiplicity
  const blockLength = blockLengthOf(net)
  const means = bootstrapMeans(
    [net],
    blockLength,
    max_draws,
    new Random(`${multiplicitySeed(seed)}|draws:${max_draws}`),
  )
  const p = Math.max(
    spa([net], blockLength, means).consistent.p,
    // Never 0: the observed record is one of the draws.
    stepM([net], blockLength, means, max_p).adjustedP[0]!,
  )
  const question = {...psrQuestion(net), V: trialVariance([moments(net).sr], net.length)}
  const isDeflated = (N: number): boolean => deflatedSharpeGate({...question, N}) >= min_dsr - 1e-12
  const byDraws = Math.floor(max_p / p + 1e-9)
  if (byDraws < 1 || !isDeflated(1)) return 0
  let [low, high] = [1, byDraws + 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (isDeflated(middle)) low = middle
    else high = middle
  }
  return low
}

const multiplicitySeed = (seed: string): string => `${seed}|stage:multiplicity`

const blockLengthOf = (net: Float64Array): number =>
  Math.min(familyBlockLength([net]), Math.max(1, Math.floor(net.length / 3)))
