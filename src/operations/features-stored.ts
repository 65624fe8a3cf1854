import {FeatureManifest} from '../contracts/features.ts'
import type {Desk, LakeCommit} from '../desk.ts'

const PREFIX = 'features:'

/** The `source` of a commit of feature rows names the identities it holds. */
export const sourceOf = (hashes: readonly string[]): string => `${PREFIX}${[...hashes].sort().join(',')}`

const identitiesOf = ({source}: LakeCommit): string[] =>
  source.startsWith(PREFIX) ? source.slice(PREFIX.length).split(',') : []

/** Identities whose values are in the lake. */
export function hashesIn(commits: readonly LakeCommit[], venue: string, interval: string): Set<string> {
  const own = commits.filter((commit) => commit.table === 'features' && commit.venue === venue)
  return new Set(own.filter((commit) => commit.interval === interval).flatMap(identitiesOf))
}

/** The lake's files that hold any of these identities. */
export function filesOf(commits: readonly LakeCommit[], hashes: ReadonlySet<string>): FeatureManifest['files'] {
  return commits
    .filter((commit) => commit.table === 'features' && identitiesOf(commit).some((hash) => hashes.has(hash)))
    .flatMap(({files}) => files.map(({path, sha256, bytes, rows}) => ({path, sha256, bytes, rows})))
}

/** What the manifest of a former run says, by identity; nothing when there is none. */
export async function storedManifest(
  desk: Desk,
  id: string,
): Promise<Map<string, FeatureManifest['features'][number]>> {
  const path = `data/manifests/features/${id}.json`
  if (!(await desk.files.exists(path))) return new Map()
  const {features} = await desk.files.read(FeatureManifest, path)
  return new Map(features.map((item) => [item.feature, item]))
}
