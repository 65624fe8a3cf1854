import {chartOf} from '../cognition/gauntlet/exhibit-chart.ts'
import {junitXml} from '../cognition/gauntlet/junit.ts'
import {type Picture, reportBlocks} from '../cognition/gauntlet/report.ts'
import {reportHtml} from '../cognition/gauntlet/report-html.ts'
import {reportMarkdown} from '../cognition/gauntlet/report-markdown.ts'
import {type NamedChart, verdictCharts} from '../cognition/gauntlet/verdict-charts.ts'
import {mean} from '../cognition/statistics/series.ts'
import {GauntletVerdict} from '../contracts/gauntlet.ts'
import {JUNIT_PATH} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {YEAR_MS} from '../kernel/instant.ts'
import type {Opened} from './gauntlet-run.ts'
import {verdictPath} from './gauntlet-stored.ts'

/** Leave verdict.json, report.md, report.html and the pictures; returns the SHA-256 of verdict.json. */
export async function leaveReport(desk: Desk, run: Opened, verdict: GauntletVerdict): Promise<string> {
  const path = verdictPath(verdict.hypothesis)
  const folder = path.slice(0, path.lastIndexOf('/'))
  const pictures: Picture[] = []
  const drawn = new Map<string, string>()
  for (const {name, chart, stage} of chartsOf(run, verdict)) {
    const file = `${name}.svg`
    drawn.set(file, await desk.charts.svg(chart))
    pictures.push({title: chart.title, file, ...(stage === undefined ? {} : {stage})})
    await desk.files.writeText(`${folder}/${file}`, drawn.get(file)!)
  }
  const blocks = reportBlocks(verdict, pictures)
  await desk.files.writeText(`${folder}/report.md`, reportMarkdown(verdict, blocks))
  await desk.files.writeText(`${folder}/report.html`, reportHtml(verdict, blocks, drawn))
  await desk.files.write(GauntletVerdict, verdict, path)
  return desk.files.hash(path)
}

/** One JUnit file for the whole batch. */
export async function leaveJunit(desk: Desk, verdicts: readonly GauntletVerdict[]): Promise<string> {
  await desk.files.writeText(JUNIT_PATH, junitXml(verdicts))
  return JUNIT_PATH
}

/** Pictures of the whole idea from the run, pictures of the stages from the verdict: what is drawn is what was judged. */
function chartsOf(run: Opened, {stages}: GauntletVerdict): NamedChart[] {
  const drawn = stages.flatMap(({id, exhibits = []}) =>
    exhibits.map((exhibit) => ({name: exhibit.name, chart: chartOf(exhibit), stage: id})),
  )
  return [...ofTheRun(run, !drawn.some(({name}) => name === 'plateau')), ...drawn]
}

/** @param showGrid  show the grid: no stage drew a map of it */
function ofTheRun(run: Opened, showGrid: boolean): NamedChart[] {
  if (run.kind === 'missing') return []
  const {opened} = run
  const {bars, net} = opened.evidence
  if (bars.to - bars.from < 2) return []
  const annual = Math.sqrt(YEAR_MS / run.panel.barMs)
  const grid = (showGrid ? opened.grid : []).map((params, g) => ({
    label: Object.entries(params)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    sharpe: sharpeOr0(net[g]!) * annual,
  }))
  return verdictCharts(opened.runs[opened.primary]!, bars, grid)
}

/** A point that never traded has no Sharpe; in the picture of the grid it stands at zero. */
function sharpeOr0(net: Float64Array): number {
  const centre = mean(net)
  const sd = Math.sqrt(net.reduce((total, r) => total + (r - centre) ** 2, 0) / Math.max(1, net.length - 1))
  return sd > 0 ? centre / sd : 0
}
