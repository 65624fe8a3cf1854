import {advance} from './advance.ts'
import {exchange} from './exchange/exchange.ts'
import {info} from './info/info.ts'
import {exchangeWeight, infoWeight, type WeightWindow} from './rate-limit.ts'
import type {VenueState} from './venue-state.ts'

export interface Reply {
  readonly status: number
  readonly type: 'application/json' | 'text/plain' | 'text/html' | null
  readonly body: string
}

export const UNREADABLE = 'Failed to deserialize the JSON body into the target type'

export const jsonReply = (body: unknown, status = 200): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})
export const textReply = (status: number, body: string): Reply => ({status, type: 'text/plain', body})
export const TOO_MANY = jsonReply(null, 429)
export const NULL_500 = jsonReply(null, 500)

interface Answering {
  readonly state: VenueState
  readonly weight: WeightWindow
}

/** What POST /info answers, over HTTP and over a socket alike. */
export function infoReply({state, weight}: Answering, body: unknown): Reply {
  const now = advance(state)
  if (weight.isExhausted(now)) return TOO_MANY
  const result = info(state, body, now)
  const rows = result.kind === 'json' && Array.isArray(result.body) ? result.body.length : 0
  weight.spend(infoWeight(typeOf('/info', body), rows), now)
  if (result.kind === 'unreadable') return textReply(422, UNREADABLE)
  return result.kind === 'null500' ? NULL_500 : jsonReply(result.body)
}

/** What POST /exchange answers. */
export function exchangeReply({state, weight}: Answering, body: unknown): Reply {
  const now = advance(state)
  if (weight.isExhausted(now)) return TOO_MANY
  const result = exchange(state, body, now)
  const {orders, cancels} = ((body as {action?: unknown} | null)?.action ?? {}) as Record<string, unknown[] | undefined>
  weight.spend(exchangeWeight((orders ?? cancels ?? []).length), now)
  return result === null ? textReply(422, UNREADABLE) : jsonReply(result)
}

/** Type of the request or of its action, '' when there is none. */
export function typeOf(path: '/info' | '/exchange', body: unknown): string {
  const holder = path === '/info' ? body : (body as {action?: unknown} | null)?.action
  const type = (holder as {type?: unknown} | null | undefined)?.type
  return typeof type === 'string' ? type : ''
}
