import {configurationHash, signalFingerprint} from '../cognition/hypotheses/configuration-hash.ts'
import {gridOf} from '../cognition/hypotheses/grid-of.ts'
import type {GitVersion} from '../cognition/hypotheses/trial-count.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {GroundOf} from './grounds.ts'

/**
 * Every configuration that any version of any hypothesis file in git ever declared; null outside a repository.
 *
 * Read on today's ground: what was tried on another venue or under another selection rule is in the ledger. Files that
 * are gone count as well. A version that no parser accepts could never be run and is left out.
 */
export async function gitVersions(desk: Desk, groundOf: GroundOf): Promise<GitVersion[] | null> {
  if ((await desk.git.head()) === null) return null
  const versions: GitVersion[] = []
  for (const {path, text} of await desk.git.everyVersion(':(glob)hypotheses/*.yaml')) {
    if (!/^hypotheses\/[^/]+\.yaml$/.test(path)) continue
    const version = declaredIn(desk, path, text, groundOf)
    if (version) versions.push(version)
  }
  return versions
}

/** Workspace paths of the hypothesis files, sorted. */
export const hypothesisPaths = async (desk: Desk): Promise<string[]> =>
  (await desk.files.list('hypotheses')).filter((name) => name.endsWith('.yaml')).map((name) => `hypotheses/${name}`)

/** Who a hypothesis is to the ledger: names, configuration, shape and size of its grid. @throws Fault `feature.*` */
export function identityOf(hypothesis: Hypothesis, groundOf: GroundOf): GitVersion {
  return {
    hypothesis: hypothesis.id,
    family: hypothesis.family,
    lineage: hypothesis.lineage ?? null,
    configuration: configurationHash(hypothesis, groundOf(hypothesis)),
    fingerprint: signalFingerprint(hypothesis),
    n_points: gridOf(hypothesis).length,
  }
}

function declaredIn(desk: Desk, path: string, text: string, groundOf: GroundOf): GitVersion | null {
  try {
    return identityOf(desk.files.parse(Hypothesis, path, text), groundOf)
  } catch (cause) {
    if (cause instanceof Fault) return null
    throw cause
  }
}
