/**
 * Ports of the recorder: raw frames on their way into the lake. Types only.
 *
 * Source of frames: `<venue>-ws` for a socket, `<venue>-rest` for HTTP replies, `capture-<sha12>` for a recorded file.
 */

/** `socket`: one text frame. `http`: one reply, as `{"request":…,"reply":…}`. `mark`: what the recorder itself says. */
export type FrameKind = 'socket' | 'http' | 'mark'

/** One message as it came, before anybody judged it. */
export interface RawFrame {
  /** per source, from 1, without holes but where a `damaged` mark stands for several lost frames */
  readonly seq: number
  /** our wall clock when it came, epoch ms */
  readonly receivedAt: number
  readonly kind: FrameKind
  /** UTF-8 */
  readonly bytes: Uint8Array
  /** where the same bytes lie in a larger piece of memory, when they do */
  readonly within?: DataView
  readonly from?: number
  readonly to?: number
}

/** What recovery found at the end of a log that was not closed. */
export interface WalRecovery {
  /** newest intact frame; 0 when there is none */
  readonly lastSeq: number
  /** bytes that were no whole frame, moved to the quarantine */
  readonly tornBytes: number
  /** frames whose checksum was wrong, moved to the quarantine */
  readonly badFrames: number
  readonly quarantine: readonly string[]
}

/**
 * Writer of one source. A frame counts as ingested once it is durable: from then on no kill loses it.
 *
 * Frames are gathered and written together: fdatasync every 250 ms or 1 MiB, whichever comes first.
 */
export interface WalWriter {
  readonly source: string
  readonly recovery: WalRecovery
  /** newest frame that was handed over, and newest that is on disk */
  readonly lastSeq: number
  readonly durableSeq: number
  /** bytes handed over and not on disk yet: what back-pressure looks at */
  readonly pendingBytes: number
  /** never blocks; returns the sequence number. @throws Fault `wal.*` (data) once the disk has failed */
  append(kind: FrameKind, receivedAt: number, bytes: Uint8Array): number
  /** resolves when everything handed over so far is durable. @throws Fault `wal.disk_full`, `wal.write_failed` (data) */
  sync(): Promise<void>
  /** sync and finish the running segment, so that it can be coalesced; the next frame starts another */
  rotate(): Promise<void>
  /** sync, close the segment, let the source go */
  close(): Promise<void>
}

/** A segment that no process writes any more and that is not in the lake yet. */
export interface WalSegment {
  /** sequence number of its first frame */
  readonly first: number
  /** first sequence number behind it */
  readonly next: number
  readonly bytes: number
}

/** Up to where the frames of a source are in the lake, and what their reader knew by then. */
export interface WalCheckpoint {
  /** newest archived frame; 0 when there is none */
  readonly seq: number
  /** what `archive` was given; null when it is lost, so that the reader has to start from the first frame again */
  readonly carry: string | null
}

export interface WalPort {
  /**
   * Take a source: recover what a kill left, start a new segment behind it.
   *
   * @throws Fault `wal.held` (data) while another live process writes this source
   */
  open(source: string): Promise<WalWriter>
  /** sources that have frames on disk or in the lake, sorted */
  sources(): Promise<readonly string[]>
  /**
   * Frames with after < seq < before, oldest first, in batches: from archived raw files and from live segments alike.
   * Where frames are lost the reader says so with a `damaged` mark. The bytes of a batch are there until the next one
   * is asked for: memory is used again.
   */
  read(source: string, after: number, before?: number): Promise<AsyncIterable<readonly RawFrame[]>>
  /** finished segments that are not in the lake yet, oldest first */
  segments(source: string): Promise<readonly WalSegment[]>
  checkpoint(source: string): Promise<WalCheckpoint>
  /**
   * Put finished segments into the lake as they are (gzip) with one commit of table `frames`, then let them go. `carry`
   * comes back from `checkpoint`. Whoever calls has committed the rows of these frames before; `rejected` counts the
   * frames that gave none.
   */
  archive(
    source: string,
    what: {venue: string; segments: readonly WalSegment[]; carry: string; rejected?: number},
  ): Promise<WalArchived>
  /** files in the log's folders that are not part of it: never read, never touched */
  strangers(): Promise<readonly string[]>
}

export interface WalArchived {
  /** commit number, null when nothing was to be archived */
  readonly commit: number | null
  readonly frames: number
  readonly quarantine: readonly string[]
}

/** How a socket ended, or was never made. */
export interface SocketEnd {
  /** `refused`: the handshake got another answer than 101, `failed`: none at all or none in time */
  readonly kind: 'closed' | 'refused' | 'failed' | 'terminated'
  /** close code, or HTTP status of a refusal; null when there is neither */
  readonly code: number | null
  readonly reason: string
}

/** A frame beyond what a recorder keeps: said of it, not handed over. */
export interface OversizeFrame {
  readonly bytes: number
  readonly sha256: string
  /** the first 4 KiB */
  readonly head: string
}

/** What a socket says. Nothing is said after `ended`. */
export interface SocketEvents {
  opened(): void
  /** one text frame: its bytes as they came and the same as text; a binary frame is handed over like a text frame */
  frame(bytes: Uint8Array, text: string): void
  oversize(frame: OversizeFrame): void
  ended(end: SocketEnd): void
}

export interface FeedSocket {
  send(text: string): void
  /** stop and go on reading: back-pressure reaches the venue through TCP */
  pause(): void
  resume(): void
  /** end it at once, without a close handshake: a dead peer would not answer one */
  terminate(): void
}

/** The WebSocket of a venue. */
export interface FeedPort {
  readonly url: string
  /** never throws: what goes wrong arrives in `events.ended` */
  connect(events: SocketEvents): FeedSocket
  /** trades that the practice venue says have happened in [from, to), venue time; null for a venue that keeps no tape */
  tape(coin: string, from: number, to: number): Promise<unknown>
}
