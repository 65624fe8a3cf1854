import {Fault} from '../../kernel/fault.ts'
import {requireColumns, requireThat, type Series} from './series.ts'
import {sharpeOrZero} from './sharpe.ts'

export interface CpcvSplit {
  /** groups that are tested, ascending */
  readonly groups: readonly number[]
  /** observations, ascending */
  readonly test: Int32Array
  readonly train: Int32Array
  /** per tested group: the path that takes its test result */
  readonly paths: readonly number[]
}

export interface CpcvPlan {
  /** observations */
  readonly T: number
  /** contiguous groups N; the last takes the remainder */
  readonly groups: number
  /** groups tested at once, k */
  readonly tested: number
  /** bars behind a test run that are not trained on, e */
  readonly embargo: number
  /** bars a label lives beyond its own: observation i occupies [i, min(i + horizon, T − 1)] */
  readonly horizon: number
}

/**
 * Training and test sets of combinatorial purged cross-validation, in lexicographic order of the tested groups.
 *
 * Every contiguous run of tested groups is purged for itself, on both sides: an observation whose label meets the run is
 * not trained on, nor one that begins within `embargo` bars behind its last label. What lies between two runs stays.
 * Path p takes of each group its p-th test, so C(N−1, k−1) whole paths come out.
 *
 * @throws Fault `gauntlet.empty_training` (data) when purging leaves a split nothing to learn from;
 *               `gauntlet.out_of_range`
 * @see López de Prado (2018), Advances in Financial Machine Learning, ch. 7 and 12
 */
export function cpcvSplits({T, groups: N, tested: k, embargo, horizon}: CpcvPlan): CpcvSplit[] {
  const whole = [T, N, k, embargo, horizon].every((n) => Number.isInteger(n) && n >= 0)
  requireThat(whole && k >= 1 && k < N && N <= T, `${k} of ${N} groups of ${T} observations were to be tested.`)
  const size = Math.floor(T / N)
  const startOf = (group: number): number => (group === N ? T : group * size)
  const seen = new Int32Array(N)
  return combinations(N, k).map((groups): CpcvSplit => {
    const kind = new Uint8Array(T)
    for (const [from, to] of runsOf(groups)) {
      const [lo, hi] = [startOf(from), Math.min(T - 1, startOf(to + 1) - 1 + horizon)]
      for (let i = 0; i < T; i++) {
        const meets = i <= hi && Math.min(i + horizon, T - 1) >= lo
        if (meets || (i > hi && i <= hi + embargo)) kind[i] = Math.max(kind[i]!, 1)
      }
    }
    for (const group of groups) kind.fill(2, startOf(group), startOf(group + 1))
    const pick = (wanted: number): Int32Array => Int32Array.from(kind.keys()).filter((i) => kind[i] === wanted)
    const train = pick(0)
    if (train.length === 0) throw nothingToLearn(groups)
    return {groups, test: pick(2), train, paths: groups.map((group) => seen[group]!++)}
  })
}

export interface CpcvPaths {
  /** shape [paths][T]: returns of the column that each split chose on its training set */
  readonly paths: readonly Float64Array[]
  /** Sharpe of each path, per period; 0 for one without variance */
  readonly sharpe: readonly number[]
  /** column chosen in each split */
  readonly chosen: readonly number[]
}

/**
 * Whole-history paths in which every observation was earned by a configuration chosen without it.
 *
 * @param columns  shape [K][T] per-period returns; ties in training go to the lowest column
 * @throws Fault   `gauntlet.empty_training`, `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.ragged_columns`
 */
export function cpcvPaths(columns: readonly Series[], plan: Omit<CpcvPlan, 'T'>): CpcvPaths {
  requireColumns(columns, 2 * plan.groups)
  const T = columns[0]!.length
  const splits = cpcvSplits({...plan, T})
  const size = Math.floor(T / plan.groups)
  const count = Math.max(...splits.flatMap(({paths}) => paths)) + 1
  const paths = Array.from({length: count}, () => new Float64Array(T))
  const chosen = splits.map((split) => {
    const winner = bestOn(columns, split.train)
    split.groups.forEach((group, i) => {
      const path = paths[split.paths[i]!]!
      const to = group === plan.groups - 1 ? T : (group + 1) * size
      for (let t = group * size; t < to; t++) path[t] = columns[winner]![t]!
    })
    return winner
  })
  return {paths, sharpe: paths.map(sharpeOrZero), chosen}
}

/** Column with the highest Sharpe on these observations; one without variance counts as 0. */
function bestOn(columns: readonly Series[], rows: Int32Array): number {
  let [winner, best] = [0, Number.NEGATIVE_INFINITY]
  columns.forEach((column, k) => {
    let [total, squares] = [0, 0]
    for (const t of rows) total += column[t]!
    const mean = total / rows.length
    for (const t of rows) squares += (column[t]! - mean) ** 2
    const sharpe = squares > 0 ? mean / Math.sqrt(squares / Math.max(1, rows.length - 1)) : 0
    if (sharpe > best) [winner, best] = [k, sharpe]
  })
  return winner
}

/** Contiguous runs of ascending groups, first and last of each. */
function runsOf(groups: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const group of groups) {
    const run = runs.at(-1)
    if (run && run[1] === group - 1) run[1] = group
    else runs.push([group, group])
  }
  return runs
}

/** All choices of k out of N, ascending, in lexicographic order. */
function combinations(N: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]]
  return Array.from({length: N - k - from + 1}, (_, i) => from + i).flatMap((first) =>
    combinations(N, k - 1, first + 1).map((rest) => [first, ...rest]),
  )
}

function nothingToLearn(groups: readonly number[]): Fault {
  return new Fault('gauntlet.empty_training', {
    family: 'data',
    what: `Testing groups ${groups.join(' and ')} leaves no observation to train on.`,
    why: 'Labels and the embargo reach over everything that is left: a choice cannot be made from nothing.',
    next: ['widen the date range', 'shorten the holding time or the warm-up of the idea'],
  })
}
