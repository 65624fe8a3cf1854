import {createHash} from 'node:crypto'
import {type RawData, WebSocket} from 'ws'
import type {FeedPort, FeedSocket, SocketEnd, SocketEvents} from '../../../desk.ts'
import {readTape} from './stream-tape.ts'
import {transportReason} from './transport-reason.ts'

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 10_000
/** Beyond this a frame is no market data of this venue: described, not kept. */
const KEPT_BYTES = 1 << 20
/** Beyond this `ws` ends the connection with 1009 before the frame is in memory. */
const MAX_PAYLOAD = 32 << 20
const HEAD_BYTES = 4096

/**
 * The venue's WebSocket as a recorder wants it: every text frame as the bytes that came, nothing interpreted.
 *
 * UTF-8 is not checked: a garbled frame is evidence to keep, not a reason to lose the connection. The venue does not
 * compress, so no decompressor stands between the wire and the log.
 *
 * @param url  base URL of the venue, e.g. `https://api.hyperliquid.xyz`
 */
export function openFeed(url: string): FeedPort {
  const wsUrl = `${url.replace(/^http/, 'ws')}/ws`
  return {url: wsUrl, connect: (events) => connect(wsUrl, events), tape: (...span) => readTape(url, ...span)}
}

function connect(url: string, events: SocketEvents): FeedSocket {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_PAYLOAD,
    skipUTF8Validation: true,
    followRedirects: false,
  })
  let open = true
  const end = (said: SocketEnd): void => {
    if (!open) return
    open = false
    events.ended(said)
  }
  let failure: SocketEnd | null = null

  socket.on('open', () => {
    if (open) events.opened()
  })
  socket.on('message', (raw) => {
    if (open) take(bytesOf(raw), events)
  })
  socket.on('unexpected-response', (request, response) => {
    failure = {kind: 'refused', code: response.statusCode ?? null, reason: `HTTP ${response.statusCode ?? '?'}`}
    response.resume()
    request.destroy()
    end(failure)
  })
  // Always followed by `close`, which speaks.
  socket.on('error', (cause) => {
    failure ??= {kind: 'failed', code: null, reason: transportReason(cause)}
  })
  socket.on('close', (code, reason) => {
    end(failure ?? {kind: 'closed', code, reason: reason.toString('utf8').slice(0, 120)})
  })

  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    terminate: () => {
      end({kind: 'terminated', code: null, reason: 'terminated here'})
      socket.terminate()
    },
  }
}

function take(bytes: Buffer, events: SocketEvents): void {
  if (bytes.length <= KEPT_BYTES) events.frame(bytes, bytes.toString('utf8'))
  else {
    events.oversize({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      head: bytes.toString('utf8', 0, HEAD_BYTES),
    })
  }
}

const bytesOf = (raw: RawData): Buffer =>
  Buffer.isBuffer(raw) ? raw : Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw)
