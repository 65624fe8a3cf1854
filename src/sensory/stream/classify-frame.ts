import {INTERVAL_MS} from '../../kernel/instant.ts'
import {type Channel, isChannel, streamKey} from './streams.ts'

/** One public print, as much of it as proves that none is missing. */
export interface Print {
  readonly tid: string
  readonly time: number
}

/** What a frame is, as far as the watches need it. Values are judged when the rows are read, not here. */
export type FrameClass =
  | {readonly kind: 'rows'; readonly key: string; readonly content: FrameContent}
  | {readonly kind: 'ack'; readonly method: 'subscribe' | 'unsubscribe'; readonly key: string}
  | {readonly kind: 'already'; readonly key: string}
  | {readonly kind: 'pong'}
  | {readonly kind: 'error'; readonly text: string}
  /** rows may have been lost with it: those of `owner` */
  | {readonly kind: 'unknown'; readonly channel: string; readonly owner: Owner}
  | {readonly kind: 'malformed'; readonly owner: Owner; readonly why: string}

/**
 * Whose rows an unreadable frame may have held, by what its head still says: a stream, some stream of a coin, anybody;
 * null for a channel that names no coin and is none of ours.
 */
export type Owner = {readonly key: string} | {readonly coin: string} | 'anybody' | null

export type FrameContent =
  | {readonly channel: 'bbo'; readonly time: number}
  | {readonly channel: 'trades'; readonly prints: readonly Print[]}
  /** `levels` as text: two snapshots with one text show the same book */
  | {readonly channel: 'l2Book'; readonly time: number; readonly levels: string}
  | {readonly channel: 'activeAssetCtx'; readonly mid: string | null}
  /** open time of the bar and the trades in it */
  | {readonly channel: 'candle'; readonly open: number; readonly trades: number}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTime = (value: unknown): value is number => Number.isSafeInteger(value)

/**
 * Say what one text frame of the venue is.
 *
 * Never throws: a frame that is no JSON, has wrong types or comes from an unknown channel is a class of its own. The
 * whole frame is parsed because a cut or garbled tail must not count as a sign of life; that costs a few µs a frame.
 *
 * @see spec hyperliquid.md §2
 */
export function classifyFrame(text: string): FrameClass {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return {kind: 'malformed', owner: ownerInHead(text), why: 'no JSON'}
  }
  if (!isObject(frame) || !isText(frame['channel'])) {
    return {kind: 'malformed', owner: ownerInHead(text), why: 'no channel'}
  }
  const {channel, data} = frame as {channel: string; data: unknown}
  switch (channel) {
    case 'pong':
      return {kind: 'pong'}
    case 'error':
      return errorFrame(isText(data) ? data : JSON.stringify(data))
    case 'subscriptionResponse':
      return ackFrame(data)
    default:
      if (!isChannel(channel)) return {kind: 'unknown', channel: channel.slice(0, 40), owner: ownerInHead(text)}
      return rowsFrame(channel, data, text) ?? {kind: 'malformed', owner: ownerInHead(text), why: `mistyped ${channel}`}
  }
}

/** Null when the data is not what the channel promises. */
function rowsFrame(channel: Channel, data: unknown, text: string): FrameClass | null {
  if (channel === 'trades') return tradesFrame(data)
  if (!isObject(data)) return null
  const coin = channel === 'candle' ? data['s'] : data['coin']
  if (!isText(coin)) return null
  const content = contentOf(channel, data, text)
  const interval = channel === 'candle' ? data['i'] : null
  if (content === null || (interval !== null && !(isText(interval) && interval in INTERVAL_MS))) return null
  return {kind: 'rows', key: streamKey(channel, coin, interval as string | null), content}
}

