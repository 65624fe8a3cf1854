import type {LedgerEntry, LedgerIdentity} from '../../contracts/ledger.ts'

/** What makes two hypotheses relatives. */
export type Kin = Pick<LedgerIdentity, 'hypothesis' | 'family' | 'lineage' | 'fingerprint'>

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
 * @param correlated  pairs of hypotheses whose research returns correlate by 0.5 or more
 * @param intact      false when the ledger is known to be lost or edited
 * @see gauntlet.md 3.3
 */
export function trialCount({
  entries,
  subject,
  git,
  correlated = [],
  intact = true,
}: {
  readonly entries: readonly LedgerEntry[]
  readonly subject: Kin & Pick<LedgerIdentity, 'n_points'>
  readonly git: readonly GitVersion[] | null
  readonly correlated?: readonly (readonly [string, string])[]
  readonly intact?: boolean
}): TrialCount {
  const family = familyOf(subject, [...entries, ...(git ?? [])], correlated)
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
    flags: [
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

/** Hypotheses reachable from the subject by any kinship: each pass adds the kin of what the last one found. */
function familyOf(
  subject: Kin,
  others: readonly Kin[],
  correlated: readonly (readonly [string, string])[],
): Set<string> {
  const family = new Set([subject.hypothesis])
  const marks = new Set(marksOf(subject))
  for (let size = 0; size !== family.size + marks.size; ) {
    size = family.size + marks.size
    for (const kin of others) {
      if (!family.has(kin.hypothesis) && !marksOf(kin).some((mark) => marks.has(mark))) continue
      family.add(kin.hypothesis)
      for (const mark of marksOf(kin)) marks.add(mark)
    }
    for (const [a, b] of correlated) if (family.has(a) || family.has(b)) family.add(a).add(b)
  }
  return family
}

/** A lineage is the name of an ancestor, so a hypothesis carries its own name as a lineage mark too. */
const marksOf = ({hypothesis, family, lineage, fingerprint}: Kin): string[] => [
  `family ${family}`,
  `shape ${fingerprint}`,
  `line ${hypothesis}`,
  ...(lineage === null ? [] : [`line ${lineage}`]),
]
