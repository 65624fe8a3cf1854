import {futureBehind, missingInputs, warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../cognition/features/evaluate.ts'
import {auditLookahead} from '../cognition/gauntlet/audit-lookahead.ts'
import type {View} from '../cognition/gauntlet/audit-panel.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {Random} from '../kernel/random.ts'
import {type FeatureGround, featureGrounds} from './features-panel.ts'
import {type FeatureFile, namedPaths, readFeatureFile} from './hypothesis-files.ts'
import {researchedIn} from './research-plans.ts'
import {sealBeforeLooking, sealedLines} from './seal-research.ts'

export interface AuditedFile {
  readonly source: string
  readonly id: string
  readonly verdict: 'CLEAN' | 'INVALID' | 'LACKING'
  readonly lacks: readonly {readonly input: string; readonly table: string}[]
  readonly cuts: number
  readonly scrambles: number
  /** values compared */
  readonly compared: number
  /** values at or before a cut that changed when only the future did */
  readonly leaks: number
  /** every feature that leaks, in the order of the file */
  readonly leaking: readonly string[]
  /** each guilty expression and its leak in words, with a caret where the text gives it away */
  readonly guilty: string | null
}

export interface FeaturesAudit {
  readonly artifact: 'features-audit@1'
  readonly ok: boolean
  readonly audits: readonly AuditedFile[]
  /** vaults that were sealed before a value was computed, a line each */
  readonly sealed: readonly string[]
}

/**
 * Does any feature know its future? Each is computed again on histories cut short and on histories with another future.
 *
 * The same audit as stage 2 of the gauntlet, on features rather than decisions, so it also sees those the signal does
 * not use. Zero differences are clean; there is no "weak" look-ahead.
 *
 * @throws Fault `lake.no_bars` (data), `artifact.*`, `feature.*`, `hypothesis.*` (contract)
 */
export async function featuresAudit(desk: Desk, named: readonly string[]): Promise<FeaturesAudit> {
  const {lookahead} = await desk.files.read(GauntletConfig)
  const groundOf = featureGrounds(desk)
  const files: FeatureFile[] = []
  for (const path of await namedPaths(desk, named)) files.push(await readFeatureFile(desk, path))
  const batch = await Promise.all(files.map((file) => researchedIn(desk, file)))
  const sealed = sealedLines(await sealBeforeLooking(desk, batch))
  const audits: AuditedFile[] = []
  for (const file of files) {
    desk.progress.say(`${file.id}: cutting and scrambling history`)
    audits.push(auditFile(file, await groundOf(file), lookahead))
  }
  return {artifact: 'features-audit@1', ok: audits.every(({verdict}) => verdict !== 'INVALID'), audits, sealed}
}

function auditFile(
  {path, id, compiled, params}: FeatureFile,
  {panel, mask}: FeatureGround,
  lookahead: GauntletConfig['lookahead'],
): AuditedFile {
  const lacks = missingInputs(compiled, new Set(panel.series.keys()))
  const none = {source: path, id, cuts: 0, scrambles: 0, compared: 0, leaks: 0, leaking: [], guilty: null}
  if (lacks.length > 0) return {...none, verdict: 'LACKING', lacks}
  const all = [...compiled.expressions.keys()]
  const counted = {cuts: 0, scrambles: 0, compared: 0, leaks: 0}
  const found = new Map<string, string>()
  // One audit ends at the first leak: it is repeated without the guilty until the rest is clean.
  for (let rest = all; rest.length > 0; ) {
    const compute = (view: View): Float64Array[] => {
      const values = evaluateFeatures(compiled, view.panel, view.mask, params, rest)
      return rest.flatMap((name) => values.get(name)!)
    }
    const {cuts, scrambles, compared, truncationLeaks, scrambleLeaks, firstLeak} = auditLookahead({
      view: {panel, mask},
      decide: (view, points) => points.map(() => ({columns: compute(view), bars: null})),
      gridSize: 1,
      primary: 0,
      first: Math.min(warmupBars(compiled, params), Math.floor(panel.ts.length / 2)),
      cuts: lookahead.cuts,
      scrambleCuts: lookahead.scramble_cuts,
      gridCuts: lookahead.grid_cuts,
      tolerance: lookahead.relative_tolerance,
      random: new Random(`qo-features|v1|audit:${id}|data:${panel.dataSha}`),
    })
    counted.cuts = Math.max(counted.cuts, cuts)
    counted.scrambles += scrambles
    counted.compared += compared
    counted.leaks += truncationLeaks + scrambleLeaks
    if (firstLeak === null) break
    const name = rest[Math.floor(firstLeak.column / panel.assets.length)]!
    const {label} = compiled.expressions.get(name)!.source
    const asset = panel.assets[firstLeak.column % panel.assets.length]!
    const [spot] = futureBehind(compiled, name)
    const words = `${label}: ${asset} at ${isoOf(panel.ts[firstLeak.bar]!)} changed with what came after ${isoOf(panel.ts[firstLeak.cut]!)}`
    found.set(name, spot ? `${words}\n${spot.evidence}` : words)
    rest = rest.filter((other) => other !== name)
  }
  const leaking = all.filter((name) => found.has(name))
  const guilty = leaking.length === 0 ? null : leaking.map((name) => found.get(name)!).join('\n')
  return {source: path, id, verdict: leaking.length === 0 ? 'CLEAN' : 'INVALID', lacks, ...counted, leaking, guilty}
}
