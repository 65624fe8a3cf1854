import type {GauntletConfig, GauntletVerdict} from '../../contracts/gauntlet.ts'
import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS, dayOf, parseDuration, YEAR_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import {rebalanceBars} from '../backtest/rebalance-bars.ts'
import {warmupBars} from '../features/compile-hypothesis.ts'
import {effectiveTrials} from '../statistics/deflated-sharpe.ts'
import {minBacktestYears} from '../statistics/min-backtest-length.ts'
import {auditBeginning} from './audit-beginning.ts'
import {auditCanary} from './audit-canary.ts'
import {auditFills} from './audit-fills.ts'
import {auditHypothesis} from './audit-hypothesis.ts'
import {type Evidence, gatherEvidence, LEAST_BARS} from './gather-evidence.ts'
import type {Book} from './marginal-value.ts'
import {type MeansSource, meansHere} from './means-source.ts'
import {largestNotionalShare} from './notional-share.ts'
import {type DrawSource, onThisThread} from './permutation/permutation-test.ts'
import {permutationsOf} from './permutation/permutations-of.ts'
import {vaultDecidesAt, vaultYearsFor} from './plan-vault.ts'
import {type ResearchWindow, researchWindow} from './research-window.ts'
import {robustnessInput} from './robustness-input.ts'
import {type Ruled, runGrid, runPrimary} from './run-grid.ts'
import {runStages, type StageCall, type StagesRun} from './run-stages.ts'
import {judgeRegister, type RegisterInput} from './stages/00-register.ts'
import {judgeData} from './stages/01-data.ts'
import {judgeLookahead} from './stages/02-lookahead.ts'
import {judgeCosts} from './stages/03-costs.ts'
import {judgeRobustness} from './stages/08-robustness.ts'
import {effectiveTrialsOf, type Statistics, statisticalStages} from './statistical-stages.ts'
import {transferGates} from './transfer-gates.ts'
import {verdictFigures} from './verdict-figures.ts'
import {worstAdverseMove} from './worst-adverse-move.ts'

/** One hypothesis with its grid run and cut to its window: done for the whole batch before anything is judged. */
export interface Case extends Ruled {
  readonly window: ResearchWindow
  readonly warmup: number
  readonly runs: readonly BacktestResult[]
  readonly evidence: Evidence
  readonly inactiveScreens: readonly string[]
  /** panel of the venue it would trade on, when that is another one; null: the lake has no bars of it */
  readonly trading?: Panel | null
}

/** What a verdict depends on beside the data: the record, the count of trials, the vault ahead. */
export interface Docket {
  readonly register: RegisterInput
  /** trials of the family, this grid included */
  readonly N: number
  readonly vaultYears: number
  /** start of the vault, epoch ms */
  readonly vaultFrom: number
  readonly nextAlpha: number
  /** what was confirmed before: the idea has to add something to it */
  readonly books: readonly Book[]
  /** first tradable bar of the venue, epoch ms */
  readonly spanFrom: number
  /** `qo-gauntlet|v1|hyp:…|stage:…|data:…` */
  readonly seedOf: (stage: string) => string
}

/** Run the whole grid on the research panel. Pure: equal inputs, equal bytes. */
export function openCase(
  ruled: Omit<Ruled, 'mask'>,
  universe: readonly Uint8Array[],
  inactiveScreens: readonly string[],
): Case {
  const {hypothesis, compiled, grid, panel} = ruled
  const warmup = Math.max(...grid.map((params) => warmupBars(compiled, params)))
  const decisions = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const window = researchWindow(panel, universe, hypothesis.universe.min_assets, warmup, decisions)
  const rule = {...ruled, mask: window.mask}
  const runs = runGrid(rule)
  const evidence = gatherEvidence(runs, ruled.primary, {
    panel,
    mask: window.mask,
    first: window.first ?? panel.ts.length,
    warmupBars: warmup,
    beta: hypothesis.portfolio.neutral !== 'dollar',
  })
  return {...rule, window, warmup, runs, evidence, inactiveScreens}
}

/** Where the draws of stage 5 and the bootstrap of stage 6 are computed. */
export interface Sources {
  readonly permutations: DrawSource
  readonly means: MeansSource
}

const ON_THIS_THREAD: Sources = {permutations: onThisThread, means: meansHere}

/**
 * All stages of one hypothesis, cheapest first, ended by the first that is not passed unless `all`.
 *
 * @param sources  where what takes long is computed; the verdict does not depend on it
 * @param watch   is shown each stage before it is run, and gives it back: for whoever takes the time
 * @returns the stages and the figures of the report
 */
