import {warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../cognition/features/evaluate.ts'
import {refuseEmpty} from '../cognition/features/refuse-empty.ts'
import {parseHorizons} from '../cognition/features/report/horizons.ts'
import {type JudgedFeature, judgeFeature} from '../cognition/features/report/judge-feature.ts'
import {reportBlocks, sentenceOf, warningsOf, withP} from '../cognition/features/report/report-blocks.ts'
import {type FeatureChart, featureCharts} from '../cognition/features/report/report-charts.ts'
import {summariseFeature} from '../cognition/features/summarise-feature.ts'
import {reportHtml} from '../cognition/gauntlet/report-html.ts'
import {reportMarkdown} from '../cognition/gauntlet/report-markdown.ts'
import {caveatsOf} from '../cognition/hypotheses/caveats.ts'
import {FeaturesReport} from '../contracts/features-report.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {type ReportGround, reportGround} from './features-report-ground.ts'
import {horizonsWithin, requireAssets, wantedOf} from './features-report-limits.ts'
import {type FeatureFile, namedPaths, readFeatureFile} from './hypothesis-files.ts'

export interface ReportOptions {
  /** bars, ascending; null: by the bar */
  readonly horizons: readonly number[] | null
  readonly buckets: number
  readonly returns: 'price' | 'funded'
  /** only these features; empty: all of the file */
  readonly only: readonly string[]
}

export interface FeaturesReports {
  readonly artifact: 'features-reports@1'
  readonly ok: true
  readonly reports: readonly (FeaturesReport & {
    readonly sentence: string
    readonly warnings: readonly string[]
    readonly sealed: readonly string[]
  })[]
}

/** What was typed -> bars; null where nothing was. @throws Fault `feature.horizons` (usage) */
export const horizonsFrom = (text: string | undefined): readonly number[] | null =>
  text === undefined ? null : parseHorizons(text)

/** A coefficient for the screen. */
export const coefficientCell = withP

/** Assets a correlation needs at the very least. */
const LEAST_ASSETS = 3
/** Features with pictures of their own; a page with hundreds of them is read by nobody. */
const MOST_DRAWN = 16

/**
 * What do features say about later returns? Coefficients by horizon, decay, buckets, turnover, coverage.
 *
 * @throws Fault `feature.universe_too_small`, `feature.horizon_too_long`, `feature.inputs_missing`, `lake.no_bars` (data),
 *   `feature.no_value` (data), `feature.unknown_feature` (usage), `artifact.*`, `feature.*`, `hypothesis.*` (contract)
 */
export async function featuresReport(
  desk: Desk,
  named: readonly string[],
  options: ReportOptions,
): Promise<FeaturesReports> {
  const files: FeatureFile[] = []
  for (const path of await namedPaths(desk, named)) files.push(await readFeatureFile(desk, path))
  for (const file of files) wantedOf(file, options.only)
  const reports: FeaturesReports['reports'][number][] = []
  for (const file of files) reports.push(await reportFile(desk, file, options))
  return {artifact: 'features-reports@1', ok: true, reports}
}

async function reportFile(desk: Desk, file: FeatureFile, options: ReportOptions) {
  const {path, id, compiled, params, venue, texts} = file
  const names = wantedOf(file, options.only)
  desk.progress.say(`${id}: reading the lake`)
  const ground = await reportGround(desk, file)
  const {panel, mask} = ground
  const least = Math.max(LEAST_ASSETS, file.universe.min_assets)
  requireAssets(file, ground, least)
  const measure = {funded: options.returns === 'funded', least, buckets: options.buckets}
  const yard = horizonsWithin(options.horizons, panel, mask, measure)
  const {horizons} = yard
  const judged = new Map<string, JudgedFeature>()
  const features: FeaturesReport['features'] = []
  for (const name of names) {
    desk.progress.say(`${id}: ${name}`)
    const values = evaluateFeatures(compiled, panel, mask, params, [name]).get(name)!
    if (!values.some((column, a) => column.some((v, t) => v - v === 0 && mask[a]![t] === 1)))
      refuseEmpty(name === 'signal' ? id : `${id}.features`, panel, [
        {name, expression: texts[name]!, warmup_bars: warmupBars({...compiled, signal: name}, params)},
      ])
    const found = judgeFeature(values, yard)
    judged.set(name, found)
    const {coverage, assets, horizons: figures} = found
    const {lag1} = summariseFeature(panel, values)
    features.push({name, expression: texts[name]!, coverage, assets, lag1, horizons: figures})
  }
  const drawn = names.slice(0, names.length > MOST_DRAWN ? 0 : MOST_DRAWN)
  const charts = new Map(drawn.map((name) => [name, featureCharts(name, judged.get(name)!, panel.ts, panel.barMs)]))
  const folder = `reports/features/${id}`
  const pictures = [...charts.values()].flat()
  const coefficients = names.length * horizons.length
  const report: FeaturesReport = {
    artifact: 'features-report@1',
    source: path,
    id,
    venue,
    bar: compiled.bar,
    params: {...params},
    window: {
      from: isoOf(panel.ts[0]!),
      to: isoOf(panel.ts.at(-1)! + panel.barMs),
      bars: panel.ts.length,
      assets: mask.filter((row) => row.includes(1)).length,
    },
    vault: ground.vault,
    returns: options.returns,
    buckets: options.buckets,
    least_assets: least,
    labels_cut_short: yard.whole.at(-1)!.cutShort,
    counted: ground.counted,
    coefficients,
    // Šidák over the coefficients as if they were independent: horizons are not, so this errs towards doubt.
    chance_p: 1 - 0.95 ** (1 / coefficients),
    features,
    flags: flagsOf(ground, caveatsOf(compiled, names, panel), names.length - drawn.length, options),
    files: ['report.json', 'report.md', 'report.html', ...pictures.map(({file: name}) => name)].map(
      (name) => `${folder}/${name}`,
    ),
    provenance: {
      data_as_of: isoOf(panel.ts.at(-1)! + panel.barMs),
      seed: null,
      qo_version: desk.version,
      data_sha: panel.dataSha,
      ...(panel.holes ? {gaps_allowed: panel.holes} : {}),
      inputs: {[path]: await desk.files.hash(path)},
    },
  }
  await leave(desk, report, folder, charts)
  return {...report, sentence: sentenceOf(report), warnings: warningsOf(report), sealed: ground.sealed}
}

async function leave(
  desk: Desk,
  report: FeaturesReport,
  folder: string,
  charts: ReadonlyMap<string, readonly FeatureChart[]>,
): Promise<void> {
  const svgs = new Map<string, string>()
  for (const {file, chart} of [...charts.values()].flat()) svgs.set(file, await desk.charts.svg(chart))
  const blocks = reportBlocks(report, charts)
  const title = {hypothesis: report.id}
  await desk.files.write(FeaturesReport, report, `${folder}/report.json`)
  await desk.files.writeText(`${folder}/report.md`, reportMarkdown(title, blocks, 'features-report@1'))
  await desk.files.writeText(`${folder}/report.html`, reportHtml(title, blocks, svgs, 'features-report@1'))
  for (const [name, svg] of svgs) await desk.files.writeText(`${folder}/${name}`, svg)
}

/** What a reader must know before believing the figures. */
function flagsOf(
  {panel}: ReportGround,
  caveats: readonly string[],
  undrawn: number,
  {returns}: ReportOptions,
): string[] {
  const flags = [...caveats]
  if (panel.holes) flags.push(`${panel.holes} holes in the data were read over.`)
  if (returns === 'funded' && !panel.series.has('funding')) flags.push('The lake has no funding: returns are of price.')
  if (undrawn > 0) flags.push(`No pictures for ${undrawn} features: --only NAME draws those you name.`)
  return flags
}
