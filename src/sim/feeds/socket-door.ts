import {type IncomingMessage, type Server, STATUS_CODES} from 'node:http'
import type {Duplex} from 'node:stream'
import {type RawData, type WebSocket, WebSocketServer} from 'ws'
import {CATALOGUE} from '../fault-catalogue.ts'
import {type Desk, receive} from './socket-requests.ts'

/** No request of this API is longer. */
const MAX_FRAME = 1 << 20

/** Let clients open sockets at /ws of the venue's HTTP server. */
export function openDoor(server: Server, desk: Desk): void {
  const door = new WebSocketServer({noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME})
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const admit = (): void => {
      if (!socket.destroyed) door.handleUpgrade(request, socket, head, (ws) => welcome(desk, ws, socket))
    }
    const {status, waitMs} = judge(desk, request)
    if (status !== null) refuse(socket, status)
    else if (waitMs > 0) desk.feeds.at(desk.state.clock.now() + waitMs, admit)
    else admit()
  })
}

/** The status with which a handshake is refused, or how long it is kept waiting. */
function judge({feeds, faults, limits, state}: Desk, {url}: IncomingMessage): {status: number | null; waitMs: number} {
  if (new URL(url ?? '/', 'http://venue').pathname !== '/ws') return {status: 404, waitMs: 0}
  feeds.run()
  const now = state.clock.now()
  if (!limits.mayConnect(feeds.connections.size, now)) return {status: 429, waitMs: 0}
  const fault = faults.first(now, ({id}) => CATALOGUE[id].meets === 'handshake', [])
  if (fault?.id === 'ws.handshake.429') return {status: 429, waitMs: 0}
  if (fault?.id === 'ws.handshake.502') return {status: 502, waitMs: 0}
  return {status: null, waitMs: fault === null ? 0 : fault.durMs}
}

function welcome(desk: Desk, ws: WebSocket, socket: Duplex): void {
  const {feeds} = desk
  const connection = feeds.open(ws, socket)
  ws.on('error', () => socket.destroy())
  ws.on('close', () => feeds.close(connection))
  ws.on('message', (data: RawData) => receive(desk, connection, textOf(data)))
}

function refuse(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? ''
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Uint8Array)).toString('utf8')
