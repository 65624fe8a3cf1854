import type {Duplex} from 'node:stream'
import type {WebSocket} from 'ws'
import type {Frame} from './frame.ts'
import type {Subscription} from './subscription.ts'

/** One client's socket, and what the venue remembers of it. */
export class Connection {
  readonly id: number
  readonly ws: WebSocket
  readonly socket: Duplex
  readonly streams = new Map<string, Subscription>()
  /** frames sent, by channel */
  readonly sent = new Map<string, number>()
  /** posts that wait for their answer */
  posts = 0
  /** the venue last sent something at this venue time */
  lastSentAt: number
  /** nothing passes in either direction any more */
  isFrozen = false
  /** no stream is delivered before this venue time; answers are */
  mutedUntil = Number.NEGATIVE_INFINITY
  /** a frame that waits to be overtaken by the next one of its stream */
  held: Frame | null = null
  isGone = false

  constructor(id: number, ws: WebSocket, socket: Duplex, now: number) {
    this.id = id
    this.ws = ws
    this.socket = socket
    this.lastSentAt = now
  }

  write(text: string, channel: string, now: number): void {
    this.ws.send(text)
    this.lastSentAt = now
    this.sent.set(channel, (this.sent.get(channel) ?? 0) + 1)
  }

  /** Drop TCP, with neither a close frame nor a word. */
  destroy(): void {
    this.isGone = true
    this.socket.destroy()
  }

  /** Drop TCP in the middle of a frame. */
  tear(text: string): void {
    this.isGone = true
    const body = Buffer.from(text)
    const header = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, 0, 0])
    if (body.length >= 126) header.writeUInt16BE(Math.min(body.length, 65_535), 2)
    const half = body.subarray(0, Math.ceil(Math.min(body.length, 65_535) / 2))
    this.socket.write(Buffer.concat([header, half]), () => this.socket.destroy())
  }

  /** Keep TCP open and say nothing more: reads nothing, answers no ping. */
  freeze(): void {
    this.isFrozen = true
    this.ws.pause()
  }
}
