import {type AddressInfo, createServer, connect as dial, type Socket} from 'node:net'
import {Random} from '../../src/kernel/random.ts'

/** What one direction of every connection suffers. */
export interface LinkFaults {
  /** delay of every piece, and a seeded ± around it; order is kept, as TCP keeps it */
  readonly latencyMs: number
  readonly jitterMs: number
  /** null: as fast as it comes */
  readonly bytesPerSecond: number | null
  /** every byte is a write of its own */
  readonly slice: boolean
  /** bytes of one connection that pass; then the connection ends cleanly (FIN) */
  readonly limitBytes: number | null
  /** bytes of one connection that pass; then it is torn (RST), in the middle of a message */
  readonly resetAfterBytes: number | null
  /** nothing passes, TCP stays up: what comes meanwhile is lost with the connection */
  readonly hang: boolean
}

export interface ProxyFaults {
  /** `up`: client to server; `down`: server to client */
  readonly up: Partial<LinkFaults>
  readonly down: Partial<LinkFaults>
  /** new connections are torn at once (RST), as by a firewall */
  readonly refuse: boolean
  /** new connections are accepted and nothing ever answers */
  readonly deaf: boolean
  /** the server's end of a connection is not told to the client, nor the client's to the server */
  readonly hideEnd: boolean
}

export interface FaultProxy {
  readonly port: number
  /** connections accepted since the start, refused ones included; how many live now; bytes passed on */
  readonly accepted: number
  readonly live: number
  readonly bytesDown: number
  /** when each connection was asked for, epoch ms */
  readonly connectTimes: readonly number[]
  /** change the weather, for connections that live too; what is not named stays as it is */
  set(faults: Partial<ProxyFaults>): void
  /** back to a plain wire; connections that hung stay silent: their bytes are gone */
  calm(): void
  /** half-open: no byte in either direction, no end told, for what lives now; new connections are fine */
  freeze(): void
  /** RST to both sides of every live connection, at once or after a time */
  reset(afterMs?: number): void
  close(): Promise<void>
}

const CALM: ProxyFaults = {up: {}, down: {}, refuse: false, deaf: false, hideEnd: false}
/** Above this the source is not read any further: a slow client is felt by the server. */
const MOST_QUEUED = 1 << 20

/**
 * A bad network between one client and one server on loopback: real sockets, faults by hand, chance by seed.
 *
 * The client is pointed at `port`; the proxy dials `upstream` for each connection.
 */
