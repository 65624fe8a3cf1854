import type {z} from 'zod'
import type {Artifact} from './contracts/artifact.ts'
import type {Chart} from './contracts/chart.ts'
import type {GuardReply, GuardRequest} from './contracts/orders.ts'
import type {GuardEndpoint, SimEndpoint} from './contracts/workspace.ts'
import type {ArchivePort} from './desk-archive.ts'
import type {LakePort} from './desk-lake.ts'
import type {FeedPort, WalPort} from './desk-stream.ts'
import type {ThreadsPort} from './desk-threads.ts'

export type * from './desk-archive.ts'
export type * from './desk-lake.ts'
export type * from './desk-stream.ts'
export type * from './desk-threads.ts'

/**
 * The desk an operation works at: ports to the outside, all opened lazily. Types only; `cli/open-desk.ts` builds the
 * real one, tests may build another.
 */
export interface Desk {
  /** absolute path of the workspace */
  readonly root: string
  /** absolute path of `data/state` (or `$QO_STATE`) */
  readonly stateDir: string
  /** decision time, epoch ms */
  readonly asOf: number
  /** true when `--as-of` was typed; otherwise `asOf` is the shell's now */
  readonly asOfGiven: boolean
  readonly dryRun: boolean
  /** true when `--allow-gaps` was typed: reads over holes of the coverage ledger are answered */
  readonly allowGaps: boolean
  /** package version plus a hash of the build */
  readonly version: string
  readonly files: FilesPort
  /** files of `stateDir`, which may lie outside the workspace */
  readonly state: FilesPort
  /** the files qo ships: default configs, hypotheses, deployment files; read only */
  readonly shipped: Pick<FilesPort, 'exists' | 'readText' | 'list'>
  readonly machine: MachinePort
  readonly lake: LakePort
  /** an empty lake in a temporary folder */
  scratchLake(): Promise<ScratchLake>
  /** raw frames of the recorders: write-ahead segments and their archive */
  readonly wal: WalPort
  /** files of the exchanges' public archives */
  readonly archive: ArchivePort
  readonly git: GitPort
  readonly clock: Clock
  readonly charts: ChartPort
  readonly processes: ProcessesPort
  /** qo commands as child processes: what `demo` types */
  readonly shell: ShellPort
  /** what the machine has besides this thread */
  threads(): Promise<ThreadsPort>
  readonly progress: Progress
  /** the market-data side of a venue; `sim` is found through data/state/sim.json */
  venue(name: string): Promise<VenuePort>
  /** the WebSocket of a venue, by the base URL of its `VenuePort` */
  feed(url: string): Promise<FeedPort>
  /** the guard of this workspace, over its socket; null when none is live */
  guard(): Promise<GuardPort | null>
  /** hash-chained journal `data/journal/<name>.jsonl` */
  journal(name: string): JournalPort
  /** the halt latch of this workspace: file calls only, no configuration */
  readonly latch: LatchPort
  /** the guard's event log, `guard/events.jsonl` in the state folder; only the guard and a release without one write it */
  readonly events: JournalPort
  /** one router per account; @throws Fault `trade.lease_held` (venue) */
  lease(account: string): Promise<Lease>
}

/** A lake beside the workspace, with the files of its own folder; `close` removes both. */
export interface ScratchLake {
  readonly lake: LakePort
  readonly files: FilesPort
  close(): Promise<void>
}

