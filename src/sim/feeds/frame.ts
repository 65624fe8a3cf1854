/** One message of the venue on its way to a client. */
export interface Frame {
  readonly channel: string
  readonly coin: string | null
  /** identity of the stream, null for answers to a client's own request */
  readonly stream: string | null
  /** venue time at which it was made, epoch ms */
  readonly at: number
  readonly data: unknown
  readonly text: string
}

/** A push of a stream: everybody who subscribes to it gets this text. */
export const push = (channel: string, coin: string | null, stream: string, at: number, data: unknown): Frame => ({
  ...{channel, coin, stream, at, data},
  text: JSON.stringify({channel, data}),
})

/** An answer to one client. `pong` has no data. */
export const answer = (channel: string, at: number, data?: unknown): Frame => ({
  ...{channel, coin: null, stream: null, at, data},
  text: JSON.stringify(data === undefined ? {channel} : {channel, data}),
})