export function judgeHypothesis(
  opened: Case,
  docket: Docket,
  config: GauntletConfig,
  all: boolean,
  sources: Sources = ON_THIS_THREAD,
  watch: (call: StageCall) => StageCall = (call) => call,
): StagesRun & {readonly figures: GauntletVerdict['figures']} {
  const {panel, evidence, hypothesis} = opened
  const periodsPerYear = YEAR_MS / panel.barMs
  const from = panel.ts[evidence.bars.from] ?? (panel.ts.at(-1) ?? 0) + panel.barMs
  const researchYears = ((evidence.bars.to - evidence.bars.from) * panel.barMs) / YEAR_MS
  const statistics: Statistics = {
    ...evidence,
    candidate: opened.primary,
    N: docket.N,
    worstAdverseMove: worstAdverseMove(panel, opened.runs[opened.primary]!.heldWeights, evidence.bars),
    periodsPerYear,
    barMs: panel.barMs,
    windowFrom: from,
    seedOf: docket.seedOf,
    permutations: () => permutationsOf(opened, docket.seedOf('edge'), sources.permutations),
    means: sources.means,
  }
  const sufficiency = {
    nEff: evidence.nEff,
    researchYears,
    vaultYears: docket.vaultYears,
    vaultFrom: docket.vaultFrom,
    srTarget: hypothesis.gauntlet.sr_target,
    nextAlpha: docket.nextAlpha,
    spanFrom: docket.spanFrom,
    windowFrom: from,
    gapMs: evidence.gapBars * panel.barMs,
    maxVaultShare: config.vault.max_share,
  }
  const calls: StageCall[] = [
    {id: 0, name: 'register', judge: () => judgeRegister(docket.register)},
    {id: 1, name: 'data', judge: () => judgeData(dataInput(opened, docket, config), config.data)},
    {id: 2, name: 'look-ahead', judge: () => lookahead(opened, docket, config)},
    {id: 3, name: 'costs', judge: () => judgeCosts(costsInput(opened, config), config.costs)},
    ...statisticalStages(statistics, sufficiency, config, all),
    {
      id: 8,
      name: 'robustness',
      judge: () =>
        judgeRobustness(robustnessInput(opened, docket.books, docket.seedOf('robustness')), config.robustness),
    },
  ]
  return {
    ...runStages(calls.map(watch), all),
    figures: verdictFigures(opened, researchYears, () => effectiveTrialsOf(statistics), config.posterior),
  }
}

function dataInput(opened: Case, docket: Docket, config: GauntletConfig) {
  const {panel, mask, window, warmup, evidence, hypothesis, inactiveScreens} = opened
  const short = panel.ts.length < warmup + evidence.gapBars + LEAST_BARS
  return {
    panel,
    mask,
    window: window.first === null ? null : {first: window.first, last: evidence.bars.to},
    bars: evidence.bars.to - evidence.bars.from,
    thinBars: window.thinBars,
    minAssets: hypothesis.universe.min_assets,
    warmupBars: warmup,
    leastBars: LEAST_BARS,
    startsOn: short ? dayOf(longEnough(opened, docket, config)) : 'candles',
    inactiveScreens,
  }
}

/** When history is long enough for everything that is known to be asked of it: rebalances, trials and the vault. */
function longEnough(
  {panel, warmup, evidence, hypothesis}: Case,
  {spanFrom, vaultFrom, N}: Docket,
  config: GauntletConfig,
): number {
  const {sufficiency, vault} = config
  const rebalances = sufficiency.min_labels * parseDuration(hypothesis.portfolio.rebalance)
  const trials = minBacktestYears(effectiveTrials(N, 1), sufficiency.min_backtest_sharpe) * YEAR_MS
  const research = (warmup + evidence.gapBars) * panel.barMs + Math.max(LEAST_BARS * panel.barMs, rebalances, trials)
  const {sr_target} = hypothesis.gauntlet
  const sealed = Math.max(
    vaultDecidesAt(spanFrom, sr_target, vault.max_share),
    vaultFrom + vaultYearsFor(sr_target) * YEAR_MS,
  )
  return Math.max(sealed, spanFrom + research / (1 - vault.max_share)) + DAY_MS - 1
}

function lookahead(opened: Case, {seedOf}: Docket, config: GauntletConfig) {
  const seed = seedOf('lookahead')
  const {panel, mask, window, compiled} = opened
  const found = auditHypothesis(
    {...opened, first: window.first ?? 0},
    {panel, mask},
    config.lookahead,
    new Random(seed),
  )
  const suspects = compiled.future.map(({operator}) => operator)
  const rule = {...opened, params: opened.grid[opened.primary]!}
  return judgeLookahead({
    ...found,
    ...{suspects, seed},
    beginning: auditBeginning(rule, {panel, mask}),
    canary: auditCanary(
      {panel, mask},
      {...opened.hypothesis, first: window.first ?? 0},
      config.lookahead.relative_tolerance,
      new Random(`${seed}|canary`),
    ),
    fills: auditFills(panel, opened.runs[opened.primary]!.fills, window.first),
  })
}

function costsInput(opened: Case, config: GauntletConfig) {
  const {panel, mask, evidence, hypothesis} = opened
  const {bars} = evidence
  const own = opened.runs[opened.primary]!
  const part = (series: Float64Array): Float64Array => series.subarray(bars.from, bars.to)
  const largest = largestNotionalShare(panel, mask, own.heldWeights, hypothesis.capital_usd, bars)
  return {
    net: part(own.net),
    stressed: part(runPrimary(opened, {costMultiplier: config.costs.stress_multiplier}).net),
    delayed: part(runPrimary(opened, {delayBars: 1}).net),
    beforeCosts: part(own.gross).map((gross, t) => gross - part(own.funding)[t]!),
    turnover: part(own.turnover),
    spread: part(own.spread),
    fees: part(own.fees),
    impactAndLag: part(own.lag).map((lag, t) => lag + part(own.impact)[t]!),
    notionalShare: largest.share,
    notionalAsset: largest.asset,
    ...(opened.trading === undefined ? {} : {transfer: transferGates(opened, opened.trading, own, bars.from)}),
    periodsPerYear: YEAR_MS / panel.barMs,
  }
}
