import {refuseSilent} from '../cognition/backtest/refuse-silent.ts'
import {byRegime} from '../cognition/backtest/regimes.ts'
import {type ConfigurationRun, weightsRunOf} from '../cognition/backtest/run-configuration.ts'
import {firstHeldBar, tearSheet} from '../cognition/backtest/tear-sheet.ts'
import {tearSheetCharts} from '../cognition/backtest/tear-sheet-charts.ts'
import {sentenceOf, tearSheetBlocks, warningsOf} from '../cognition/backtest/tear-sheet-report.ts'
import {evaluateSignals} from '../cognition/features/evaluate.ts'
import {reportHtml} from '../cognition/gauntlet/report-html.ts'
import {reportMarkdown} from '../cognition/gauntlet/report-markdown.ts'
import {thinBars} from '../cognition/gauntlet/thin-bars.ts'
import {caveatsOf} from '../cognition/hypotheses/caveats.ts'
import {trialCount} from '../cognition/hypotheses/trial-count.ts'
import {Backtest} from '../contracts/backtest.ts'
import type {InputName, Panel} from '../contracts/panel.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {openEngine, underEachFill, underStress} from './backtest-engines.ts'
import {leaveCrossCheck} from './backtest-vectorbt.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import {ledgerIdentity} from './gauntlet-register.ts'
import {gitVersions, identityOf} from './ledger-git.ts'
import {ledgerIsWhole} from './ledger-lost.ts'
import {knownReturns, leaveReturns} from './ledger-returns.ts'
import {loadPanel} from './load-panel.ts'
import {refuseMissing} from './refuse-missing.ts'
import {type ResearchGround, sealBeforeResearch, sealedLines, vaultBefore} from './seal-research.ts'
import {listedCoins, universeFor} from './select-universe.ts'

export type BacktestReport = Backtest & {
  readonly ok: true
  readonly sentence: string
  /** before any figure: why it is worth nothing, or what leaves it open */
  readonly warnings: readonly string[]
  /** vaults that were sealed before this run, a line each */
  readonly sealed: readonly string[]
}

const INPUTS: readonly InputName[] = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding']
const RESEARCH = {kind: 'research'} as const

export interface BacktestRequest {
  readonly costs: 'file' | 'none'
  /** left out: what configs/qo.yaml names */
  readonly engine?: Backtest['engine'] | undefined
  /** leave the run as inputs and a script for vectorbt */
  readonly crossCheck?: boolean
}

/**
 * One honest run of a hypothesis at its declared point, on the research window only.
 *
 * The venue's vault is sealed before a price is read and the trial is in the ledger before the run: looking is what
 * counts, not liking what was seen.
 *
 * @throws Fault `backtest.inputs_missing`, `backtest.inputs_sealed`, `backtest.universe_too_small`, `feature.no_value`, `lake.no_bars` (data),
 *   `backtest.no_vault`, `artifact.*`, `feature.*` (contract)
 */
