import {createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES} from 'node:http'
import {type Controlled, control} from './control.ts'
import type {ArmedFault} from './faults.ts'
import {openDoor} from './feeds/socket-door.ts'
import {exchangeReply, infoReply, jsonReply, NULL_500, type Reply, TOO_MANY, textReply, typeOf} from './replies.ts'

export interface Served extends Controlled {
  /** resolves when what a request changed is on disk: an acknowledged order outlives a kill -9 of the venue */
  readonly saved: () => Promise<void>
}

const MAX_BODY = 1 << 20
const BAD_GATEWAY = '<html><head><title>%</title></head><body><center><h1>%</h1></center></body></html>'
const htmlReply = (status: number): Reply => ({
  status,
  type: 'text/html',
  body: BAD_GATEWAY.replaceAll('%', `${status} ${STATUS_CODES[status]}`),
})

/** HTTP on loopback: /info, /exchange and /ws as the venue serves them, /_sim for whoever runs it. */
export function venueServer(served: Served): Server {
  const server = createServer((request, response) => {
    answer(served, request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.requestTimeout = 130_000
  openDoor(server, served)
  return server
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://venue').pathname
  const body = await bodyOf(request)
  if (body === null) return send(response, textReply(413, 'Request body too large'))
  if (path.startsWith('/_sim/')) {
    const reply = await controlReply(served, path, body)
    await served.saved()
    return send(response, reply)
  }
  if (path !== '/info' && path !== '/exchange') return send(response, textReply(404, ''))
  if (request.method !== 'POST') return send(response, {status: 405, type: null, body: ''})
  if (!(request.headers['content-type'] ?? '').includes('application/json')) {
    return send(response, textReply(415, 'Expected request with `Content-Type: application/json`'))
  }
  const parsed = parseJson(body)
  if (parsed === undefined) return send(response, textReply(400, 'Failed to parse the request body as JSON'))
  const fault = served.faults.meet(path, typeOf(path, parsed), served.state.clock.now())
  const reply = async (): Promise<Reply> => {
    if (path === '/info') return infoReply(served, parsed)
    const done = exchangeReply(served, parsed)
    await served.saved()
    return done
  }
  return fault ? faulted(response, fault, reply) : send(response, await reply())
}

async function controlReply(served: Served, path: string, body: string): Promise<Reply> {
  const {status, body: value} = await control(served, path, body === '' ? {} : parseJson(body))
  return jsonReply(value, status)
}

/** What a client sees when the venue misbehaves. The action itself is committed only where the id says so. */
async function faulted(response: ServerResponse, {id, durMs}: ArmedFault, reply: () => Promise<Reply>): Promise<void> {
  switch (id) {
    case 'http.429':
      return send(response, TOO_MANY)
    case 'http.502':
      return send(response, htmlReply(502))
    case 'http.504':
      return send(response, htmlReply(504))
    case 'http.500.null':
    case 'info.500':
    case 'ex.500':
      return send(response, NULL_500)
    case 'ex.reply.slow': {
      const late = await reply()
      await pause(durMs)
      return send(response, late)
    }
    case 'ex.timeout.accepted':
      await reply()
      await pause(durMs)
      response.destroy()
      return
    case 'ex.timeout.dropped':
    case 'info.timeout':
      await pause(durMs)
      response.destroy()
      return
    default:
      return send(response, await reply())
  }
}

/** Does not keep the process alive: a venue that is told to stop does not wait for a withheld reply. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

function send(response: ServerResponse, {status, type, body}: Reply): void {
  if (response.destroyed) return
  response.writeHead(status, {...(type ? {'content-type': type} : {}), 'content-length': Buffer.byteLength(body)})
  response.end(body)
}

/** Null when the body is larger than any request of this API. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
