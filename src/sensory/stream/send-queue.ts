import {SlidingWindow} from './sliding-window.ts'

export interface PaceLimits {
  readonly burst: number
  readonly burstMs: number
  /** messages a minute over all sockets of this address; a reserve is left for pings and other programs */
  readonly perMinute: number
}

/** 20 frames in 100 ms were accepted for 356 streams; the venue's limit is 2,000 messages a minute. */
export const PACE: PaceLimits = {burst: 20, burstMs: 100, perMinute: 1900}

/** Messages to the venue, in order and below its limits. The minute outlives a socket, what waits does not. */
export class SendQueue<Item> {
  readonly #burst: SlidingWindow
  readonly #minute: SlidingWindow
  #waiting: Item[] = []

  constructor({burst, burstMs, perMinute}: PaceLimits = PACE) {
    this.#burst = new SlidingWindow(burst, burstMs)
    this.#minute = new SlidingWindow(perMinute, 60_000)
  }

  get length(): number {
    return this.#waiting.length
  }

  push(...items: readonly Item[]): void {
    this.#waiting.push(...items)
  }

  /** The socket is gone, or some of it is no longer wanted. */
  keep(wanted: (item: Item) => boolean): void {
    this.#waiting = this.#waiting.filter(wanted)
  }

  /** The next message if one may be sent at `at`, taken from the queue; `mustWait` holds the head back. */
  next(at: number, mustWait: (item: Item) => boolean): Item | null {
    const head = this.#waiting[0]
    if (head === undefined || mustWait(head)) return null
    if (this.#burst.room(at) <= 0 || this.#minute.room(at) <= 0) return null
    this.count(at)
    this.#waiting.shift()
    return head
  }

  /** A message that does not wait its turn, such as a ping. */
  count(at: number): void {
    this.#burst.take(at)
    this.#minute.take(at)
  }
}
