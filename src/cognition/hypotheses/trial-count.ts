import type {LedgerEntry, LedgerIdentity} from '../../contracts/ledger.ts'
import {type Kin, type Relative, relativesOf} from './relatives.ts'
import type {ReturnsKinship} from './returns-kinship.ts'

/** A configuration found in git: a version of a hypothesis file, whether it was ever run or not. */
export type GitVersion = Kin & Pick<LedgerIdentity, 'configuration' | 'n_points'>

export interface TrialCount {
  /** trials the edge has to pay for: the larger of ledger and git, never less than the subject's own grid */
  readonly N: number
  readonly ledger: number
  /** null: the workspace is in no repository */
  readonly git: number | null
  /** trials of all families together */
  readonly programme: number
  /** hypotheses counted together, sorted */
  readonly family: readonly string[]
  /** why each of them but the subject itself is counted, in the order of `family` */
  readonly kin: readonly Relative[]
  readonly flags: readonly string[]
}

/** A lost or edited ledger proves nothing: this many trials are assumed at least. */
const UNKNOWN_TRIALS = 1000

export const ASSUMED_TRIALS_FLAG = `the ledger is missing or edited: at least ${UNKNOWN_TRIALS} trials are assumed`

/**
 * How many configurations were tried before this one was chosen.
 *
 * Distinct configurations times their grid points, over everything that is the same idea: one family name, one lineage,
 * one shape of signal, or returns that move together; relatives of relatives too. Renaming an idea does not reset its
 * count, and merging branches takes the union of what both tried.
 *
 * @param correlated  pairs of hypotheses whose research returns say that they are one idea
 * @param unknown     hypothesis -> why nobody can say what it earned: they count as kin of everybody
 * @param intact      false when the ledger is known to be lost or edited
 * @see gauntlet.md 3.3
 */
export function trialCount({
  entries,
  subject,
  git,
  correlated = [],
  unknown = new Map(),
  intact = true,
}: {
  readonly entries: readonly LedgerEntry[]
  readonly subject: Kin & Pick<LedgerIdentity, 'n_points'>
  readonly git: readonly GitVersion[] | null
  readonly correlated?: readonly ReturnsKinship[]
  readonly unknown?: ReadonlyMap<string, string>
  readonly intact?: boolean
}): TrialCount {
  const kin = relativesOf(subject, [...entries, ...(git ?? [])], {correlated, unknown})
  const family = new Set([subject.hypothesis, ...kin.map(({hypothesis}) => hypothesis)])
  const within = <Item extends Kin>(items: readonly Item[]): Item[] =>
    items.filter(({hypothesis}) => family.has(hypothesis))
  const ledger = countPoints(within(entries))
  const fromGit = git === null ? null : countPoints(within(git))
  const known = Math.max(ledger, fromGit ?? 0, subject.n_points)
  const everything = Math.max(countPoints(entries), countPoints(git ?? []), subject.n_points)
  return {
    N: intact ? known : Math.max(known, UNKNOWN_TRIALS),
    ledger,
    git: fromGit,
    programme: intact ? everything : Math.max(everything, UNKNOWN_TRIALS),
    family: [...family].sort(),
    kin,
    flags: [
      ...kin.flatMap(({hypothesis, because, note}) =>
        because === 'unknown' ? [`${hypothesis} is counted: ${note}`] : [],
      ),
      ...(git === null ? ['not in a git repository: trials are counted from the ledger alone'] : []),
      ...(intact ? [] : [ASSUMED_TRIALS_FLAG]),
    ],
  }
}

/** Grid points over distinct configurations; a configuration met twice with different grids counts its larger one. */
function countPoints(items: readonly Pick<LedgerIdentity, 'configuration' | 'n_points'>[]): number {
  const points = new Map<string, number>()
  for (const {configuration, n_points} of items) {
    points.set(configuration, Math.max(n_points, points.get(configuration) ?? 0))
  }
  return [...points.values()].reduce((sum, n) => sum + n, 0)
}
