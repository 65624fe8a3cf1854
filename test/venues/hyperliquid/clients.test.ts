import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, describe, expect, it} from 'vitest'
import type {Clock} from '../../../src/desk.ts'
import {postExchange} from '../../../src/io/venues/hyperliquid/exchange-client.ts'
import {openInfoClient} from '../../../src/io/venues/hyperliquid/info-client.ts'
import {signL1Action} from '../../../src/io/venues/hyperliquid/signing.ts'
import {mostWeight, ownBudget} from '../../../src/io/venues/hyperliquid/weight-budget.ts'
import {AGENT, first, startVenue} from '../../sim/venue-fixture.ts'

/** A clock whose sleeps pass at once and are remembered. */
function virtualClock(): Clock & {readonly slept: number[]} {
  let now = 0
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => {
      slept.push(ms)
      now += ms
      return Promise.resolve()
    },
  }
}

type Answer = readonly [status: number, body: string, headers?: Record<string, string>]

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

/** Answers in order, the last one for ever; counts the requests. */
async function scripted(answers: readonly Answer[]): Promise<{url: string; requests: () => number}> {
  let count = 0
  server = createServer((_, response) => {
    const [status, body, headers] = answers[Math.min(count++, answers.length - 1)]!
    response.writeHead(status, {'content-type': 'application/json', ...headers}).end(body)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => count}
}

describe('the info client', () => {
  it('waits instead of exceeding its part of the weight limit', async () => {
    const {url} = await scripted([[200, '{}']])
    const clock = virtualClock()
    const client = openInfoClient({url, budget: ownBudget(120, clock), clock})
    for (let i = 0; i < 5; i++) await client.info({type: 'meta'})
    expect(clock.slept).toEqual([])
    await client.info({type: 'meta'})
    expect(clock.now()).toBeGreaterThanOrEqual(60_000)
  })

  it('reserves what a reply may cost and gives back what it did not', async () => {
    const rows = JSON.stringify(Array.from({length: 60}, () => 0))
    const {url} = await scripted([[200, rows]])
    const clock = virtualClock()
    const client = openInfoClient({url, clock})
    const day = {coin: 'BTC', interval: '1d', startTime: 0, endTime: 60 * 86_400_000}
    await client.info({type: 'candleSnapshot', req: day})
    expect(await client.weight()).toEqual({left: 900 - 21, perMinute: 1200, isShared: true})
    expect(mostWeight({type: 'candleSnapshot', req: {...day, endTime: 9000 * 86_400_000}})).toBe(20 + 83)
    expect(mostWeight({type: 'fundingHistory', coin: 'BTC', startTime: 0})).toBe(20 + 25)
    expect(mostWeight({type: 'l2Book', coin: 'BTC'})).toBe(2)
  })

  it('halves its rate at each 429, backs off with jitter and recovers', async () => {
    const {url, requests} = await scripted([
      [429, 'null'],
      [429, 'null'],
      [200, '"fine"'],
    ])
    const clock = virtualClock()
    const client = openInfoClient({url, clock, seed: 'test'})
    expect(await client.info({type: 'allMids'})).toBe('fine')
    expect(requests()).toBe(3)
    expect((await client.weight()).perMinute).toBe(300)
    await clock.sleep(60_000)
    expect((await client.weight()).perMinute).toBe(600)
    await clock.sleep(60_000)
    expect((await client.weight()).perMinute).toBe(1200)
    const again = virtualClock()
    await scripted([
      [429, 'null'],
      [429, 'null'],
      [200, '"fine"'],
    ]).then((twin) => openInfoClient({url: twin.url, clock: again, seed: 'test'}).info({type: 'allMids'}))
    expect(again.slept).toEqual(clock.slept.slice(0, -2))
  })

  it('gives up after a bounded number of refusals, but not at once', async () => {
    const {url, requests} = await scripted([[429, 'null']])
    const clock = virtualClock()
    const client = openInfoClient({url, clock, seed: 'test'})
    await expect(client.info({type: 'meta'})).rejects.toMatchObject({code: 'venue.rate_limited', exitCode: 6})
    expect(requests()).toBe(10)
    expect(clock.now()).toBeGreaterThan(20_000)
  })

  it('waits as long as Retry-After says', async () => {
    const {url} = await scripted([
      [503, 'busy', {'retry-after': '7'}],
      [200, '{}'],
    ])
    const clock = virtualClock()
    await openInfoClient({url, clock}).info({type: 'meta'})
    expect(clock.slept).toEqual([7000])
  })

  it('asks twice more, not for ever, when the answer is 500 null, and names the coin', async () => {
    const {url, requests} = await scripted([[500, 'null']])
    const client = openInfoClient({url, clock: virtualClock()})
    await expect(client.info({type: 'fundingHistory', coin: 'NOPE'})).rejects.toMatchObject({
      code: 'venue.no_such_coin',
      message: expect.stringContaining('NOPE') as string,
    })
    expect(requests()).toBe(3)
  })

  it('tells a lost answer from a broken one', async () => {
    const outcomes: readonly (readonly [Answer, string, number])[] = [
      [[502, '<html>'], 'venue.unreachable', 6],
      [[504, ''], 'venue.unreachable', 6],
      [[500, 'Internal'], 'venue.unreachable', 6],
      [[200, '<html>'], 'venue.malformed', 4],
      [[200, '{"universe":[{"na'], 'venue.malformed', 4],
      [[404, 'not here'], 'venue.refused', 1],
    ]
    for (const [answer, code, count] of outcomes) {
      const {url, requests} = await scripted([answer])
      await expect(openInfoClient({url, clock: virtualClock()}).info({type: 'meta'})).rejects.toMatchObject({code})
      expect(requests(), answer.join(' ')).toBe(count)
      server!.closeAllConnections()
      server!.close()
    }
  })

  it('does not repeat a request the venue cannot read', async () => {
    const {url, requests} = await scripted([[422, 'Failed to deserialize']])
    const client = openInfoClient({url, clock: virtualClock()})
    await expect(client.info({type: 'nope'})).rejects.toMatchObject({code: 'venue.refused', exitCode: 6})
    expect(requests()).toBe(1)
  })

  it('survives broken JSON and a refused connection with a Fault', async () => {
    const {url} = await scripted([
      [200, '{"uni'],
      [200, '{"universe":[]}'],
    ])
    expect(await openInfoClient({url, clock: virtualClock()}).info({type: 'meta'})).toEqual({universe: []})
    const closed = openInfoClient({url: 'http://127.0.0.1:9', clock: virtualClock()})
    await expect(closed.info({type: 'meta'})).rejects.toMatchObject({code: 'venue.unreachable'})
  })

  it('hands on the null of an unknown book', async () => {
    const {url} = await scripted([[200, 'null']])
    expect(await openInfoClient({url, clock: virtualClock()}).info({type: 'l2Book', coin: 'NOPE'})).toBeNull()
  })
})

describe('the exchange client', () => {
  const body = {action: {type: 'noop'}, nonce: 1, signature: {r: '0x1', s: '0x1', v: 27}}
  const send = (url: string, timeoutMs = 2000) => postExchange(url, body, {timeoutMs})

  it('tells done from refused from unknown, and sends once', async () => {
    const cases: readonly (readonly [Answer, string])[] = [
      [[200, '{"status":"ok","response":{"type":"default"}}'], 'ok'],
      [[200, '{"status":"err","response":"Action already expired"}'], 'err'],
      [[422, 'Failed to deserialize'], 'err'],
      [[429, 'null'], 'err'],
      [[500, 'null'], 'unknown'],
      [[502, '<html>'], 'unknown'],
      [[200, '<html>'], 'unknown'],
      [[200, 'null'], 'unknown'],
      [[200, '{"status":"ok"}'], 'unknown'],
    ]
    for (const [answer, kind] of cases) {
      const {url, requests} = await scripted([answer])
      expect((await send(url)).kind, answer.join(' ')).toBe(kind)
      expect(requests()).toBe(1)
      server!.closeAllConnections()
      server!.close()
    }
  })

  it('calls a dropped or withheld reply unknown while the order exists exactly once', async () => {
    const venue = await startVenue({stepped: false})
    try {
      const {bid} = await venue.touch('JADE')
      const place = (cloid: string) => {
        const action = venue.order('JADE', true, '100', bid.px, 'Alo', {c: cloid})
        const nonce = Date.now()
        const signature = signL1Action({action, nonce, privateKey: AGENT, network: 'testnet'})
        return {action, nonce, signature}
      }
      const [accepted, dropped] = [place(`0x${'0'.repeat(31)}1`), place(`0x${'0'.repeat(31)}2`)]
      await venue.control('fault', {id: 'ex.timeout.accepted', scope: 'order'})
      expect(await postExchange(venue.url, accepted, {timeoutMs: 150})).toEqual({
        kind: 'unknown',
        reason: 'no reply within 150 ms',
      })
      const again = await postExchange(venue.url, accepted, {timeoutMs: 2000})
      expect(again).toEqual({kind: 'err', message: `Invalid nonce: duplicate nonce ${accepted.nonce}`})
      await venue.control('fault', {id: 'ex.timeout.dropped', scope: 'order', durMs: 50})
      expect((await postExchange(venue.url, dropped, {timeoutMs: 2000})).kind).toBe('unknown')
      const noop = signL1Action({
        action: {type: 'noop'},
        nonce: dropped.nonce + 1,
        privateKey: AGENT,
        network: 'testnet',
      })
      const killed = {action: {type: 'noop'}, nonce: dropped.nonce + 1, signature: noop}
      expect((await postExchange(venue.url, killed, {timeoutMs: 2000})).kind).toBe('ok')
      const status = (oid: string) => venue.info<{status: string}>({type: 'orderStatus', user: venue.user, oid})
      expect(await status(`0x${'0'.repeat(31)}1`)).toMatchObject({status: 'order'})
      expect(await status(`0x${'0'.repeat(31)}2`)).toEqual({status: 'unknownOid'})
      await venue.control('fault', {id: 'ex.500'})
      expect((await postExchange(venue.url, place(`0x${'0'.repeat(31)}3`), {timeoutMs: 2000})).kind).toBe('unknown')
      expect(await venue.control('audit')).toMatchObject({ok: true})
    } finally {
      await venue.sim.stop()
    }
  })

  it('is understood by the practice venue', async () => {
    const venue = await startVenue()
    try {
      const {ask} = await venue.touch('JADE')
      expect(first(await venue.act(venue.order('JADE', true, '100', ask.px, 'Ioc'))).filled!.totalSz).toBe('100.0')
    } finally {
      await venue.sim.stop()
    }
  })
})

describe('the practice venue under the real weight limit', () => {
  it('answers 429 null when 1,200 are spent within a minute, and again after it', async () => {
    const venue = await startVenue({scenario: 'calm'})
    try {
      const meta = () => venue.post('/info', {type: 'meta'})
      for (let i = 0; i < 60; i++) expect((await meta()).status).toBe(200)
      const refused = await meta()
      expect([refused.status, refused.text]).toEqual([429, 'null'])
      await venue.control('step', {ms: 61_000})
      expect((await meta()).status).toBe(200)
    } finally {
      await venue.sim.stop()
    }
  })

  it('stops an address that has used up its requests, except for cancels', async () => {
    const venue = await startVenue()
    try {
      venue.sim.state.accounts.get(venue.user)!.requests = 10_000
      const {bid} = await venue.touch('JADE')
      const order = () => venue.act(venue.order('JADE', true, '100', bid.px, 'Alo'))
      expect((await order()).status).toBe('ok')
      expect((await order()).response).toMatch(/^Too many cumulative requests sent \(10001 > 10000\) for cumulative/)
      const cancel = {type: 'cancel', cancels: [{a: 15, o: 1}]}
      expect((await venue.act(cancel)).status).toBe('ok')
      await venue.control('step', {ms: 10_000})
      expect((await order()).status).toBe('ok')
    } finally {
      await venue.sim.stop()
    }
  })
})
