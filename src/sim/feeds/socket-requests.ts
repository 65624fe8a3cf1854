import {STATUS_CODES} from 'node:http'
import {z} from 'zod'
import {CATALOGUE} from '../fault-catalogue.ts'
import type {Faults} from '../faults.ts'
import type {WeightWindow} from '../rate-limit.ts'
import {exchangeReply, infoReply, type Reply, typeOf} from '../replies.ts'
import type {VenueState} from '../venue-state.ts'
import type {Connection} from './connection.ts'
import type {Feeds} from './feeds.ts'
import {answer, type Frame} from './frame.ts'
import {mixed} from './mix.ts'
import type {SocketLimits} from './socket-limits.ts'
import {readSubscription, type Subscription} from './subscription.ts'
import type {WireLog} from './wire-log.ts'

/** What a client's frames are answered with. */
export interface Desk {
  readonly state: VenueState
  readonly feeds: Feeds
  readonly faults: Faults
  readonly limits: SocketLimits
  readonly weight: WeightWindow
  readonly log: WireLog
  readonly saved: () => Promise<void>
}

const ClientFrame = z.discriminatedUnion('method', [
  z.object({method: z.literal('ping')}),
  z.object({method: z.enum(['subscribe', 'unsubscribe']), subscription: z.unknown()}),
  z.object({
    method: z.literal('post'),
    id: z.number().int().min(0),
    request: z.object({type: z.enum(['info', 'action']), payload: z.unknown()}),
  }),
])
type Post = Extract<z.infer<typeof ClientFrame>, {method: 'post'}>

const UNREADABLE = {kind: 'unreadable'} as const
/** A venue drops a socket over a bad subscription this soon, ms. */
const DEATH = {min: 100, max: 800}
const BAD_COIN_MS = 100
const LATE_ACK_MS = 2000

/** Answer one frame of a client. @see spec hyperliquid.md §2 */
export function receive(desk: Desk, connection: Connection, text: string): void {
  const {feeds, limits, log} = desk
  feeds.run()
  const now = desk.state.clock.now()
  log.add({time: now, conn: connection.id, dir: 'in', channel: null, coin: null, sent: true, fault: null, text})
  if (connection.isFrozen || connection.isGone) return
  if (limits.mayReceive(now)) answerFrame(desk, connection, text, now)
  else connection.destroy()
}

function answerFrame(desk: Desk, connection: Connection, text: string, now: number): void {
  const say = (frame: Frame): void => desk.feeds.delivery.answer(connection, frame, now)
  const parsed = ClientFrame.safeParse(parseJson(text))
  const frame = parsed.data
  if (frame?.method === 'ping') say(answer('pong', now))
  else if (frame?.method === 'post') post(desk, connection, frame, now)
  else {
    const read = frame === undefined ? UNREADABLE : readSubscription(desk.state, frame.subscription)
    if (read.kind === 'unreadable') {
      say(answer('error', now, `Error parsing JSON into valid websocket request: ${text}`))
    } else if (read.kind === 'invalid') say(answer('error', now, `Invalid subscription ${JSON.stringify(read.echo)}`))
    else if (read.kind === 'fatal') die(desk, connection, now)
    else if (frame?.method === 'subscribe') subscribe(desk, connection, read.subscription, now)
    else unsubscribe(desk, connection, read.subscription, now)
  }
}

/** No close frame and no error: the connection is gone a moment later, with everything else on it. */
function die({feeds}: Desk, connection: Connection, now: number): void {
  const wait = feeds.delivery.isFast
    ? 0
    : DEATH.min + (mixed(feeds.seed + connection.id, now) % (DEATH.max - DEATH.min))
  feeds.at(now + wait, () => connection.destroy())
  feeds.run()
}

function subscribe(desk: Desk, connection: Connection, subscription: Subscription, now: number): void {
  const {feeds, limits, faults} = desk
  const {echo, key, coin, channel} = subscription
  const refusal = connection.streams.has(key)
    ? `Already subscribed: ${key}`
    : feeds.subscriptions >= limits.subscriptions
      ? `Cannot track more than ${limits.subscriptions} total subscriptions.`
      : null
  if (refusal !== null) {
    feeds.delivery.answer(connection, answer('error', now, refusal), now)
    return
  }
  const names = [channel, `#${connection.id}`, ...(coin === null ? [] : [coin, `${channel}:${coin}`])]
  const fault = faults.first(now, ({id}) => CATALOGUE[id].meets === 'subscribe', names)
  const ack = answer('subscriptionResponse', now, {method: 'subscribe', subscription: echo})
  if (fault?.id === 'ws.badcoin') {
    feeds.at(now + BAD_COIN_MS, () => connection.destroy())
    return
  }
  if (fault === null) feeds.delivery.answer(connection, ack, now)
  else feeds.delivery.suppress(connection, ack, now, fault.id)
  feeds.subscribe(connection, subscription)
  if (fault?.id === 'ws.ack.late') {
    const due = now + (fault.request.durMs ?? LATE_ACK_MS)
    feeds.at(due, () => feeds.delivery.answer(connection, ack, due, fault.id))
  }
}

function unsubscribe({feeds}: Desk, connection: Connection, {key, echo}: Subscription, now: number): void {
  const isSubscribed = connection.streams.has(key)
  if (isSubscribed) feeds.unsubscribe(connection, key)
  const ack = answer('subscriptionResponse', now, {method: 'unsubscribe', subscription: echo})
  feeds.delivery.answer(connection, isSubscribed ? ack : answer('error', now, `Already unsubscribed: ${key}`), now)
}

/** The REST replies in the envelope of a socket, after the time a frame travels. */
function post(desk: Desk, connection: Connection, {id, request}: Post, now: number): void {
  const {feeds, limits} = desk
  if (connection.posts >= limits.postsInFlight) {
    feeds.delivery.answer(connection, answer('error', now, `too many pending post requests id=${id}`), now)
    return
  }
  connection.posts++
  const due = now + feeds.delivery.lag(now)
  const response = responseOf(desk, request)
  feeds.at(due, () => {
    connection.posts--
    feeds.delivery.answer(connection, answer('post', due, {id, response}), due)
  })
  feeds.run()
}

function responseOf(desk: Desk, {type, payload}: Post['request']): unknown {
  const reply = type === 'info' ? infoReply(desk, payload) : exchangeReply(desk, payload)
  if (reply.status !== 200) return {type: 'error', payload: errorText(reply)}
  const data = JSON.parse(reply.body) as unknown
  return type === 'info' ? {type, payload: {type: typeOf('/info', payload), data}} : {type, payload: data}
}

const errorText = ({status, body}: Reply): string => `${status} ${STATUS_CODES[status] ?? ''}: ${body}`

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
