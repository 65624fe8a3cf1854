import type {Vault} from './workspace.ts'

/**
 * What a research command would do, and nothing it would find out: a statistic of a run that no ledger counts and no
 * vault limits would be a free look.
 */
export interface ResearchPlan {
  readonly artifact: 'research-plan@1'
  readonly ok: true
  readonly command: string
  /** what would be read, each up to the first instant that research does not see; null: to the last bar there is */
  readonly reads: readonly {readonly what: string; readonly until: string | null}[]
  /** grid points that the ledger would count, by hypothesis */
  readonly trials: readonly {readonly hypothesis: string; readonly points: number}[]
  /** vaults that would be sealed before the first row is read */
  readonly seals: readonly Vault[]
  /** files and folders that would be written */
  readonly writes: readonly string[]
}
