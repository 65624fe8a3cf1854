import type {Table} from './contracts/artifact.ts'
import type {LakeCut} from './contracts/lake.ts'
import type {Vault} from './contracts/workspace.ts'

/**
 * Column store: DOUBLE, BIGINT and BOOLEAN columns are Float64Array (NaN for null), VARCHAR are strings. To be appended,
 * a VARCHAR column may be numbers too: positions in `names`, or whole numbers that are written out.
 */
export interface Rows {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
  /** DOUBLE[] columns, one array per row: the levels of a book */
  readonly lists?: Readonly<Record<string, readonly Float64Array[]>>
  /** what the positions in a VARCHAR column stand for: a text per row costs more than all its numbers */
  readonly names?: Readonly<Record<string, readonly string[]>>
}

/**
 * Why rows are read. `research` never sees a sealed vault window, whatever it asks for; `live` is select, features and
 * trade for today; `unseal` is stage 9 and names its one vault.
 */
export type Purpose =
  | {readonly kind: 'research'}
  | {readonly kind: 'live'}
  | {readonly kind: 'unseal'; readonly vault: string}

export interface LakeQuery {
  readonly table: Table
  readonly venue: string
  readonly interval?: string
  readonly coins?: readonly string[]
  /** ts >= from */
  readonly from?: number
  /** ts < to */
  readonly to?: number
  /** rows with available_at <= asOf, per key the latest such revision */
  readonly asOf: number
  /** rows with ingest_id <= commit; default all */
  readonly commit?: number
  readonly purpose: Purpose
  /** columns beside those of the key that tell rows of this question apart; default all of the table */
  readonly columns?: readonly string[]
  /**
   * Whether a hole that a commit recorded stops the read when it lies inside it. Default `refuse`: a read over missing
   * data fails closed; `allow` is what `--allow-gaps` says, and what those use that only count rows, or judge the holes
   * themselves. Bars that are all there prove that their gap was filled.
   */
  readonly holes?: 'refuse' | 'allow'
}

export interface LakeAppend {
  readonly table: Table
  readonly venue: string
  readonly interval?: string
  /** the table's own columns; `ingest_id` is filled in by the commit */
  readonly rows: Rows
  readonly source: string
  readonly gaps?: readonly LakeGap[]
  /** rows that were due and that the source did not have yet; recorded as they are, so name only new ones */
  readonly awaited?: readonly LakeAwaited[]
  /** rows of the same source that were refused; counted in `lake status` */
  readonly quarantined?: number
  /** raw frames the rows were read from, both ends included; recorded in the commit */
  readonly frames?: FrameRange
  /** our clock, epoch ms; default: the machine's */
  readonly receivedAt?: number
  /** no key stands twice in the rows, and the caller has made sure: it need not be counted again */
  readonly distinct?: boolean
  /** facts about the import that travel with the commit */
  readonly notes?: {readonly survivor?: boolean; readonly completeFrom?: number | null}
  /**
   * The rows are those of this open file, unchanged and in the table's order, so that they need not pass through memory
   * again: table column -> its column there; `available_at` is `ts` plus a constant.
   */
  readonly copyOf?: {
    readonly file: SourceFile
    readonly columns: Readonly<Record<string, string>>
    readonly availableAfterMs: number
  }
}

/** Time of one coin, epoch ms, of which rows were due at the venue and not there. */
export interface LakeAwaited {
  readonly coin: string
  readonly from: number
  readonly to: number
}

/** Frames of one source by sequence number, both ends included. */
export interface FrameRange {
  readonly source: string
  readonly from: number
  readonly to: number
}

export interface CoinExtent {
  readonly coin: string
  /** current rows: of each key the latest revision */
  readonly rows: number
  readonly from: number
  readonly to: number
}

export interface SqlOptions {
  /** rows of commits up to this number */
  readonly commit?: number | undefined
  readonly holes?: LakeQuery['holes'] | undefined
  /** leave the answer in this file, absolute path, or on standard output (null), instead of in memory */
  readonly out?: {readonly path: string | null; readonly format: 'csv' | 'json' | 'parquet'} | undefined
}

export interface SqlAnswer {
  readonly columns: string[]
  /** empty when they went into a file */
  readonly rows: unknown[][]
  readonly count: number
}

/** What an append did. Rows the lake already has are not written again: appending twice changes nothing. */
export interface LakeAppended {
  /** the new commit; null when every row was there already */
  readonly commit: LakeCommit | null
  readonly added: number
  readonly revised: number
  readonly unchanged: number
}

/** A market-data file, opened once and read column by column. Line numbers count the header. */
export interface SourceFile {
  readonly name: string
  /** where the lake holds its rows while it is open */
  readonly relation: string
  readonly sha256: string
  readonly rows: number
  readonly columns: readonly SourceColumn[]
  /** one array per column asked for; a number that cannot be read is NaN, a missing text is '' */
  read(columns: Readonly<Record<string, 'number' | 'text'>>): Promise<Rows>
  /** the raw cells of some rows as text, for the quarantine */
  cells(rows: readonly number[]): Promise<readonly Readonly<Record<string, string>>[]>
  /** physical line (CSV, JSON lines) or element number of each row, 1-based */
  lineNumbers(rows: readonly number[]): Promise<readonly number[]>
  close(): Promise<void>
}

