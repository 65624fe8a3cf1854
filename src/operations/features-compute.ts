import {missingInputs, warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../cognition/features/evaluate.ts'
import {featureHashes} from '../cognition/features/feature-hash.ts'
import {featureReport} from '../cognition/features/feature-report.ts'
import {featureRows} from '../cognition/features/feature-rows.ts'
import {refuseEmpty} from '../cognition/features/refuse-empty.ts'
import {summariseFeature} from '../cognition/features/summarise-feature.ts'
import {FeatureManifest} from '../contracts/features.ts'
import {Features} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import type {FeatureGround} from './features-panel.ts'
import {filesOf, hashesIn, sourceOf, storedManifest} from './features-stored.ts'
import type {FeatureFile} from './hypothesis-files.ts'

export interface ComputedFile {
  readonly source: string
  readonly id: string
  /** `computed` something new · `stored`: all of it was there · `lacking` an input */
  readonly status: 'computed' | 'stored' | 'lacking'
  readonly lacks: readonly {readonly input: string; readonly table: string}[]
  readonly features: FeatureManifest['features']
  readonly manifest: string | null
  readonly report: string | null
}

/** Values that the lake does not have yet, then manifest and report; nothing but the manifest is read for the rest. */
export async function computeFile(
  desk: Desk,
  file: FeatureFile,
  {panel, mask, universe}: FeatureGround,
): Promise<ComputedFile> {
  const {path, id, compiled, params, venue, texts} = file
  const lacks = missingInputs(compiled, new Set(panel.series.keys()))
  const none = {source: path, id, features: [], manifest: null, report: null}
  if (lacks.length > 0) return {...none, status: 'lacking', lacks}
  const inputs = {venue, bar: compiled.bar, dataSha: panel.dataSha, universe}
  const hashes = featureHashes(texts, params, inputs)
  const known = await storedManifest(desk, id)
  const inLake = hashesIn(await desk.lake.commits(), venue, compiled.bar)
  const wanted = [...hashes].filter(([, hash]) => !inLake.has(hash) || !known.has(hash)).map(([name]) => name)
  desk.progress.say(`${id}: ${wanted.length} of ${hashes.size} features to compute`)
  const values = evaluateFeatures(compiled, panel, mask, params, wanted)
  const described = [...hashes].map(([name, feature]): FeatureManifest['features'][number] => {
    const before = known.get(feature)
    const column = values.get(name)
    if (!column) return {...before!, name}
    const {from, to, ...summary} = summariseFeature(panel, column)
    const span = {from: from === null ? null : isoOf(from), to: to === null ? null : isoOf(to)}
    const warmup = warmupBars({...compiled, signal: name}, params)
    return {name, expression: texts[name]!, feature, warmup_bars: warmup, ...summary, ...span}
  })
  refuseEmpty(
    texts['signal'] === undefined ? `${id}.features` : id,
    panel,
    described.filter(({rows}) => rows === 0),
  )
  const fresh = wanted
    .filter((name) => !inLake.has(hashes.get(name)!))
    .map((name) => ({name, feature: hashes.get(name)!, values: values.get(name)!}))
  if (fresh.length > 0) {
    // Derived rows are received when they are available: a wall clock would make equal values different bytes.
    const receivedAt = panel.ts.at(-1)! + panel.barMs
    const batch = {table: Features, venue, interval: compiled.bar, receivedAt, distinct: true}
    await desk.lake.append({
      ...batch,
      rows: featureRows(panel, fresh),
      source: sourceOf(fresh.map(({feature}) => feature)),
    })
  }
  const manifest: FeatureManifest = {
    artifact: 'feature-manifest@1',
    source: path,
    venue,
    interval: compiled.bar,
    params: {...params},
    features: described,
    files: filesOf(await desk.lake.commits(), new Set(hashes.values())),
    provenance: {
      data_as_of: isoOf(panel.ts.at(-1)! + panel.barMs),
      seed: null,
      qo_version: desk.version,
      data_sha: panel.dataSha,
      ...(panel.holes ? {gaps_allowed: panel.holes} : {}),
      inputs: {[path]: await desk.files.hash(path)},
    },
  }
  const manifestPath = await desk.files.write(FeatureManifest, manifest, `data/manifests/features/${id}.json`)
  const report = `reports/features/${id}.md`
  await desk.files.writeText(report, featureReport(manifest, compiled))
  const status = fresh.length > 0 ? 'computed' : 'stored'
  return {source: path, id, status, lacks: [], features: described, manifest: manifestPath, report}
}
