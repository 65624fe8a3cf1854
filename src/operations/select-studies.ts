import type {Chart} from '../contracts/chart.ts'
import {Costs} from '../contracts/costs.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {offsetChart, offsetReport, offsetSentence} from '../selection/offset-report.ts'
import {type Offset, offsetTest} from '../selection/offset-test.ts'
import {type Arm, survivorship} from '../selection/survivorship.ts'
import {survivorshipChart, survivorshipReport, survivorshipSentence} from '../selection/survivorship-report.ts'
import {researchOf, sealBeforeLooking, sealedLines} from './seal-research.ts'
import {requireCandidates, warningsOf} from './select-gates.ts'
import {runSelection, type SelectionRun, selectionVenue} from './select-universe.ts'

export interface OffsetTestResult {
  readonly artifact: 'selection-offset-test@1'
  readonly ok: true
  readonly sentence: string
  readonly spread: number
  readonly deviation: number
  readonly rank: number
  readonly offsets: readonly Omit<Offset, 'series'>[]
  readonly warnings: readonly string[]
  readonly paths: readonly string[]
}

export interface SurvivorshipResult {
  readonly artifact: 'selection-survivorship@1'
  readonly ok: true
  readonly sentence: string
  readonly premium: number
  readonly premiumError: number
  readonly listPremium: number
  readonly listPremiumError: number
  readonly arms: readonly Omit<Arm, 'series'>[]
  readonly dead: readonly string[]
  readonly held: readonly {readonly asset: string; readonly from: string; readonly to: string; readonly moved: number}[]
  readonly warnings: readonly string[]
  readonly paths: readonly string[]
}

/** The rule on every anchor day, with research's eyes: sealed windows stay sealed. */
export async function selectOffsetTest(desk: Desk, from: number | null): Promise<OffsetTestResult> {
  const {run, costs, until, venue, sealed} = await study(desk)
  const range = {from: from ?? Number.NEGATIVE_INFINITY, until}
  const test = offsetTest(run.table, run.config, costs, range, outsideOf(run))
  const warnings = warningsOf(run, desk.asOf)
  const paths = await leave(desk, 'offset-test', offsetChart(test), (picture) =>
    offsetReport(test, {...shaOf(run), venue, picture, warnings}),
  )
  const {spread, deviation, rank, offsets} = test
  const plain = offsets.map(({series: _, ...offset}) => offset)
  return {
    ...{artifact: 'selection-offset-test@1', ok: true, sentence: offsetSentence(test)},
    ...{spread, deviation, rank, offsets: plain, warnings: [...sealed, ...warnings], paths},
  }
}

/** What it would have been worth to know who survives, with research's eyes. */
export async function selectSurvivorship(desk: Desk): Promise<SurvivorshipResult> {
  const {run, costs, until, venue, sealed} = await study(desk)
  const found = survivorship(run.table, run.config, costs, until, outsideOf(run))
  const warnings = warningsOf(run, desk.asOf)
  const paths = await leave(desk, 'survivorship', survivorshipChart(found), (picture) =>
    survivorshipReport(found, run.table.assets, {...shaOf(run), venue, picture, warnings}),
  )
  const {premium, premiumError, listPremium, listPremiumError} = found
  const nameOf = (asset: number): string => run.table.assets[asset]!
  return {
    ...{artifact: 'selection-survivorship@1', ok: true, sentence: survivorshipSentence(found)},
    ...{premium, premiumError, listPremium, listPremiumError},
    arms: found.arms.map(({series: _, ...arm}) => arm),
    dead: found.dead.map(nameOf),
    held: found.held.map(({asset, from, to, moved}) => ({
      asset: nameOf(asset),
      from: isoOf(from),
      to: isoOf(to),
      moved,
    })),
    warnings: [...sealed, ...warnings],
    paths,
  }
}

interface Study {
  readonly run: SelectionRun
  readonly costs: Costs
  readonly venue: string
  /** end of what research may see */
  readonly until: number
  /** vaults that were sealed before this look, a line each */
  readonly sealed: readonly string[]
}

async function study(desk: Desk): Promise<Study> {
  const venue = await selectionVenue(desk)
  const sealed = sealedLines(await sealBeforeLooking(desk, [researchOf(venue)]))
  desk.progress.say('replaying the selection rule')
  const run = await runSelection(desk, {venue, asOf: desk.asOf, purpose: {kind: 'research'}})
  requireCandidates(run, venue)
  return {run, costs: await desk.files.read(Costs), venue, until: Math.min(desk.asOf, run.newestBar), sealed}
}

const outsideOf = ({delistedFrom, replay}: SelectionRun) => ({delistedFrom, standing: replay.standing})
const shaOf = ({configSha, panel}: SelectionRun) => ({configSha, dataSha: panel.dataSha})

async function leave(desk: Desk, name: string, chart: Chart, page: (picture: string) => string): Promise<string[]> {
  const [report, picture] = [`reports/selection/${name}.md`, `reports/selection/${name}.svg`]
  await desk.files.writeText(picture, await desk.charts.svg(chart))
  await desk.files.writeText(report, page(`${name}.svg`))
  return [report, picture]
}