function contentOf(channel: Exclude<Channel, 'trades'>, data: Json, text: string): FrameContent | null {
  const {time} = data
  switch (channel) {
    case 'bbo':
      return isTime(time) && Array.isArray(data['bbo']) && data['bbo'].length === 2 ? {channel, time} : null
    case 'l2Book': {
      const levels = data['levels']
      const isBook = isTime(time) && Array.isArray(levels) && levels.length === 2 && levels.every(isSide)
      return isBook ? {channel, time, levels: levelsText(text, levels)} : null
    }
    case 'activeAssetCtx': {
      const ctx = data['ctx']
      if (!isObject(ctx) || !isText(ctx['markPx'])) return null
      const mid = ctx['midPx'] ?? null
      return mid === null || isText(mid) ? {channel, mid} : null
    }
    case 'candle': {
      const {t, n, c} = data
      return isTime(t) && isTime(n) && isText(c) ? {channel, open: t, trades: n} : null
    }
  }
}

const isSide = (side: unknown): boolean =>
  Array.isArray(side) && side.every((level) => isObject(level) && isText(level['px']) && isText(level['sz']))

/** The levels as the frame spells them, when the time stands before them as the venue writes it. */
function levelsText(text: string, levels: unknown): string {
  const at = text.indexOf('"levels"')
  return text.indexOf('"time"') < at && text.indexOf('"time"', at) < 0 ? text.slice(at) : JSON.stringify(levels)
}

function tradesFrame(data: unknown): FrameClass | null {
  if (!Array.isArray(data) || data.length === 0) return null
  const coin: unknown = isObject(data[0]) ? data[0]['coin'] : null
  const prints: Print[] = []
  for (const trade of data as unknown[]) {
    if (!isObject(trade) || trade['coin'] !== coin || !isTime(trade['time']) || !isTime(trade['tid'])) return null
    if (!isText(trade['px']) || !isText(trade['sz']) || !(trade['side'] === 'A' || trade['side'] === 'B')) return null
    prints.push({tid: String(trade['tid']), time: trade['time']})
  }
  return isText(coin)
    ? {kind: 'rows', key: streamKey('trades', coin, null), content: {channel: 'trades', prints}}
    : null
}

/** The prints of a `recentTrades` reply, or null when it is none. */
export function printsOf(reply: unknown): readonly Print[] | null {
  if (Array.isArray(reply) && reply.length === 0) return []
  const frame = tradesFrame(reply)
  return frame?.kind === 'rows' && frame.content.channel === 'trades' ? frame.content.prints : null
}

function ackFrame(data: unknown): FrameClass {
  const malformed: FrameClass = {kind: 'malformed', owner: null, why: 'mistyped acknowledgement'}
  if (!isObject(data) || !isObject(data['subscription'])) return malformed
  const {method, subscription} = data
  const key = keyOfSubscription(subscription)
  if ((method !== 'subscribe' && method !== 'unsubscribe') || key === null) return malformed
  return {kind: 'ack', method, key}
}

/** The venue echoes a subscription with its defaults filled in: what names the stream is enough. */
function keyOfSubscription(subscription: unknown): string | null {
  if (!isObject(subscription)) return null
  const {type, coin, interval} = subscription
  if (!isText(type) || !isChannel(type) || !isText(coin)) return null
  return streamKey(type, coin, isText(interval) ? interval : null)
}

/** `Already subscribed: {…}` is what was wanted. */
function errorFrame(text: string): FrameClass {
  if (/^Already (un)?subscribed/.test(text)) {
    try {
      const key = keyOfSubscription(JSON.parse(text.slice(text.indexOf('{'))))
      if (key !== null) return {kind: 'already', key}
    } catch {
      // Not the form that was seen: an error like any other.
    }
  }
  return {kind: 'error', text: text.slice(0, 200)}
}

/** Channel and coin stand at the head: what is cut or garbled behind it still says whose rows it was. */
export function ownerInHead(text: string): Owner {
  const head = text.slice(0, 400)
  const channel = /"channel"\s*:\s*"(\w+)"/.exec(head)?.[1]
  const coin = /"(?:coin|s)"\s*:\s*"([^"]+)"/.exec(head)?.[1]
  if (coin === undefined) return channel === undefined || isChannel(channel) ? 'anybody' : null
  if (channel === undefined || !isChannel(channel)) return {coin}
  if (channel !== 'candle') return {key: streamKey(channel, coin, null)}
  const interval = /"i"\s*:\s*"([^"]+)"/.exec(head)?.[1]
  return interval !== undefined && interval in INTERVAL_MS ? {key: streamKey(channel, coin, interval)} : {coin}
}
