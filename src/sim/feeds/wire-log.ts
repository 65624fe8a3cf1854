import {createWriteStream, type WriteStream} from 'node:fs'

/** One frame as it passed, or should have passed, between the venue and a client. */
export interface WireEntry {
  /** epoch ms of the machine, and of the venue */
  readonly wall: number
  readonly time: number
  readonly conn: number
  readonly dir: 'in' | 'out'
  readonly channel: string | null
  readonly coin: string | null
  /** false: a fault kept it from the client */
  readonly sent: boolean
  /** the fault that suppressed or changed it */
  readonly fault: string | null
  readonly bytes: number
  /** what was (or would have been) on the wire; cut when longer than 64 KiB */
  readonly text: string
}

const MEMORY = 20_000
const LONGEST_TEXT = 65_536
const FLUSH_BYTES = 65_536

/**
 * Everything that crossed the sockets, newest kept in memory, all of it in a file when one is named.
 *
 * The file is what a test compares a recorder with: JSON lines in the order in which the venue handed frames over.
 */
export class WireLog {
  readonly #entries: WireEntry[] = []
  /** number of the first entry in memory */
  #first = 0
  readonly #file: WriteStream | null
  #buffer: string[] = []
  #buffered = 0

  constructor(path: string | null) {
    this.#file = path === null ? null : createWriteStream(path, {flags: 'a', mode: 0o600})
  }

  add(entry: Omit<WireEntry, 'wall' | 'bytes'>): void {
    const bytes = Buffer.byteLength(entry.text)
    const text = entry.text.length > LONGEST_TEXT ? entry.text.slice(0, LONGEST_TEXT) : entry.text
    const whole: WireEntry = {...entry, wall: Date.now(), bytes, text}
    this.#entries.push(whole)
    if (this.#entries.length > 2 * MEMORY) {
      this.#first += this.#entries.length - MEMORY
      this.#entries.splice(0, this.#entries.length - MEMORY)
    }
    if (this.#file) this.#store(`${JSON.stringify(whole)}\n`)
  }

  /** Entries from number `from` on; without it the last `limit`. `next` is what to ask for afterwards. */
  page(from: number | undefined, limit: number): {first: number; next: number; entries: readonly WireEntry[]} {
    const end = this.#first + this.#entries.length
    const start = Math.max(this.#first, from ?? end - limit)
    const entries = this.#entries.slice(start - this.#first, start - this.#first + limit)
    return {first: start, next: start + entries.length, entries}
  }

  flush(): void {
    if (this.#file === null || this.#buffered === 0) return
    this.#file.write(this.#buffer.join(''))
    this.#buffer = []
    this.#buffered = 0
  }

  /** Everything is in the file when this resolves. */
  close(): Promise<void> {
    this.flush()
    const file = this.#file
    return file === null ? Promise.resolve() : new Promise((resolve) => file.end(resolve))
  }

  #store(line: string): void {
    this.#buffer.push(line)
    this.#buffered += line.length
    if (this.#buffered >= FLUSH_BYTES) this.flush()
  }
}
