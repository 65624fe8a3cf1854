import {createHmac} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {connect, type Socket} from 'node:net'
import {join} from 'node:path'
import {
  GUARD_REPLIES,
  GuardChallenge,
  GuardRefusal,
  type GuardReply,
  type GuardRequest,
  GuardWelcome,
} from '../contracts/orders.ts'
import {GuardEndpoint} from '../contracts/workspace.ts'
import type {GuardPort} from '../desk.ts'
import {Fault, type FaultFamily} from '../kernel/fault.ts'

const HELLO_MS = 2_000
/** A submit may wait for the venue, its timeout and the resolution of an unknown order. */
const REPLY_MS = 60_000

/**
 * Connect to the guard of a workspace.
 *
 * @returns null when none is live: no endpoint file, nobody listening, or no answer to the greeting
 */
export async function connectGuard(stateDir: string): Promise<GuardPort | null> {
  let endpoint: GuardEndpoint
  let token: string
  try {
    endpoint = GuardEndpoint.schema.parse(JSON.parse(await readFile(join(stateDir, 'guard.json'), 'utf8')))
    token = (await readFile(join(stateDir, 'guard/token'), 'utf8')).trim()
  } catch {
    return null
  }
  const line = await greet(endpoint.socket, token)
  return line === null ? null : portOver(line, endpoint)
}

interface Line {
  readonly socket: Socket
  /** called with every further message, and with null when the line is dead */
  listen(take: (message: unknown) => void): void
}

/** Challenge, proof, welcome: the token itself never travels. */
function greet(path: string, token: string): Promise<Line | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let take = (message: unknown): void => {
      const challenge = GuardChallenge.safeParse(message).data
      if (challenge !== undefined) {
        const proof = createHmac('sha256', token).update(challenge.nonce).digest('hex')
        socket.write(`${JSON.stringify({type: 'hello', client: `qo ${process.pid}`, proof})}\n`)
      } else if (GuardWelcome.safeParse(message).success) {
        settle({socket, listen: (next) => (take = next)})
      } else settle(null)
    }
    const late = setTimeout(() => settle(null), HELLO_MS)
    const settle = (line: Line | null): void => {
      clearTimeout(late)
      if (line === null) socket.destroy()
      resolve(line)
    }
    let rest = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) take(parse(text))
    })
    socket.on('error', () => settle(null))
    socket.on('close', () => {
      settle(null)
      take(null)
    })
  })
}

function portOver({socket, listen}: Line, endpoint: GuardEndpoint): GuardPort {
  const waiting = new Map<number, {resolve: (reply: unknown) => void; reject: (cause: Fault) => void}>()
  let last = 0
  let isOpen = true
  // A connection must not keep a finished command alive.
  socket.unref()
  listen((message) => {
    if (message === null) {
      isOpen = false
      for (const {reject} of waiting.values()) reject(lost('the connection ended'))
      waiting.clear()
      return
    }
    const {id, ok, reply, refused} = message as {id: number; ok: boolean; reply: unknown; refused: unknown}
    const caller = waiting.get(id)
    waiting.delete(id)
    if (ok) caller?.resolve(reply)
    else caller?.reject(refusal(refused))
  })
  return {
    endpoint,
    async request<R extends GuardRequest>(message: R): Promise<GuardReply<R['type']>> {
      if (!isOpen) throw lost('the connection ended')
      const id = ++last
      socket.ref()
      try {
        const reply = await new Promise<unknown>((resolve, reject) => {
          const late = setTimeout(() => reject(lost(`no answer within ${REPLY_MS / 1000} s`)), REPLY_MS)
          const settled =
            <T>(settle: (value: T) => void) =>
            (value: T): void => {
              clearTimeout(late)
              settle(value)
            }
          waiting.set(id, {resolve: settled(resolve), reject: settled(reject)})
          socket.write(`${JSON.stringify({id, ...message})}\n`)
        })
        const parsed = GUARD_REPLIES[message.type].safeParse(reply)
        if (!parsed.success) throw lost('its answer has an unknown shape')
        return parsed.data as GuardReply<R['type']>
      } finally {
        waiting.delete(id)
        if (waiting.size === 0) socket.unref()
      }
    },
    close: () => socket.destroy(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}

const FAMILIES: Readonly<Record<string, FaultFamily>> = {
  'guard.unknown_request': 'usage',
  'journal.broken_chain': 'data',
  'artifact.invalid': 'contract',
}

function refusal(refused: unknown): Fault {
  const {code, what, why} = GuardRefusal.safeParse(refused).data ?? {
    code: 'guard.failed',
    what: 'The guard refused.',
    why: '',
  }
  return new Fault('guard.refused', {
    family: FAMILIES[code] ?? 'venue',
    what,
    why: `${why} (${code})`,
    next: ['qo guard status', 'qo risk check'],
  })
}

function lost(why: string): Fault {
  return new Fault('guard.lost', {
    family: 'venue',
    what: 'The guard did not answer.',
    why: `Reason: ${why}. What it was asked to do may or may not be done; ask again by cloid.`,
    next: ['qo guard status', 'qo killswitch engage, if in doubt'],
  })
}
