import {StreamChannel} from '../../contracts/stream.ts'
import type {Interval} from '../../kernel/instant.ts'

export const CHANNELS = StreamChannel.options
export type Channel = StreamChannel

/** Lake table that the rows of a channel enter. */
export const TABLE_OF: Readonly<Record<Channel, string>> = {
  bbo: 'bbo',
  trades: 'trades',
  l2Book: 'book',
  activeAssetCtx: 'asset_ctx',
  candle: 'candles',
}

/** One subscription: a channel of a coin. */
export interface Stream {
  /** a StreamName: `<table>:<coin>[:<interval>]`, e.g. `book:BTC`, `candles:BTC:1m` */
  readonly key: string
  readonly channel: Channel
  readonly coin: string
  readonly interval: Interval | null
}

export const streamKey = (channel: Channel, coin: string, interval: string | null): string =>
  interval === null ? `${TABLE_OF[channel]}:${coin}` : `${TABLE_OF[channel]}:${coin}:${interval}`

export const isChannel = (text: string): text is Channel => (CHANNELS as readonly string[]).includes(text)

/** Every channel of every coin; candles once an interval. */
export function streamsOf(
  coins: readonly string[],
  channels: readonly Channel[],
  intervals: readonly Interval[],
): Stream[] {
  const stream = (channel: Channel, coin: string, interval: Interval | null): Stream => ({
    key: streamKey(channel, coin, interval),
    channel,
    coin,
    interval,
  })
  return channels.flatMap((channel) =>
    coins.flatMap((coin) =>
      channel === 'candle'
        ? intervals.map((interval) => stream(channel, coin, interval))
        : [stream(channel, coin, null)],
    ),
  )
}

/** The venue's subscription object. The slow book would come on the same channel: it is never mixed in. */
export const subscriptionOf = ({channel, coin, interval}: Stream): Readonly<Record<string, unknown>> => ({
  type: channel,
  coin,
  ...(interval === null ? {} : {interval}),
  ...(channel === 'l2Book' ? {fast: true} : {}),
})

export const subscribeText = (stream: Stream): string =>
  JSON.stringify({method: 'subscribe', subscription: subscriptionOf(stream)})
export const unsubscribeText = (stream: Stream): string =>
  JSON.stringify({method: 'unsubscribe', subscription: subscriptionOf(stream)})
export const PING_TEXT = '{"method":"ping"}'
