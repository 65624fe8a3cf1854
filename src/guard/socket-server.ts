import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto'
import {rmSync} from 'node:fs'
import {createServer, type Server, type Socket} from 'node:net'
import type {z} from 'zod'
import {GUARD_PROTOCOL, GuardHello, type GuardWelcome} from '../contracts/orders.ts'
import {Fault} from '../kernel/fault.ts'

const LONGEST_LINE = 1 << 20
const MOST_CLIENTS = 32
const HELLO_MS = 5_000

export interface SocketServerOptions {
  readonly path: string
  readonly token: string
  readonly welcome: z.infer<typeof GuardWelcome>
  readonly answer: (message: unknown) => Promise<object>
}

/**
 * One JSON object per line over a Unix socket. A client first proves that it can read the token file: the token itself
 * never travels.
 */
export async function openSocketServer({
  path,
  token,
  welcome,
  answer,
}: SocketServerOptions): Promise<{close(): Promise<void>}> {
  const clients = new Set<Socket>()
  const busy = new Set<Promise<void>>()
  const server = createServer((socket) => {
    if (clients.size >= MOST_CLIENTS) {
      socket.destroy()
      return
    }
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    socket.on('error', () => socket.destroy())
    serve(socket)
  })

  function serve(socket: Socket): void {
    const say = (message: object): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
    }
    const nonce = randomBytes(32).toString('hex')
    let isKnown = false
    const tooLate = setTimeout(() => isKnown || socket.destroy(), HELLO_MS)
    socket.on('close', () => clearTimeout(tooLate))
    onLines(socket, (line) => {
      const message = parse(line)
      if (isKnown) {
        const work = reply(message, say).finally(() => busy.delete(work))
        busy.add(work)
        return
      }
      isKnown = isProof(message, nonce, token)
      if (isKnown) say(welcome)
      else socket.destroy()
    })
    say({type: 'challenge', protocol: GUARD_PROTOCOL, nonce})
  }

  async function reply(message: unknown, say: (message: object) => void): Promise<void> {
    const {id, ...request} = (message ?? {}) as Record<string, unknown>
    try {
      say({id, ok: true, reply: await answer(request)})
    } catch (cause) {
      const isFault = cause instanceof Fault
      const refusal = isFault
        ? {code: cause.code, what: cause.what, why: cause.why}
        : {code: 'guard.failed', what: 'The guard could not carry out the request.', why: String(cause)}
      say({id, ok: false, refused: refusal})
    }
  }

  rmSync(path, {force: true})
  await listen(server, path)
  return {
    async close() {
      server.close()
      // What was accepted is finished, within reason; then the line goes dead.
      const patience = new Promise((resolve) => setTimeout(resolve, 8_000).unref())
      await Promise.race([Promise.allSettled(busy), patience])
      for (const socket of clients) socket.destroy()
      rmSync(path, {force: true})
    },
  }
}

function isProof(message: unknown, nonce: string, token: string): boolean {
  const hello = GuardHello.safeParse(message).data
  if (hello === undefined) return false
  const expected = createHmac('sha256', token).update(nonce).digest()
  const given = Buffer.from(hello.proof, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Split a stream into lines; a line that is too long ends the connection. */
function onLines(socket: Socket, take: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) {
      socket.destroy()
      return
    }
    for (const line of lines) if (line !== '' && !socket.destroyed) take(line)
  })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
}