/** Paths are relative to the workspace root, with forward slashes. */
export interface FilesPort {
  exists(path: string): Promise<boolean>
  /** @throws Fault `file.missing` (contract) */
  readText(path: string): Promise<string>
  readBytes(path: string): Promise<Uint8Array>
  /** file names in a folder, sorted; empty when the folder is missing */
  list(folder: string): Promise<string[]>
  /** SHA-256 of the file's bytes */
  hash(path: string): Promise<string>
  /** temporary file, fsync, rename; unchanged content is not rewritten. In a dry run nothing is written. */
  writeText(path: string, text: string): Promise<void>
  /** exclusive create with fsync of file and folder; false when the file exists */
  createText(path: string, text: string): Promise<boolean>
  /** one line appended and fsynced */
  appendLine(path: string, line: string): Promise<void>
  /** parsed strictly; @throws Fault `artifact.missing` / `artifact.invalid` (contract) with line and column */
  read<S extends z.ZodType>(artifact: Artifact<S>, path?: string): Promise<z.infer<S>>
  /** text that is not on disk, such as an older version in git, parsed as strictly as `read` does */
  parse<S extends z.ZodType>(artifact: Artifact<S>, path: string, text: string): z.infer<S>
  /** validated, then written as `writeText` does, keys in schema order; returns the path */
  write<S extends z.ZodType>(artifact: Artifact<S>, value: z.input<S>, path?: string): Promise<string>
  /** the bytes that `write` would leave; @throws Fault `artifact.invalid` (contract) */
  textOf<S extends z.ZodType>(artifact: Artifact<S>, value: z.input<S>, path?: string): string
  /** workspace paths written since the desk was opened, for `--commit` */
  readonly written: readonly string[]
  /** count these files among what this command leaves, though an earlier run wrote them; missing ones are passed over */
  claim(paths: readonly string[]): Promise<void>
}

/** Facts about the machine, for `doctor` and the rituals. */
export interface MachinePort {
  readonly node: string
  readonly platform: string
  /** id of this process */
  readonly pid: number
  /** free bytes on the file system of the workspace */
  freeBytes(): Promise<number>
  /** permission bits of a path in the state folder, null when it does not exist */
  mode(path: string): Promise<number | null>
  /** free what nothing refers to now, not when the engine finds it worth while: for a process that runs for months */
  tidy(): Promise<void>
  /** the git identity that commits would carry, null when there is none or no git */
  gitIdentity(): Promise<string | null>
}

export interface GitPort {
  /** make a repository when the workspace is in none, or (`nested`) is not the top of one; true when it made one */
  init(options?: {nested?: boolean}): Promise<boolean>
  /** null when the workspace is in no repository */
  head(): Promise<string | null>
  /** uncommitted paths under the given folders, without those this command wrote */
  dirty(folders: readonly string[]): Promise<string[]>
  /** commits exactly these paths; returns the commit id */
  commit(paths: readonly string[], message: string): Promise<string>
  /**
   * workspace paths under a folder that any commit before HEAD, or HEAD itself, added; `everywhere`: any commit of any
   * branch; none outside a repository
   */
  added(folder: string, options?: {everywhere?: boolean}): Promise<string[]>
  /** every distinct content that any file under a folder, or matching a git pathspec, ever had, on any branch; none outside a repository */
  everyVersion(folder: string): Promise<{path: string; text: string}[]>
  /** content of every version of a path in all of history, newest first */
  versions(path: string): Promise<string[]>
  /**
   * What differs between the working tree, uncommitted and untracked files included, and the commit it parted from `ref`.
   *
   * @throws Fault `git.no_repository` (contract), `git.unknown_ref` (usage), `git.unrelated` (contract)
   */
  changedSince(ref: string): Promise<ChangeSet>
  /** a file as a commit has it; null when the commit has none */
  textAt(commit: string, path: string): Promise<string | null>
}

/** Workspace paths that differ from a commit. */
export interface ChangeSet {
  /** commit id that history has in common with the ref that was named */
  readonly base: string
  /** sorted; files that are gone among them */
  readonly paths: readonly string[]
}

/** Only trade, stream and the guard look at a running clock; everything else has `asOf`. */
export interface Clock {
  /** wall clock, epoch ms */
  now(): number
  /** ms from an arbitrary origin, never backwards */
  monotonic(): number
  sleep(ms: number): Promise<void>
}

export interface ChartPort {
  svg(chart: Chart): Promise<string>
}

export interface ProcessesPort {
  /** start the practice venue as a child and wait for its JSON line; `keep` leaves it running when qo ends */
  startSim(options: {
    scenario: string
    seed: number
    /** venue time, epoch ms; a saved later one wins */
    startAt?: number
    /** workspace path of a sim-history@1 file to go on from instead of the generated market */
    history?: string
    keep?: boolean
  }): Promise<SimEndpoint>
  startGuard(options: {mode: 'paper' | 'testnet' | 'live'; keep?: boolean}): Promise<GuardEndpoint>
  /** start a guard that halts, detached, unless one was started a moment ago; does not wait for it */
  startHalt(): Promise<void>
  /** endpoints named in data/state whose process answers */
  liveSim(): Promise<SimEndpoint | null>
  liveGuard(): Promise<GuardEndpoint | null>
  /** stop what this desk started, in reverse order */
  stopStarted(): Promise<void>
}

