import type {z} from 'zod'
import type {Artifact} from '../contracts/artifact.ts'
import {LakeManifest} from '../contracts/lake.ts'
import {QoConfig, researchEnd, type Vault, Vaults} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {Member} from './gauntlet-batch.ts'

/** What a branch changed about the hypotheses of a batch. */
export interface Changed {
  /** the ref that was named */
  readonly since: string
  /** commit that history has in common with it */
  readonly base: string
  /** hypotheses to judge, and why each */
  readonly changed: readonly {readonly hypothesis: string; readonly path: string; readonly because: readonly string[]}[]
  /** ids of those that nothing of the branch touches */
  readonly unchanged: readonly string[]
  /** hypothesis files that are gone */
  readonly gone: readonly string[]
}

/**
 * Which hypotheses of a batch a branch touches: their file or report, a config they are judged by, their sealed window,
 * or rows before it.
 *
 * Files of the lake that begin behind the seal change no verdict: research never sees them.
 *
 * @throws Fault `git.no_repository`, `git.unrelated` (contract), `git.unknown_ref` (usage)
 */
export async function changedSince(desk: Desk, batch: readonly Member[], ref: string): Promise<Changed> {
  const {base, paths} = await desk.git.changedSince(ref)
  const touched = new Set(paths)
  const vaults = await desk.lake.vaults()
  const before = {
    vaults: touched.has(Vaults.path) ? ((await asOf(desk, Vaults, base))?.vaults ?? []) : vaults,
    exchange: touched.has(QoConfig.path) ? ((await asOf(desk, QoConfig, base))?.exchange ?? null) : null,
  }
  const data = await changedData(desk, base, paths, vaults)
  const reasonsOf = (member: Member): string[] => {
    const {hypothesis, path, venue, inputs} = member
    const venues = venuesOf(member)
    return [
      ...Object.keys(inputs)
        .filter((file) => touched.has(file))
        .sort((a, b) => Number(b === path) - Number(a === path)),
      ...(touched.has(INGEST) ? [INGEST] : []),
      ...(before.exchange !== null && hypothesis.data === undefined && before.exchange !== venue
        ? [QoConfig.path]
        : []),
      ...(JSON.stringify(of(before.vaults, venue)) === JSON.stringify(of(vaults, venue)) ? [] : [Vaults.path]),
      ...data.filter((change) => venues.has(change.venue)).map(({what}) => what),
      ...paths.filter((file) => file.startsWith(`reports/gauntlet/${hypothesis.id}/`)).slice(0, 1),
    ]
  }
  const judged = batch.map((member) => ({
    hypothesis: member.hypothesis.id,
    path: member.path,
    because: reasonsOf(member),
  }))
  const isGone = async (path: string): Promise<boolean> =>
    /^hypotheses\/[^/]+\.yaml$/.test(path) && !(await desk.files.exists(path))
  const gone: string[] = []
  for (const path of paths) if (await isGone(path)) gone.push(path)
  return {
    since: ref,
    base,
    changed: judged.filter(({because}) => because.length > 0),
    unchanged: judged.filter(({because}) => because.length === 0).map(({hypothesis}) => hypothesis),
    gone,
  }
}

/** Which hypotheses a branch touches and why, a line each. */
export function touchedLines({since, base, changed, unchanged, gone}: Changed): string[] {
  return [
    ...changed.map(({hypothesis, because}) => `${hypothesis} is judged because of ${because.join(', ')}`),
    ...gone.map((path) => `${path} is gone: what the ledger says of it stays`),
    `${changed.length} of ${changed.length + unchanged.length} hypotheses differ from ${since} (${base.slice(0, 12)})`,
  ]
}

/** Splits and redenominations that every panel is read through. */
const INGEST = 'configs/ingest.yaml'

/** Where a hypothesis is researched, and where it would trade. */
export const venuesOf = ({hypothesis, venue}: Pick<Member, 'hypothesis' | 'venue'>): Set<string> =>
  new Set([venue, hypothesis.data?.trade ?? venue])

const of = (vaults: readonly Vault[], venue: string): Vault[] => vaults.filter((vault) => vault.venue === venue)

/** Manifests whose files before the seal are others than they were. */
async function changedData(
  desk: Desk,
  base: string,
  paths: readonly string[],
  vaults: readonly Vault[],
): Promise<{venue: string; what: string}[]> {
  const changes: {venue: string; what: string}[] = []
  for (const path of paths.filter((name) => /^data\/manifests\/[^/]+\.json$/.test(name))) {
    const [was, is] = [await asOf(desk, LakeManifest, base, path), await now(desk, path)]
    const venue = (is ?? was)?.venue
    if (venue === undefined) continue
    const sealed = researchEnd(vaults, venue)
    const seen = (manifest: LakeManifest | null): string[] =>
      (manifest?.files ?? []).filter(({from}) => Date.parse(from) < sealed).map((file) => `${file.path} ${file.sha256}`)
    const [old, fresh] = [new Set(seen(was)), new Set(seen(is))]
    const count =
      [...fresh].filter((file) => !old.has(file)).length + [...old].filter((file) => !fresh.has(file)).length
    if (count > 0) changes.push({venue, what: `${path} (${count} ${count === 1 ? 'file' : 'files'} of research data)`})
  }
  return changes
}

async function now(desk: Desk, path: string): Promise<LakeManifest | null> {
  return (await desk.files.exists(path)) ? desk.files.read(LakeManifest, path) : null
}

/** An artifact as a commit has it; null when the commit has none, or one that no longer parses. */
async function asOf<S extends z.ZodType>(
  desk: Desk,
  artifact: Artifact<S>,
  commit: string,
  path: string = artifact.path,
): Promise<z.infer<S> | null> {
  const text = await desk.git.textAt(commit, path)
  if (text === null) return null
  try {
    return desk.files.parse(artifact, path, text)
  } catch (cause) {
    if (cause instanceof Fault) return null
    throw cause
  }
}
