import type {Connection} from './connection.ts'
import type {Kind, Subscription} from './subscription.ts'

/** One stream that somebody listens to. */
export interface Stream {
  readonly subscription: Subscription
  readonly listeners: Set<Connection>
  /** what was last sent, to see whether anything changed */
  last: string
  lastData: unknown
}

/** The streams that are listened to, by key and by kind. */
export class Streams {
  readonly #byKey = new Map<string, Stream>()
  readonly #byKind = new Map<Kind, Set<Stream>>()

  get(key: string): Stream | undefined {
    return this.#byKey.get(key)
  }

  of(kind: Kind): ReadonlySet<Stream> {
    return this.#byKind.get(kind) ?? NOBODY
  }

  join(connection: Connection, subscription: Subscription): Stream {
    const {key, kind} = subscription
    const stream = this.#byKey.get(key) ?? {subscription, listeners: new Set(), last: '', lastData: null}
    this.#byKey.set(key, stream)
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? new Set()).add(stream))
    stream.listeners.add(connection)
    connection.streams.set(key, subscription)
    return stream
  }

  leave(connection: Connection, key: string): void {
    connection.streams.delete(key)
    const stream = this.#byKey.get(key)
    if (stream === undefined) return
    stream.listeners.delete(connection)
    if (stream.listeners.size > 0) return
    this.#byKey.delete(key)
    this.#byKind.get(stream.subscription.kind)!.delete(stream)
  }
}

const NOBODY: ReadonlySet<Stream> = new Set()
