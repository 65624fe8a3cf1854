import type {Desk} from '../desk.ts'

export interface LakeLogResult {
  readonly artifact: 'lake-log@1'
  readonly ok: boolean
  /** newest first */
  readonly commits: readonly {
    readonly n: number
    readonly hash: string
    readonly table: string
    readonly venue: string
    readonly interval: string | null
    readonly source: string
    readonly added: number
    readonly revised: number
    readonly quarantined: number
    readonly gaps: number
    readonly files: number
    readonly created_at: string
  }[]
}

/** The commit log, newest first; reading it has checked the whole chain. */
export async function lakeLog(desk: Desk): Promise<LakeLogResult> {
  const commits = [...(await desk.lake.commits())].reverse()
  return {
    artifact: 'lake-log@1',
    ok: true,
    commits: commits.map(({gaps, files, ...commit}) => ({
      n: commit.n,
      hash: commit.hash,
      table: commit.table,
      venue: commit.venue,
      interval: commit.interval,
      source: commit.source,
      added: commit.added,
      revised: commit.revised,
      quarantined: commit.quarantined,
      gaps: gaps.length,
      files: files.length,
      created_at: commit.created_at,
    })),
  }
}