export async function openFaultProxy(upstream: {port: number; host?: string}, seed = 'proxy'): Promise<FaultProxy> {
  const random = new Random(seed)
  const links = new Set<Link>()
  const connectTimes: number[] = []
  const timers = new Set<NodeJS.Timeout>()
  let faults = CALM
  let bytesDown = 0

  const server = createServer({allowHalfOpen: true, noDelay: true}, (client) => {
    connectTimes.push(Date.now())
    client.on('error', () => undefined)
    if (faults.refuse) return void reset(client)
    const link: Link = {client, venue: null, frozen: faults.deaf, end: () => links.delete(link)}
    links.add(link)
    client.on('close', () => closeOther(link, 'venue'))
    if (faults.deaf) return void client.resume()
    const venue = dial({port: upstream.port, host: upstream.host ?? '127.0.0.1', allowHalfOpen: true, noDelay: true})
    link.venue = venue
    venue.on('error', () => undefined)
    venue.on('close', () => closeOther(link, 'client'))
    carry(link, client, venue, 'up')
    carry(link, venue, client, 'down')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  /** One side is gone: so is the other, unless the wire is frozen and nobody may know. */
  function closeOther(link: Link, side: 'client' | 'venue'): void {
    if (side === 'venue') links.delete(link)
    if (side === 'client' && (link.frozen || faults.hideEnd)) return
    link[side]?.destroy()
  }

  function carry(link: Link, from: Socket, to: Socket, direction: 'up' | 'down'): void {
    const queue: Piece[] = []
    const weather = (): Partial<LinkFaults> => faults[direction]
    let [queued, passed, lastDue, pumping] = [0, 0, 0, false]

    from.on('data', (bytes: Buffer) => {
      if (link.frozen) return
      const {latencyMs = 0, jitterMs = 0, hang = false} = weather()
      if (hang) return
      const due = performance.now() + latencyMs + (jitterMs === 0 ? 0 : (random.unit() * 2 - 1) * jitterMs)
      lastDue = Math.max(lastDue, due)
      queue.push({due: lastDue, bytes})
      queued += bytes.length
      if (queued > MOST_QUEUED) from.pause()
      void pump()
    })
    from.on('end', () => {
      if (link.frozen || faults.hideEnd || weather().hang) return
      queue.push({due: lastDue, bytes: null})
      void pump()
    })

    async function pump(): Promise<void> {
      if (pumping) return
      pumping = true
      for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
        await sleep(piece.due - performance.now())
        if (piece.bytes === null) to.end()
        else await pass(piece.bytes)
        queued -= piece.bytes?.length ?? 0
        if (queued < MOST_QUEUED / 2) from.resume()
      }
      pumping = false
    }

    async function pass(bytes: Buffer): Promise<void> {
      for (let at = 0; at < bytes.length; ) {
        const {bytesPerSecond = null, slice = false, limitBytes = null, resetAfterBytes = null} = weather()
        if (link.frozen || to.destroyed) return
        const most = Math.min(limitBytes ?? Infinity, resetAfterBytes ?? Infinity) - passed
        // A twentieth of a second's worth at a time: the rate is felt within a message, not only between two.
        const share = bytesPerSecond === null ? bytes.length : Math.max(1, Math.ceil(bytesPerSecond / 20))
        const size = Math.max(0, Math.min(slice ? 1 : share, bytes.length - at, most))
        if (size > 0) await write(to, bytes.subarray(at, at + size))
        at += size
        passed += size
        if (direction === 'down') bytesDown += size
        if (resetAfterBytes !== null && passed >= resetAfterBytes) return tear(link)
        if (limitBytes !== null && passed >= limitBytes) {
          link.frozen = true
          to.end()
          from.destroy()
          return
        }
        if (bytesPerSecond !== null) await sleep((size / bytesPerSecond) * 1000)
        // Let the other side read before the next byte, or the kernel would join them again.
        if (slice) await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return connectTimes.length
    },
    get live() {
      return links.size
    },
    get bytesDown() {
      return bytesDown
    },
    connectTimes,
    set(more) {
      faults = {...faults, ...more}
    },
    calm() {
      faults = CALM
    },
    freeze() {
      for (const link of links) link.frozen = true
    },
    reset(afterMs = 0) {
      const now = (): void => {
        for (const link of links) tear(link)
      }
      if (afterMs === 0) return now()
      const timer = setTimeout(() => {
        timers.delete(timer)
        now()
      }, afterMs)
      timers.add(timer)
    },
    async close() {
      for (const timer of timers) clearTimeout(timer)
      for (const {client, venue} of links) {
        client.destroy()
        venue?.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Link {
  readonly client: Socket
  venue: Socket | null
  /** nothing passes any more in either direction */
  frozen: boolean
  readonly end: () => void
}

/** `bytes: null` is the end of the direction. */
interface Piece {
  readonly due: number
  readonly bytes: Buffer | null
}

function tear(link: Link): void {
  link.end()
  reset(link.client)
  if (link.venue) reset(link.venue)
}

/** RST and nothing before it: `resetAndDestroy` alone ends the stream first, and the other side may see a clean end. */
function reset(socket: Socket): void {
  Object.assign(socket, {resetAndClosing: true})
  socket.destroy()
}

const sleep = (ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))

const write = (to: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    // A socket that closes while we wait never calls back with success; either way the pump goes on.
    to.write(bytes, () => resolve())
  })
