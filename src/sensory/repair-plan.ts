import type {LakeCommitEntry, RepairPlan} from '../contracts/lake.ts'
import {isoOf} from '../kernel/instant.ts'

type Damage = RepairPlan['damage'][number]

export interface Problem {
  readonly file: string
  readonly problem: string
  readonly kind: Damage['kind']
}

interface Commit extends Pick<LakeCommitEntry, 'n' | 'table' | 'venue' | 'source' | 'frames'> {
  readonly interval: string | null
  readonly files: readonly LakeCommitEntry['files'][number][]
}

const COPY =
  'qo lake pull FROM: a folder or URL that holds a copy of this lake; the damaged file goes to data/quarantine/lake'

/**
 * What restores each damaged file, most exact first. Nothing is touched.
 *
 * A file comes back byte for byte or not at all: its commit names its hash. The same rows imported into an empty
 * workspace are the same bytes, so such a workspace is a copy too.
 *
 * @param commits  the chain as far as it can be read; none when it is broken
 */
export function repairPlan(
  problems: readonly Problem[],
  commits: readonly Commit[],
  foreign: readonly string[],
): RepairPlan {
  const owners = new Map(commits.flatMap((commit) => commit.files.map((file) => [file.path, {commit, file}] as const)))
  const recorded = new Set(commits.filter(({table}) => table === 'frames').map(({venue}) => venue))
  return {
    artifact: 'repair-plan@1',
    foreign: [...foreign],
    damage: problems.map(({file: path, problem, kind}): Damage => {
      const owner = owners.get(path)
      const base = {file: path, kind, problem}
      if (!owner) {
        const gone = kind === 'chain' ? 'every row of the lake: no commit behind the break can be trusted' : 'unknown'
        return {...base, commit: null, table: null, venue: null, source: null, gone, restore: [COPY]}
      }
      const {commit, file} = owner
      const {n, table, venue, interval, source} = commit
      const what = [table, venue, ...(interval === null ? [] : [interval])].join(' ')
      return {
        ...base,
        ...{commit: n, table, venue, source},
        gone: `${file.rows} ${table === 'frames' ? 'raw frames' : 'rows'} of ${what}, ${isoOf(file.min_ts)} to ${isoOf(file.max_ts)}; a read that needs them is refused`,
        restore: [...access(kind), COPY, ...waysOf(commit, recorded.has(venue))],
      }
    }),
  }
}

/** A file that could not be looked at may be whole. */
const access = (kind: Damage['kind']): string[] =>
  kind === 'unreadable' ? ['check owner, permissions and the disk: the file may be whole'] : []

function waysOf({table, venue, source, frames}: Commit, recorded: boolean): string[] {
  if (table === 'frames') return ['nothing else: raw frames have no other source']
  const [, file] = /^file:(.+)$/.exec(source) ?? []
  if (file !== undefined) {
    return [
      `import ${file} again into an empty workspace (qo init DIR, qo ingest file … --root DIR), then qo lake pull DIR`,
    ]
  }
  if (frames || recorded)
    return [`qo lake rebuild --table ${table} --venue ${venue}: its rows again, from the raw frames`]
  return [`fetch them again into an empty workspace while ${venue} still has them, then qo lake pull DIR`]
}

/** The plan as a page for people. */
export function repairPage({damage, foreign}: RepairPlan): string {
  const items = damage.map(({file, problem, commit, source, gone, restore}) =>
    [
      `## ${file}`,
      '',
      `- damage: ${problem}`,
      ...(commit === null ? [] : [`- commit ${commit}, from ${source}`]),
      `- cannot be read: ${gone}`,
      ...restore.map((way, i) => `${i + 1}. ${way}`),
      '',
    ].join('\n'),
  )
  const strangers =
    foreign.length === 0
      ? []
      : [
          '## Files that no commit names',
          '',
          ...foreign.map((path) => `- ${path}`),
          '',
          'Readers do not see them. They may be moved away.',
          '',
        ]
  const head =
    damage.length === 0 ? 'The lake is whole: nothing to repair.' : `${damage.length} damaged. Nothing was touched.`
  return ['# Repair plan of the lake', '', head, '', ...items, ...strangers].join('\n')
}
