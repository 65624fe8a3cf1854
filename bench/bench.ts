/** What a benchmark says in its last line: our figure, the yardstick's, and how far apart they are. */
export interface BenchResult {
  /** our time or rate, in the unit the benchmark names */
  readonly ours: number
  /** null: the yardstick is not on this machine, as one visible line has said */
  readonly yardstick: number | null
  readonly ratio: number | null
  readonly aim: string
  /** null: not measured */
  readonly met: boolean | null
  readonly [more: string]: unknown
}

export type Bench = (io: {
  /** a line of progress, for people */
  readonly say: (line: string) => void
  /** arguments after the name */
  readonly args: readonly string[]
}) => Promise<BenchResult>
