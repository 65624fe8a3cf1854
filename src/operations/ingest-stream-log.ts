import type {StreamMark} from '../contracts/stream.ts'
import type {WalWriter} from '../desk.ts'

/** Bytes that wait for the disk: where reading stops, where it goes on, and where frames are dropped and declared. */
export const LOG_LIMITS = {high: 16 << 20, low: 4 << 20, most: 32 << 20} as const

const encoder = new TextEncoder()

interface Overflow {
  readonly from: number
  frames: number
  bytes: number
  streams: Set<string> | 'all'
}

/**
 * The raw log of a recording with bounded memory: what comes faster than the disk takes it is dropped and declared.
 *
 * @throws Fault `wal.*` (data) from every method once the disk has failed
 */
export class StreamLog {
  readonly #wal: WalWriter
  #overflow: Overflow | null = null

  constructor(wal: WalWriter) {
    this.#wal = wal
  }

  get pendingBytes(): number {
    return this.#wal.pendingBytes
  }

  get isHigh(): boolean {
    return this.#wal.pendingBytes >= LOG_LIMITS.high
  }

  get isLow(): boolean {
    return this.#wal.pendingBytes <= LOG_LIMITS.low
  }

  /** false when there is no room: then the caller says whose frame it was with `dropped` */
  frame(receivedAt: number, bytes: Uint8Array): boolean {
    if (this.#wal.pendingBytes + bytes.length > LOG_LIMITS.most) return false
    if (this.#overflow !== null) this.#declare(receivedAt)
    this.#wal.append('socket', receivedAt, bytes)
    return true
  }

  /** @param stream  whose rows are missing; null when the frame does not say */
  dropped(at: number, bytes: number, stream: string | null): void {
    this.#overflow ??= {from: at, frames: 0, bytes: 0, streams: new Set()}
    const {streams} = this.#overflow
    if (stream === null) this.#overflow.streams = 'all'
    else if (streams !== 'all') streams.add(stream)
    this.#overflow.frames++
    this.#overflow.bytes += bytes
  }

  reply(receivedAt: number, text: string): void {
    this.#wal.append('http', receivedAt, encoder.encode(text))
  }

  mark(at: number, mark: StreamMark): void {
    this.#wal.append('mark', at, encoder.encode(JSON.stringify(mark)))
  }

  /** Declare what was dropped as soon as there is room, even if nothing comes any more. */
  settle(at: number): void {
    if (this.#overflow !== null && this.isLow) this.#declare(at)
  }

  sync(): Promise<void> {
    return this.#wal.sync()
  }

  rotate(): Promise<void> {
    return this.#wal.rotate()
  }

  async close(at: number): Promise<void> {
    if (this.#overflow !== null) this.#declare(at)
    await this.#wal.close()
  }

  #declare(at: number): void {
    const {from, frames, bytes, streams} = this.#overflow!
    this.#overflow = null
    this.mark(at, {
      mark: 'overflow',
      streams: streams === 'all' ? 'all' : [...streams],
      from,
      to: at,
      frames,
      bytes,
    })
  }
}
