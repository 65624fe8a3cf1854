import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {type ComputedFile, computeFile} from './features-compute.ts'
import {featureGrounds} from './features-panel.ts'
import {type FeatureFile, namedPaths, readFeatureFile} from './hypothesis-files.ts'
import {researchedIn} from './research-plans.ts'
import {sealBeforeLooking, sealedLines} from './seal-research.ts'

export interface FeaturesResult {
  readonly artifact: 'features@1'
  readonly ok: true
  readonly asOf: string
  readonly files: readonly ComputedFile[]
  readonly computed: number
  readonly stored: number
  readonly lacking: number
  /** vaults that were sealed before a value was computed, a line each */
  readonly sealed: readonly string[]
}

/**
 * Compute the features of hypotheses (at their declared point) or of named sets into the lake table `features`.
 *
 * Values have an identity over expression, numbers, universe and rows read: what is there already is not computed
 * again. A file whose inputs the lake lacks is listed with the table that would bring them, and the others go on.
 *
 * @throws Fault `lake.no_bars` (data), `artifact.*`, `feature.*`, `hypothesis.*` (contract)
 */
export async function features(desk: Desk, named: readonly string[]): Promise<FeaturesResult> {
  const inputs: FeatureFile[] = []
  for (const path of await namedPaths(desk, named)) inputs.push(await readFeatureFile(desk, path))
  const batch = await Promise.all(inputs.map((file) => researchedIn(desk, file)))
  const sealed = sealedLines(await sealBeforeLooking(desk, batch))
  const groundOf = featureGrounds(desk)
  const files: ComputedFile[] = []
  for (const file of inputs) {
    desk.progress.say(`${file.id}: reading the lake`)
    files.push(await computeFile(desk, file, await groundOf(file)))
  }
  const count = (status: ComputedFile['status']): number => files.filter((file) => file.status === status).length
  return {
    artifact: 'features@1',
    ok: true,
    asOf: isoOf(desk.asOf),
    files,
    computed: count('computed'),
    stored: count('stored'),
    lacking: count('lacking'),
    sealed,
  }
}
