import {type LakeCut, LakeCuts} from '../contracts/lake.ts'
import {researchEnd} from '../contracts/workspace.ts'
import type {Desk, LakeTransfer, PushOptions} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {namedFiles} from './named-data.ts'

export interface LakePushResult extends Omit<LakeTransfer, 'cuts'> {
  readonly artifact: 'lake-push@1'
  readonly ok: boolean
  readonly to: string
  /** manifests of the copies that end before a seal */
  readonly paths: readonly string[]
}

export interface LakePullResult extends Omit<LakeTransfer, 'cuts'> {
  readonly artifact: 'lake-pull@1'
  readonly ok: boolean
  readonly from: string
}

/**
 * Carry the lake to a copy; for research, leave the manifest of the copies that end before a seal.
 *
 * @throws Fault `lake.sealed`, `lake.bad_depot` (usage), `lake.diverged` (data)
 */
export async function lakePush(desk: Desk, to: string, options: PushOptions): Promise<LakePushResult> {
  desk.progress.say(`pushing to ${to}`)
  const {cuts, ...tally} = await desk.lake.push(to, options)
  const paths: string[] = []
  for (const [venue, files] of cuts) paths.push(await leaveCuts(desk, venue, files))
  return {artifact: 'lake-push@1', ok: true, to, ...tally, paths}
}

/**
 * Bring the lake up to a copy, and damaged files back.
 *
 * @param named  only what the committed manifests name, and no sealed row
 * @throws Fault `lake.diverged`, `lake.depot_*`, `lake.no_manifest`, `lake.manifest_differs`, `lake.no_cut` (data)
 */
export async function lakePull(desk: Desk, from: string, {named}: {named: boolean}): Promise<LakePullResult> {
  desk.progress.say(`pulling from ${from}`)
  const {cuts: _, ...tally} = await desk.lake.pull(from, named ? {named: await namedByManifests(desk)} : {})
  return {artifact: 'lake-pull@1', ok: true, from, ...tally}
}

async function namedByManifests(desk: Desk): Promise<Map<string, string>> {
  const files = await namedFiles(desk, null)
  if (files.length > 0) return new Map(files.map(({path, sha256}) => [path, sha256]))
  throw new Fault('lake.no_manifest', {
    family: 'data',
    what: 'No committed manifest names a file of the lake.',
    why: '--named carries exactly what data/manifests names by hash.',
    next: ['qo ingest --commit', 'leave --named out'],
  })
}

async function leaveCuts(desk: Desk, venue: string, files: readonly LakeCut[]): Promise<string> {
  const sealedFrom = isoOf(researchEnd(await desk.lake.vaults(), venue))
  const sorted = [...files].sort((a, b) => (a.whole.path < b.whole.path ? -1 : 1))
  return desk.files.write(
    LakeCuts,
    {
      artifact: 'lake-cuts@1',
      venue,
      sealed_from: sealedFrom,
      files: sorted,
      provenance: {
        data_as_of: sealedFrom,
        seed: null,
        qo_version: desk.version,
        data_sha: await desk.lake.digest(sorted.map(({cut}) => cut.sha256)),
        inputs: {},
      },
    },
    `data/manifests/cuts/${encodeURIComponent(venue)}.json`,
  )
}
