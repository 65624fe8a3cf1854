import type {FeedPort, FeedSocket, SocketEnd, SocketEvents} from '../desk.ts'

/** The one socket of a recording: what an earlier one still says is not heard. */
export class StreamSocket {
  readonly #feed: FeedPort
  #socket: FeedSocket | null = null
  #heldAt: number | null = null

  constructor(feed: FeedPort) {
    this.#feed = feed
  }

  get heldAt(): number | null {
    return this.#heldAt
  }

  connect(events: SocketEvents): void {
    const mine: {socket: FeedSocket | null} = {socket: null}
    const isMine = (): boolean => mine.socket === this.#socket
    mine.socket = this.#feed.connect({
      opened: () => isMine() && events.opened(),
      frame: (bytes, text) => isMine() && events.frame(bytes, text),
      oversize: (frame) => isMine() && events.oversize(frame),
      ended: (end) => {
        if (!isMine()) return
        this.#forget()
        events.ended(end)
      },
    })
    this.#socket = mine.socket
  }

  send(text: string): void {
    this.#socket?.send(text)
  }

  /** Stop reading; nothing when it is stopped already. */
  hold(at: number): void {
    if (this.#heldAt !== null) return
    this.#heldAt = at
    this.#socket?.pause()
  }

  release(): void {
    this.#heldAt = null
    this.#socket?.resume()
  }

  drop(): void {
    const socket = this.#socket
    this.#forget()
    socket?.terminate()
  }

  #forget(): void {
    this.#socket = null
    this.#heldAt = null
  }
}

/** Why a socket ended, as the cause of a hole. */
export const endText = ({kind, code, reason}: SocketEnd): string =>
  [kind === 'closed' ? 'socket closed' : kind, code, reason].filter((part) => part !== null && part !== '').join(' ')
