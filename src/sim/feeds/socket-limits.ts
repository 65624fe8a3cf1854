const MINUTE_MS = 60_000

/** What one address may do with sockets. */
export interface SocketCaps {
  readonly connections: number
  readonly connectsPerMinute: number
  readonly subscriptions: number
  readonly messagesPerMinute: number
  readonly postsInFlight: number
}

/** As measured and documented. @see spec hyperliquid.md §2, limits */
export const VENUE_CAPS: SocketCaps = {
  connections: 10,
  connectsPerMinute: 30,
  subscriptions: 1000,
  messagesPerMinute: 2000,
  postsInFlight: 100,
}

/** Counts connects and messages of the address. All of loopback is one address. */
export class SocketLimits {
  readonly #caps: SocketCaps
  #connects: number[] = []
  #messages: number[] = []

  constructor(caps: SocketCaps) {
    this.#caps = caps
  }

  get subscriptions(): number {
    return this.#caps.subscriptions
  }

  get postsInFlight(): number {
    return this.#caps.postsInFlight
  }

  /** Count one attempt to connect; refused attempts count too. */
  mayConnect(open: number, now: number): boolean {
    this.#connects = recent(this.#connects, now)
    this.#connects.push(now)
    return open < this.#caps.connections && this.#connects.length <= this.#caps.connectsPerMinute
  }

  /** Count one message of a client. */
  mayReceive(now: number): boolean {
    this.#messages.push(now)
    if (this.#messages.length > this.#caps.messagesPerMinute) this.#messages = recent(this.#messages, now)
    return this.#messages.length <= this.#caps.messagesPerMinute
  }

  view(now: number): {connectsLastMinute: number; messagesLastMinute: number} {
    this.#connects = recent(this.#connects, now)
    this.#messages = recent(this.#messages, now)
    return {connectsLastMinute: this.#connects.length, messagesLastMinute: this.#messages.length}
  }
}

const recent = (times: readonly number[], now: number): number[] => times.filter((time) => time > now - MINUTE_MS)