export interface ShellPort {
  /** a Python program given as text, `$QO_PYTHON` or python3; null when there is none. Bounded in time. */
  python(
    script: string,
    options?: {stdin?: string; timeoutMs?: number},
  ): Promise<{status: number; stdout: string; stderr: string} | null>
  /** `killWhen` is asked every 20 ms; true ends the child with SIGKILL */
  qo(
    args: readonly string[],
    options?: {timeoutMs?: number; killWhen?: () => Promise<boolean>},
  ): Promise<{status: number; json: unknown; stderr: string; killed: boolean}>
}

/** The right to trade one account. The epoch grows with every holder, so that a late one can be told. */
export interface Lease {
  readonly epoch: number
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/** Spinner on a terminal, silence otherwise. */
export interface Progress {
  say(text: string): void
  done(): void
}

/** Market-data side of a venue: the JSON of POST /info as the venue sends it. */
export interface VenuePort {
  readonly name: string
  readonly url: string
  info(request: Readonly<Record<string, unknown>>): Promise<unknown>
  /** what history may still cost within this minute */
  weight(): Promise<VenueWeight>
}

/** The venue's request weight, as the processes of this host count it together. */
export interface VenueWeight {
  readonly left: number
  /** weight a minute: the venue's limit, or less after it refused */
  readonly perMinute: number
  /** false while the count of the other processes cannot be seen: then this one allows itself little */
  readonly isShared: boolean
}

export interface JournalEntry {
  readonly seq: number
  readonly ts: number
  readonly kind: string
  readonly body: Readonly<Record<string, unknown>>
  readonly prev: string
  readonly hash: string
}

/** Append-only, hash-chained JSONL, one fsync per line. A torn tail is quarantined and reported, never skipped. */
export interface JournalPort {
  append(ts: number, kind: string, body: Readonly<Record<string, unknown>>): Promise<JournalEntry>
  /** oldest first; @throws Fault `journal.broken_chain` (data) */
  read(): Promise<JournalEntry[]>
}

/** What a latch says about itself; its existence alone halts. */
export interface LatchNote {
  readonly id: string
  readonly cause: string
  readonly reason: string
  /** `flatten`, `cancel`, or empty: by cause */
  readonly policy: string
  /** ISO time by the wall clock */
  readonly at: string
  /** machine uptime in seconds and boot id: evidence of elapsed time that setting the clock does not forge */
  readonly uptime: string
  readonly boot: string
}

/** `<state>/guard/HALT`. Synchronous on purpose: nothing may run between looking and sending. */
export interface LatchPort {
  /** `unreadable` means halted as well: the absence of a latch could not be proven */
  look(): 'absent' | 'engaged' | 'unreadable'
  /** durable before it returns, or `latched: 'memory'`; never throws. `id` is that of the halt that is running. */
  engage(note: LatchNote): {readonly id: string; readonly latched: true | 'memory'; readonly joined: boolean}
  /** what the latch says; null without one. `id` is never missing while it exists. */
  note(): (Partial<LatchNote> & {readonly id: string}) | null
  /** names of the engages that joined this latch, and what they said */
  marks(): readonly string[]
  joins(): readonly Partial<LatchNote>[]
  /** take away exactly this latch; false when anybody engaged since `marksSeen` was read */
  release(id: string, marksSeen: readonly string[]): boolean
  /** pre-allocate the file that becomes the latch when the disk is full */
  reserve(): void
  /** what a note needs to prove later how much time has passed; `boot` is empty where the system has no such id */
  evidence(): {readonly uptime: string; readonly boot: string}
}

/** The guard's socket. Requests and replies are declared in contracts/orders.ts. */
export interface GuardPort {
  readonly endpoint: GuardEndpoint
  /** @throws Fault `guard.refused` (halted, or the guard's own family), `guard.lost` (venue) when the socket dies */
  request<R extends GuardRequest>(message: R): Promise<GuardReply<R['type']>>
  close(): void
}
