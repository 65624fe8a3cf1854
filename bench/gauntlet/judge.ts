import {readFile} from 'node:fs/promises'
import {Costs} from '../../src/contracts/costs.ts'
import {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import type {Panel} from '../../src/contracts/panel.ts'
import {parseArtifact} from '../../src/io/files.ts'
import {everywhere} from '../random-panel.ts'
import {shipped} from './shipped.ts'

/** What a verdict was and what it took. */
export interface Judged {
  readonly verdict: string
  readonly stage: number | null
  readonly sentence: string
  readonly sharpeAnnual: number | null
  /** mean correlation of the returns of two variants, over all pairs */
  readonly meanCorrelation: number
  /** from the panel to the verdict: by the clock, and of all threads together */
  readonly seconds: number
  readonly cpuSeconds: number
  /** by the clock: the runs of the grid first, then each stage that was run */
  readonly secondsOf: Readonly<Record<string, number>>
  /** shape [K][T]: net returns of the variants on the bars that count */
  readonly net: readonly Float64Array[]
}

/** The hundred variants: ten short means of what was traded against ten long ones, decided twice a day. */
const HYPOTHESIS = {
  artifact: 'hypothesis@1',
  id: 'bench',
  family: 'bench',
  author: 'qo',
  claim: 'Traded value that stays high foretells returns.',
  mechanism: 'The market of this benchmark was made that way.',
  falsified_by: 'It does not.',
  universe: {from: 'selection', min_assets: 10},
  bar: '1h',
  features: {attention: 'ts_mean(log(close * volume), $fast) - ts_mean(log(close * volume), $slow)'},
  signal: 'cs_rank(attention) - 0.5',
  portfolio: {construct: 'proportional', neutral: 'dollar', gross: 1, max_weight: 0.15, rebalance: '12h'},
  params: {fast: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19], slow: [600, 620, 640, 660, 680, 700, 720, 740, 760, 780]},
  primary: {fast: 14, slow: 680},
  capital_usd: 25_000,
  gauntlet: {sr_target: 3},
} as const

/** Bootstrap samples of stage 6, drawn at once: a clear case would be content with a tenth. */
const BOOTSTRAP = 10_000

/**
 * One hypothesis through all stages with the gates and costs of the workspace, as the command does it: the grid is run,
 * then it is judged, on all threads.
 */
export async function judge(panel: Panel, permutations: number): Promise<Judged> {
  const {judgeHypothesis, openCase} = await shipped<typeof import('../../src/cognition/gauntlet/judge-hypothesis.ts')>(
    'cognition/gauntlet/judge-hypothesis.js',
  )
  const {compileHypothesis} = await shipped<typeof import('../../src/cognition/features/compile-hypothesis.ts')>(
    'cognition/features/compile-hypothesis.js',
  )
  const {gridOf} = await shipped<typeof import('../../src/cognition/hypotheses/grid-of.ts')>(
    'cognition/hypotheses/grid-of.js',
  )
  const {sourcesOn} =
    await shipped<typeof import('../../src/operations/gauntlet-draws.ts')>('operations/gauntlet-draws.js')
  const {meanTrialCorrelation} = await shipped<typeof import('../../src/cognition/statistics/deflated-sharpe.ts')>(
    'cognition/statistics/deflated-sharpe.js',
  )
  const {openThreads} = await shipped<typeof import('../../src/io/threads.ts')>('io/threads.js')
  const read = async (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
  const gates = parseArtifact(GauntletConfig, 'configs/gauntlet.yaml', await read('configs/gauntlet.yaml'))
  const costs = parseArtifact(Costs, 'configs/costs.yaml', await read('configs/costs.yaml'))
  const hypothesis = Hypothesis.schema.parse(HYPOTHESIS)

  const secondsOf: Record<string, number> = {}
  const timed = <T>(name: string, work: () => T): T => {
    const start = performance.now()
    const made = work()
    secondsOf[name] = (performance.now() - start) / 1000
    return made
  }
  const threads = openThreads()
  const cpu = process.cpuUsage()
  const start = performance.now()
  const grid = gridOf(hypothesis)
  const {fast, slow} = HYPOTHESIS.primary
  const primary = grid.findIndex((point) => point['fast'] === fast && point['slow'] === slow)
  const opened = timed('grid', () =>
    openCase({hypothesis, compiled: compileHypothesis(hypothesis), grid, primary, panel, costs}, everywhere(panel), []),
  )
  const docket = {
    register: {
      ...{configuration: 'c'.repeat(64), family: 'bench', gridPoints: grid.length, primaryInGrid: true, inLedger: true},
      ...{vault: {id: 'V-bench', from: 1, to: 2}, history: true, vaultNamed: null, registeredAt: 3, readUntil: null},
    },
    N: grid.length,
    vaultYears: 1,
    vaultFrom: panel.ts.at(-1)! + panel.barMs,
    nextAlpha: 0.02,
    books: [],
    spanFrom: panel.ts[0]!,
    seedOf: (stage: string) => `qo-gauntlet|v1|bench|stage:${stage}`,
  }
  const config = {
    ...gates,
    edge: {...gates.edge, permutations},
    multiplicity: {...gates.multiplicity, first_draws: BOOTSTRAP},
  }
  const {verdict, failedStage, sentence, figures} = judgeHypothesis(
    opened,
    docket,
    config,
    false,
    sourcesOn(threads),
    (call) => ({...call, judge: () => timed(call.name, call.judge)}),
  )
  const seconds = (performance.now() - start) / 1000
  const {user, system} = process.cpuUsage(cpu)
  const {net} = opened.evidence
  return {
    ...{verdict, stage: failedStage, sentence, sharpeAnnual: figures.sharpeAnnual, net},
    meanCorrelation: meanTrialCorrelation(net, net.length),
    ...{seconds, cpuSeconds: (user + system) / 1e6, secondsOf},
  }
}