/** `columns`: the file is a CSV with these columns in this order, in a zip, LZ4 or plain, with a header or without. */
export interface SourceOptions {
  readonly columns?: readonly string[]
}

/** A text file that is too large for memory: recorded frames. */
export interface LinesFile {
  readonly name: string
  readonly sha256: string
  /** from the first line on, in batches, each time it is called */
  lines(): AsyncIterable<readonly string[]>
}

export interface SourceColumn {
  readonly name: string
  /** `instant` is a time with a zone and reads as epoch ms; `local` is one without */
  readonly kind: 'number' | 'text' | 'instant' | 'local' | 'other'
  /** share of non-empty cells that read as a number */
  readonly numericShare: number
}

export interface LakeProblem {
  readonly file: string
  readonly problem: string
  /** `contents`: the bytes are those that were committed, and what they hold is wrong all the same */
  readonly kind: 'missing' | 'changed' | 'unreadable' | 'contents'
}

/**
 * `quick`: chain, sizes, hashes. `full`: rows, order, keys and times by DuckDB, every raw frame by its checksum. `deep`:
 * values by a second reader, sequence numbers of the raw frames.
 */
export type VerifyDepth = 'quick' | 'full' | 'deep'

export interface LakeCheck {
  readonly commits: number
  readonly files: number
  /** rows of tables */
  readonly rows: number
  /** raw frames */
  readonly frames: number
  /** rows inside a sealed window: counted, never shown */
  readonly sealedRows: number
  readonly problems: readonly LakeProblem[]
  /** files in the lake folder that no commit names: invisible to readers, harmless */
  readonly orphans: readonly string[]
}

/** What a push or a pull carried. */
export interface LakeTransfer {
  readonly commits: number
  readonly files: number
  readonly bytes: number
  /** files that were there already */
  readonly present: number
  /** files behind a vault seal that were not carried */
  readonly leftOut: number
  /** files of this lake that were missing or damaged and came back */
  readonly healed: readonly string[]
  /** files across a vault seal, and the copies that stand for them; by venue */
  readonly cuts: ReadonlyMap<string, readonly LakeCut[]>
}

export interface PushOptions {
  /** rows behind a seal too: a backup */
  readonly sealed: boolean
  /** for research elsewhere: of a file across a seal, a copy without its sealed rows */
  readonly research?: boolean
}

export interface PullOptions {
  /** only these files, path -> SHA-256, and nothing behind a seal; default: everything */
  readonly named?: ReadonlyMap<string, string>
}

export interface LakeGap {
  readonly coin: string
  readonly from: number
  readonly to: number
  readonly state: 'OPEN' | 'BACKFILLED' | 'UNRECOVERABLE'
  readonly cause: string
}

export interface LakeFile {
  /** path relative to the workspace */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  readonly min_ts: number
  readonly max_ts: number
}

export interface LakeCommit {
  readonly n: number
  readonly prev: string
  readonly hash: string
  readonly table: string
  readonly venue: string
  readonly interval: string | null
  readonly source: string
  readonly files: readonly LakeFile[]
  readonly added: number
  readonly revised: number
  readonly quarantined: number
  readonly received_at: number
  readonly created_at: string
  readonly gaps: readonly LakeGap[]
  readonly frames?: FrameRange | undefined
  readonly awaited?: readonly LakeAwaited[] | undefined
  readonly notes: {readonly survivor: boolean; readonly completeFrom: number | null}
}

export interface LakePort {
  /** exactly the commits a reader may use, oldest first; the chain is checked */
  commits(): Promise<readonly LakeCommit[]>
  /** @throws Fault `lake.hole` (data), see `LakeQuery.holes` */
  read(query: LakeQuery): Promise<Rows>
  /** per coin: rows, first and last time; what `columns` and `holes` say is ignored */
  extents(query: LakeQuery): Promise<readonly CoinExtent[]>
  /** one commit with one file per partition; a lost race for the number is planned again */
  append(batch: LakeAppend): Promise<LakeAppended>
  /** open a market-data file by its path on this machine; @throws Fault `ingest.*` (data) */
  openSource(path: string, options?: SourceOptions): Promise<SourceFile>
  /** open a file of recorded frames, plain or gzipped; @throws Fault `ingest.*` (data) */
  openLines(path: string): Promise<LinesFile>
  verify(depth: VerifyDepth): Promise<LakeCheck>
  /** SHA-256 of texts (UTF-8, each with its length) and numbers (little-endian float64), by native code */
  digest(pieces: readonly (string | Float64Array)[]): Promise<string>
  /**
   * Read-only SQL over views named like the tables, sealed rows left out.
   *
   * @throws Fault `lake.hole` (data) when a table it names has a recorded hole, whatever the query filters
   */
  sql(query: string, asOf: number, options?: SqlOptions): Promise<SqlAnswer>
  /** carry the lake to a folder or an HTTP(S) prefix. In a dry run nothing is sent. */
  push(to: string, options: PushOptions): Promise<LakeTransfer>
  /** bring the lake up to a copy, and damaged files back from it */
  pull(from: string, options?: PullOptions): Promise<LakeTransfer>
  /** sealed windows of this workspace */
  vaults(): Promise<readonly Vault[]>
}
