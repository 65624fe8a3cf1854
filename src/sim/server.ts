import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {advance} from './advance.ts'
import {control} from './control.ts'
import {exchange} from './exchange/exchange.ts'
import type {FaultRequest, Faults} from './faults.ts'
import {info} from './info/info.ts'
import {exchangeWeight, infoWeight, type WeightWindow} from './rate-limit.ts'
import type {VenueState} from './venue-state.ts'

export interface Served {
  readonly state: VenueState
  readonly faults: Faults
  readonly weight: WeightWindow
  /** resolves when what a request changed is on disk: an acknowledged order outlives a kill -9 of the venue */
  readonly saved: () => Promise<void>
}

interface Reply {
  readonly status: number
  readonly type: 'application/json' | 'text/plain' | null
  readonly body: string
}

const MAX_BODY = 1 << 20
const UNREADABLE = 'Failed to deserialize the JSON body into the target type'

const jsonReply = (body: unknown, status = 200): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})
const textReply = (status: number, body: string): Reply => ({status, type: 'text/plain', body})
const TOO_MANY = jsonReply(null, 429)
const NULL_500 = jsonReply(null, 500)

/** HTTP on loopback: /info and /exchange as the venue serves them, /_sim for whoever runs it. */
export function venueServer(served: Served): Server {
  const server = createServer((request, response) => {
    answer(served, request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.requestTimeout = 130_000
  return server
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://venue').pathname
  const body = await bodyOf(request)
  if (body === null) return send(response, textReply(413, 'Request body too large'))
  if (path.startsWith('/_sim/')) {
    const reply = controlReply(served, path, body)
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
  const fault = served.faults.meet(path, typeOf(path, parsed))
  const reply = async (): Promise<Reply> => {
    if (path === '/info') return infoReply(served, parsed)
    const done = exchangeReply(served, parsed)
    await served.saved()
    return done
  }
  return fault ? faulted(response, fault, reply) : send(response, await reply())
}

function infoReply({state, weight}: Served, body: unknown): Reply {
  const now = advance(state)
  if (weight.isExhausted(now)) return TOO_MANY
  const result = info(state, body, now)
  const rows = result.kind === 'json' && Array.isArray(result.body) ? result.body.length : 0
  weight.spend(infoWeight(typeOf('/info', body), rows), now)
  if (result.kind === 'unreadable') return textReply(422, UNREADABLE)
  return result.kind === 'null500' ? NULL_500 : jsonReply(result.body)
}

function exchangeReply({state, weight}: Served, body: unknown): Reply {
  const now = advance(state)
  if (weight.isExhausted(now)) return TOO_MANY
  const result = exchange(state, body, now)
  const {orders, cancels} = ((body as {action?: unknown} | null)?.action ?? {}) as Record<string, unknown[] | undefined>
  weight.spend(exchangeWeight((orders ?? cancels ?? []).length), now)
  return result === null ? textReply(422, UNREADABLE) : jsonReply(result)
}

function controlReply(served: Served, path: string, body: string): Reply {
  const {status, body: value} = control(served, path, body === '' ? {} : parseJson(body))
  return jsonReply(value, status)
}

/** What a client sees when the venue misbehaves. The action itself is committed only where the id says so. */
async function faulted(
  response: ServerResponse,
  {id, durMs}: FaultRequest,
  reply: () => Promise<Reply>,
): Promise<void> {
  switch (id) {
    case 'http.429':
      return send(response, TOO_MANY)
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
      return id satisfies never
  }
}

/** Does not keep the process alive: a venue that is told to stop does not wait for a withheld reply. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

function typeOf(path: '/info' | '/exchange', body: unknown): string {
  const holder = path === '/info' ? body : (body as {action?: unknown} | null)?.action
  const type = (holder as {type?: unknown} | null | undefined)?.type
  return typeof type === 'string' ? type : ''
}

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
