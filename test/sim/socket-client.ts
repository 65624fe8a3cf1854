import {WebSocket} from 'ws'

export interface Received {
  readonly channel: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
  readonly data: any
}

/** A socket to a venue that keeps everything it receives, and waits for events, never for time. */
export async function connect(url: string) {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/ws`, {perMessageDeflate: false, maxPayload: 64 << 20})
  const texts: string[] = []
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const check of [...waiting]) check()
  }
  let closed: {code: number; reason: string} | null = null
  ws.on('message', (data) => {
    texts.push((data as Buffer).toString('utf8'))
    wake()
  })
  ws.on('close', (code, reason) => {
    closed = {code, reason: reason.toString()}
    wake()
  })
  ws.on('error', () => {})

  /** Resolves as soon as `found` gives something; looks at what is there already first. */
  function until<T>(what: string, found: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => done(() => reject(new Error(`never came: ${what}`))), 45_000)
      const done = (settle: () => void): void => {
        clearTimeout(late)
        const at = waiting.indexOf(check)
        if (at >= 0) waiting.splice(at, 1)
        settle()
      }
      const check = (): void => {
        const value = found()
        if (value) done(() => resolve(value))
      }
      waiting.push(check)
      check()
    })
  }

  const frames = (channel?: string): Received[] =>
    texts
      .map((text) => JSON.parse(text) as Received)
      .filter((frame) => channel === undefined || frame.channel === channel)
  const send = (frame: unknown): void => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  const next = (channel: string): Promise<Received> => {
    let seen = texts.length
    const start = `{"channel":"${channel}"`
    return until(channel, () => {
      while (seen < texts.length) {
        const text = texts[seen++]!
        if (text.startsWith(start)) return JSON.parse(text) as Received
      }
      return undefined
    })
  }

  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve)
    ws.once('unexpected-response', (_, response) => reject(new Error(`HTTP ${response.statusCode}`)))
    ws.once('error', reject)
  })
  return {
    ws,
    texts,
    frames,
    send,
    next,
    until,
    /** Subscribe and wait for the acknowledgement. */
    async subscribe(subscription: object): Promise<Received> {
      const ack = next('subscriptionResponse')
      send({method: 'subscribe', subscription})
      return ack
    },
    /** Everything the venue sent before this point has arrived when it resolves: a pong comes last. */
    async settled(): Promise<void> {
      const pong = next('pong')
      send({method: 'ping'})
      await pong
    },
    closed: (): Promise<{code: number; reason: string}> => until('close', () => closed),
    isOpen: (): boolean => closed === null,
    end: (): void => ws.terminate(),
  }
}
export type Client = Awaited<ReturnType<typeof connect>>
