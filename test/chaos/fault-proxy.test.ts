import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type FaultProxy, openFaultProxy} from './fault-proxy.ts'

/** A server that sends back what it gets; `GET n` is answered with n bytes. */
let server: Server
let proxy: FaultProxy
const serverSide = new Set<Socket>()
const clients = new Set<Socket>()
let serverErrors: string[] = []

beforeEach(async () => {
  serverErrors = []
  server = createServer((socket) => {
    serverSide.add(socket)
    socket.on('error', (cause: NodeJS.ErrnoException) => serverErrors.push(cause.code ?? ''))
    socket.on('data', (bytes) => {
      const wanted = /^GET (\d+)/.exec(bytes.toString())
      socket.write(wanted ? Buffer.alloc(Number(wanted[1]), 'x') : bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await openFaultProxy({port: (server.address() as AddressInfo).port}, 'test')
})
afterEach(async () => {
  for (const socket of [...clients, ...serverSide]) socket.destroy()
  clients.clear()
  serverSide.clear()
  await proxy.close()
  await new Promise((resolve) => server.close(resolve))
})

interface Client {
  readonly socket: Socket
  /** bytes got, pieces they came in, how it ended */
  readonly got: {bytes: number; pieces: number; text: string; error: string | null; ended: boolean; closed: boolean}
}

async function client(): Promise<Client> {
  const socket = connect({port: proxy.port, host: '127.0.0.1', noDelay: true})
  const got = {bytes: 0, pieces: 0, text: '', error: null as string | null, ended: false, closed: false}
  clients.add(socket)
  socket.on('data', (bytes: Buffer) => {
    got.bytes += bytes.length
    got.pieces++
    got.text += bytes.toString()
  })
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    got.error = cause.code ?? cause.message
  })
  socket.on('end', () => {
    got.ended = true
  })
  socket.on('close', () => {
    got.closed = true
  })
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  return {socket, got}
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
async function until(test: () => boolean, ms = 5000): Promise<number> {
  const start = performance.now()
  while (!test()) {
    if (performance.now() - start > ms) throw new Error(`not within ${ms} ms`)
    await wait(2)
  }
  return performance.now() - start
}

describe('the fault proxy', () => {
  it('without a fault is a plain wire, whatever the size', async () => {
    const {socket, got} = await client()
    socket.write('GET 5000000')
    await until(() => got.bytes === 5_000_000)
    expect(proxy.bytesDown).toBe(5_000_000)
    socket.end()
    await until(() => got.closed)
    await until(() => proxy.live === 0)
  })

  it('delays within latency ± jitter and keeps the order', async () => {
    proxy.set({down: {latencyMs: 80, jitterMs: 40}})
    const {socket, got} = await client()
    const start = performance.now()
    for (let i = 0; i < 10; i++) {
      socket.write(`${i}`)
      await wait(3)
    }
    await until(() => got.bytes === 10)
    expect(performance.now() - start).toBeGreaterThan(60)
    expect(got.text).toBe('0123456789')
  })

  it('holds a live connection silent, and the silence stays after the weather has changed', async () => {
    const {socket, got} = await client()
    socket.write('a')
    await until(() => got.bytes === 1)
    proxy.freeze()
    socket.write('b')
    for (const side of serverSide) side.end()
    await wait(100)
    proxy.calm()
    await wait(50)
    expect(got).toMatchObject({bytes: 1, ended: false, closed: false, error: null})
    const next = await client()
    next.socket.write('c')
    await until(() => next.got.bytes === 1)
  })

  it('hides the death of the server from a frozen client', async () => {
    const {socket, got} = await client()
    socket.write('a')
    await until(() => got.bytes === 1)
    proxy.freeze()
    for (const side of serverSide) side.destroy()
    await wait(100)
    expect(got).toMatchObject({ended: false, closed: false})
  })

  it('accepts and never answers when it is deaf', async () => {
    proxy.set({deaf: true})
    const {socket, got} = await client()
    socket.write('a')
    await wait(100)
    expect(got).toMatchObject({bytes: 0, ended: false, closed: false})
    expect(serverSide.size).toBe(0)
  })

  it('tears a connection after n bytes, in the middle of a message', async () => {
    proxy.set({down: {resetAfterBytes: 1000}})
    const {socket, got} = await client()
    socket.write('GET 5000')
    await until(() => got.closed)
    expect(got.bytes).toBe(1000)
    // libuv reports a reset behind bytes that were read as an end; the other side sees what it was.
    await until(() => serverErrors.length === 1)
    expect(serverErrors).toEqual(['ECONNRESET'])
    expect(proxy.live).toBe(0)
  })

  it('tears everything after a time', async () => {
    const {got} = await client()
    proxy.reset(60)
    const took = await until(() => got.closed)
    expect(got.error).toBe('ECONNRESET')
    expect(took).toBeGreaterThan(40)
  })

  it('ends a connection cleanly after n bytes', async () => {
    proxy.set({down: {limitBytes: 700}})
    const {socket, got} = await client()
    socket.write('GET 5000')
    await until(() => got.ended)
    expect(got).toMatchObject({bytes: 700, error: null})
  })

  it('cuts everything into single bytes', async () => {
    proxy.set({down: {slice: true, latencyMs: 1}})
    const {socket, got} = await client()
    socket.write('GET 300')
    await until(() => got.bytes === 300)
    expect(got.pieces).toBeGreaterThan(10)
  })

  it('limits the rate', async () => {
    proxy.set({down: {bytesPerSecond: 20_000}})
    const {socket, got} = await client()
    socket.write('GET 8000')
    const took = await until(() => got.bytes === 8000)
    expect(took).toBeGreaterThan(300)
    expect(took).toBeLessThan(1500)
  })

  it('refuses new connections while old ones go on, until it is calm again', async () => {
    const old = await client()
    proxy.set({refuse: true})
    const refused = await client()
    await until(() => refused.got.closed)
    expect(refused.got.error).toBe('ECONNRESET')
    old.socket.write('a')
    await until(() => old.got.bytes === 1)
    proxy.calm()
    const next = await client()
    next.socket.write('a')
    await until(() => next.got.bytes === 1)
    expect(proxy.accepted).toBe(3)
  })
})
