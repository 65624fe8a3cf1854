import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {type WebSocket, WebSocketServer} from 'ws'

const TICK_MS = 50
/** What the venue replays to a new subscription, without saying so. */
const REPLAYED = 30
/** A client that does not read is let go before it costs memory. */
const MOST_WAITING = 16 << 20

export interface DenseVenue {
  readonly url: string
  readonly coins: readonly string[]
  /** time of trade i of each coin, epoch ms; its tid is `tidOf(coin, i)` */
  readonly times: readonly (readonly number[])[]
  readonly frames: number
  tidOf(coin: number, i: number): number
  stop(): Promise<void>
}

/**
 * A venue of thousands of trades a second, for proofs that need a million rows in minutes. Its frames have the shape of
 * the real ones; what it sends is a function of coin and number, so its tape is a list of times.
 *
 * The practice venue keeps the measured cadences instead, and is what the fault scenarios run against.
 */
export async function openDenseVenue({coins: count = 25, tradesPerFrame = 16} = {}): Promise<DenseVenue> {
  const coins = Array.from({length: count}, (_, i) => `C${String(i).padStart(2, '0')}`)
  const times: number[][] = coins.map(() => [])
  const subscribed = new Map<WebSocket, Set<string>>()
  let frames = 0
  const tidOf = (coin: number, i: number): number => (coin + 1) * 1e9 + i

  const http = createServer((request, response) => void answer(request, response, {coins}))
  const server = new WebSocketServer({server: http, path: '/ws', perMessageDeflate: false})
  server.on('connection', (socket) => {
    const streams = new Set<string>()
    subscribed.set(socket, streams)
    socket.on('error', () => undefined)
    socket.on('close', () => subscribed.delete(socket))
    socket.on('message', (bytes) => {
      const {method, subscription} = JSON.parse(String(bytes)) as {
        method: string
        subscription?: {type: string; coin: string}
      }
      if (method === 'ping') return socket.send('{"channel":"pong"}')
      if (method !== 'subscribe' || subscription === undefined) return
      socket.send(JSON.stringify({channel: 'subscriptionResponse', data: {method, subscription}}))
      streams.add(`${subscription.type}:${subscription.coin}`)
      const coin = coins.indexOf(subscription.coin)
      const known = times[coin]!.length
      if (subscription.type !== 'trades' || known === 0) return
      socket.send(tradesText(coin, Math.max(0, known - REPLAYED), known))
    })
  })

  const tradesText = (coin: number, from: number, to: number): string => {
    const rows: string[] = []
    for (let i = from; i < to; i++) {
      rows.push(
        `{"coin":"${coins[coin]}","side":"${i % 3 === 0 ? 'A' : 'B'}","px":"${100 + (i % 97)}.5","sz":"0.${(i % 9) + 1}","time":${times[coin]![i]},"hash":"0x00","tid":${tidOf(coin, i)},"users":["0x01","0x02"]}`,
      )
    }
    return `{"channel":"trades","data":[${rows.join(',')}]}`
  }

  const tick = setInterval(() => {
    const now = Date.now()
    for (const [coin, name] of coins.entries()) {
      const from = times[coin]!.length
      for (let i = 0; i < tradesPerFrame; i++) times[coin]!.push(now)
      if (subscribed.size === 0) continue
      const trades = tradesText(coin, from, from + tradesPerFrame)
      const level = (px: number): string => `{"px":"${px}","sz":"${(from % 50) + 1}.0","n":3}`
      const bbo = `{"channel":"bbo","data":{"coin":"${name}","time":${now},"bbo":[${level(100)},${level(101)}]}}`
      for (const [socket, streams] of subscribed) {
        if (socket.bufferedAmount > MOST_WAITING) socket.terminate()
        for (const [type, text] of [
          ['trades', trades],
          ['bbo', bbo],
        ] as const) {
          if (!streams.has(`${type}:${name}`)) continue
          socket.send(text)
          frames++
        }
      }
    }
  }, TICK_MS)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    coins,
    times,
    get frames() {
      return frames
    },
    tidOf,
    async stop() {
      clearInterval(tick)
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {coins}: {coins: readonly string[]},
): Promise<void> {
  let text = ''
  for await (const piece of request) text += String(piece)
  const {type} = JSON.parse(text || '{}') as {type?: string}
  const replies: Readonly<Record<string, unknown>> = {
    meta: {universe: coins.map((name) => ({name, szDecimals: 2, maxLeverage: 10}))},
    exchangeStatus: {time: Date.now(), specialStatuses: null},
  }
  const reply = replies[type ?? '']
  response.writeHead(reply === undefined ? 422 : 200, {'content-type': 'application/json'})
  response.end(JSON.stringify(reply ?? null))
}
