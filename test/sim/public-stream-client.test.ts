import {SubscriptionClient, WebSocketTransport} from '@nktkas/hyperliquid'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {startVenue} from './venue-fixture.ts'

let venue: Awaited<ReturnType<typeof startVenue>>
let transport: WebSocketTransport
let client: SubscriptionClient

beforeAll(async () => {
  venue = await startVenue({delivery: 'fast'})
  // Node 20 has no WebSocket of its own; the client takes whichever it is given.
  globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket
  transport = new WebSocketTransport({url: `${venue.url.replace('http', 'ws')}/ws`})
  client = new SubscriptionClient({transport})
})
afterAll(async () => {
  await transport.close().catch(() => undefined)
  await venue.sim.stop()
})

/** Subscribe, let ten seconds pass on the venue, and return what came. */
async function heard<T>(
  subscribe: (listen: (event: T) => void) => Promise<{unsubscribe(): Promise<void>}>,
): Promise<T[]> {
  const events: T[] = []
  const subscription = await subscribe((event) => events.push(event))
  await venue.control('step', {ms: 10_000})
  await subscription.unsubscribe()
  return events
}

describe('an unchanged public stream client', () => {
  it('receives books, best bids and offers, and trades', async () => {
    const books = await heard((listen: Parameters<typeof client.l2Book>[1]) => client.l2Book({coin: 'BTC'}, listen))
    expect(books.length).toBeGreaterThanOrEqual(2)
    expect(books[0]!.levels[0]).toHaveLength(20)
    const quotes = await heard((listen: Parameters<typeof client.bbo>[1]) => client.bbo({coin: 'BTC'}, listen))
    expect(Number(quotes.at(-1)!.bbo[0]!.px)).toBeLessThan(Number(quotes.at(-1)!.bbo[1]!.px))
    const trades = await heard((listen: Parameters<typeof client.trades>[1]) => client.trades({coin: 'BTC'}, listen))
    expect(trades.flat()[0]!.users).toHaveLength(2)
    expect(Number.isSafeInteger(trades.flat()[0]!.tid)).toBe(true)
  })

  it('receives candles, contexts and mids', async () => {
    const request = {coin: 'BTC', interval: '1m'} as const
    const candles = await heard((listen: Parameters<typeof client.candle>[1]) => client.candle(request, listen))
    expect(candles.at(-1)).toMatchObject({s: 'BTC', i: '1m'})
    const contexts = await heard((listen: Parameters<typeof client.activeAssetCtx>[1]) =>
      client.activeAssetCtx({coin: 'BTC'}, listen),
    )
    expect(contexts.length).toBeGreaterThanOrEqual(10)
    expect(Number(contexts[0]!.ctx.markPx)).toBeGreaterThan(0)
    const mids = await heard((listen: (event: {mids: Record<string, string>}) => void) => client.allMids(listen))
    expect(Object.keys(mids[0]!.mids)).toHaveLength(28)
  })

  it('is told when it subscribes to what cannot be', async () => {
    await expect(client.candle({coin: 'BTC', interval: '1M'}, () => undefined)).rejects.toThrow('Invalid subscription')
  })
})