export async function backtest(
  desk: Desk,
  file: string,
  {costs, engine: asked, crossCheck = false}: BacktestRequest,
): Promise<BacktestReport> {
  const [member] = (await readBatch(desk, [file])) as [Member]
  const {hypothesis, compiled, grid, primary, venue} = member
  const params = grid[primary]!
  const engine = asked ?? ((await desk.files.read(QoConfig)).engine === 'vectorbt' ? 'vectorbt' : 'weights')
  const run = await openEngine(desk, engine, () => panel.assets)
  const ground = await sealBeforeResearch(desk, [member])
  const {ledger} = ground
  const intact = await ledgerIsWhole(desk, ledger.entries)
  const panel = await researchPanel(desk, member, ground)
  const {mask} = await universeFor(desk, hypothesis, panel, RESEARCH)
  const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
  const rule = {hypothesis, params, panel, universe: mask, signal}
  // No return was looked at: what can never trade is no trial.
  refuseSilent(hypothesis, compiled, rule)
  const begun = {
    kind: 'run' as const,
    ...(await ledgerIdentity(desk, member)),
    stage: 'backtest',
    data_sha: panel.dataSha,
    window: {start: isoOf(panel.ts[0]!), end: endOf(panel)},
    seed: null,
    result_sha: null,
    returns_ref: null,
  }
  await ledger.append({...begun, detail: {note: 'written before the run', point: {...params}, costs, engine}})
  desk.progress.say(`${hypothesis.id}: ${panel.ts.length} bars × ${panel.assets.length} assets`)
  const model = costs === 'none' ? 'none' : member.costs
  const configuration: ConfigurationRun = {...rule, costs: model}
  const inputs = weightsRunOf(configuration)
  const result = await run(inputs)
  const sheet = tearSheet(result, panel.assets)
  // vectorbt has one flat cost and fills at the open: beliefs and stresses would all be the same run.
  const isFlat = engine === 'vectorbt'
  const fills = isFlat ? {rows: [], runs: []} : await underEachFill(run, configuration, result)
  const stresses = isFlat ? [] : await underStress(run, configuration, result, model)
  const regimes = byRegime(panel, result.net, firstHeldBar(result))
  const charts = tearSheetCharts(result, sheet, {fills: fills.runs, regimes})
  const measured = {from: 0, to: panel.ts.length}
  const ref = await leaveReturns(desk, {
    ...{configuration: member.configuration, panel, bars: measured},
    points: [{params, net: result.net}],
  })
  await ledger.append({...begun, result_sha: ref, returns_ref: ref, detail: {point: {...params}, costs, engine}})
  const subject = identityOf(hypothesis, member.groundOf)
  const folder = folderOf(hypothesis.id, engine, costs)
  const checks = crossCheck ? await leaveCrossCheck(desk, inputs, panel.assets, `${folder}/cross-check`) : []
  const names = ['backtest.json', 'report.md', 'report.html', ...charts.map((chart) => chart.file)]
  const report: Backtest = {
    artifact: 'backtest@1',
    hypothesis: hypothesis.id,
    configuration: member.configuration,
    params: {...params},
    venue,
    bar: hypothesis.bar,
    engine,
    costs_model: costs === 'none' ? 'none' : hypothesis.costs,
    ...sheet,
    fills: fills.rows,
    stresses,
    regimes,
    flags: [
      ...caveatsOf(compiled, [compiled.signal], panel),
      ...sheet.flags,
      ...thinBars(rule, compiled),
      ...(panel.holes ? [`${panel.holes} holes allowed`] : []),
    ],
    trials: trialCount({
      ...{entries: ledger.entries, subject, intact},
      git: await gitVersions(desk, member.groundOf),
      ...(await knownReturns(desk, ledger.entries)),
    }).N,
    files: [...names.map((name) => `${folder}/${name}`), ...checks],
    provenance: {
      data_as_of: endOf(panel),
      seed: null,
      qo_version: desk.version,
      data_sha: panel.dataSha,
      ...(panel.holes ? {gaps_allowed: panel.holes} : {}),
      inputs: {...member.inputs},
    },
  }
  const drawn = new Map<string, string>()
  for (const {file: name, chart} of charts) drawn.set(name, await desk.charts.svg(chart))
  const blocks = tearSheetBlocks(report, charts)
  await desk.files.write(Backtest, report, `${folder}/backtest.json`)
  await desk.files.writeText(`${folder}/report.md`, reportMarkdown(report, blocks, 'backtest-report@1'))
  await desk.files.writeText(`${folder}/report.html`, reportHtml(report, blocks, drawn, 'backtest-report@1'))
  for (const [name, svg] of drawn) await desk.files.writeText(`${folder}/${name}`, svg)
  const {artifact, ...figures} = report
  return {
    artifact,
    ok: true,
    sentence: sentenceOf(report),
    warnings: warningsOf(report),
    sealed: sealedLines(ground.made),
    ...figures,
  }
}

/** The bars before the vault of the member. */
async function researchPanel(desk: Desk, member: Member, ground: ResearchGround): Promise<Panel> {
  const {venue, hypothesis, compiled} = member
  const vault = vaultBefore(member, hypothesis.id, ground)
  const to = vault === null ? {} : {to: Date.parse(vault.start)}
  const panel = await loadPanel(desk, {
    venue,
    interval: hypothesis.bar,
    inputs: INPUTS,
    purpose: RESEARCH,
    ...to,
    coins: listedCoins(hypothesis),
  })
  await refuseMissing(desk, {id: hypothesis.id, compiled, panel, vaults: ground.vaults})
  return panel
}

/** Runs that are not the judged one lie beside it, named by what is different. */
const folderOf = (id: string, engine: Backtest['engine'], costs: 'file' | 'none'): string =>
  `reports/backtest/${id}${engine === 'weights' ? '' : `-${engine}`}${costs === 'none' ? '-without-costs' : ''}`

const endOf = ({ts, barMs}: Panel): string => isoOf(ts.at(-1)! + barMs)
