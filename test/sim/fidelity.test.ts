import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {z} from 'zod'
import * as contract from '../../src/contracts/venue.ts'
import {sharedFile} from '../golden-files.ts'
import {first, startVenue} from './venue-fixture.ts'

const UNKNOWN_USER = `0x${'ab'.repeat(20)}`
const payload = (name: string): string | null => sharedFile(`payloads/hyperliquid/${name}.json`)
const read = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>

let venue: Awaited<ReturnType<typeof startVenue>>
beforeAll(async () => {
  venue = await startVenue()
  const {bid, ask} = await venue.touch('JADE')
  await venue.act(venue.order('JADE', true, '100', bid.px, 'Alo', {c: '0x000000000000000000000000000000b1'}))
  first(await venue.act(venue.order('JADE', true, '50', ask.px, 'Ioc')))
  await venue.control('step', {ms: 3_700_000})
})
afterAll(() => venue.sim.stop())

const CAPTURED: readonly (readonly [string, z.ZodType])[] = [
  ['info_meta_2023', contract.VenueMeta],
  ['info_candleSnapshot_2023', contract.VenueCandles],
  ['info_fundingHistory_2023', contract.VenueFundingHistory],
  ['info_l2Book_2023', contract.VenueL2Book],
  ['info_openOrders_2023', contract.VenueOpenOrders],
  ['info_historicalOrders_2025', contract.VenueHistoricalOrders],
  ['info_userFills_2023', contract.VenueFills],
  ['info_userFills_2026', contract.VenueFills],
  ['info_userFillsByTime_2023', contract.VenueFills],
  ['info_userRateLimit_2025', contract.VenueUserRateLimit],
]

describe('the venue schemas', () => {
  it.each(CAPTURED)('read the captured payload %s', (name, schema) => {
    const path = payload(name)
    if (path) expect(schema.safeParse(read(path)['response']).error).toBeUndefined()
  })

  it('read the documented clearinghouseState and orderStatus', () => {
    const path = payload('info_docs_examples')
    if (path === null) return
    const docs = read(path)
    expect(contract.VenueClearinghouseState.safeParse(docs['clearinghouseState']).error).toBeUndefined()
    expect(contract.VenueOrderStatus.safeParse(docs['orderStatus_found']).error).toBeUndefined()
    expect(contract.VenueOrderStatus.safeParse(docs['orderStatus_missing']).error).toBeUndefined()
  })

  it('read what the practice venue answers', async () => {
    const {user, info} = venue
    const oid = '0x000000000000000000000000000000b1'
    const answers: readonly (readonly [Record<string, unknown>, z.ZodType])[] = [
      [{type: 'meta'}, contract.VenueMeta],
      [
        {type: 'candleSnapshot', req: {coin: 'BTC', interval: '1h', startTime: 0, endTime: 2e12}},
        contract.VenueCandles,
      ],
      [{type: 'fundingHistory', coin: 'BTC', startTime: 0}, contract.VenueFundingHistory],
      [{type: 'l2Book', coin: 'BTC'}, contract.VenueL2Book],
      [{type: 'clearinghouseState', user}, contract.VenueClearinghouseState],
      [{type: 'openOrders', user}, contract.VenueOpenOrders],
      [{type: 'historicalOrders', user}, contract.VenueHistoricalOrders],
      [{type: 'orderStatus', user, oid}, contract.VenueOrderStatus],
      [{type: 'orderStatus', user, oid: 1}, contract.VenueOrderStatus],
      [{type: 'userFills', user}, contract.VenueFills],
      [{type: 'userRateLimit', user}, contract.VenueUserRateLimit],
    ]
    for (const [request, schema] of answers) {
      expect(schema.safeParse(await info(request)).error, String(request['type'])).toBeUndefined()
    }
  })

  it('find every key of the documented rows in the practice venue', async () => {
    const path = payload('info_docs_examples')
    if (path === null) return
    const docs = read(path) as Record<string, Record<string, unknown>>
    const keys = (value: unknown): string[] => Object.keys(value as Record<string, unknown>)
    const {user, info} = venue
    const documented = docs['clearinghouseState'] as {assetPositions: {position: object}[]}
    const state = await info<typeof documented>({type: 'clearinghouseState', user})
    expect(keys(state)).toEqual(expect.arrayContaining(keys(documented)))
    expect(keys(state.assetPositions[0]!.position)).toEqual(
      expect.arrayContaining(keys(documented.assetPositions[0]!.position)),
    )
    const found = docs['orderStatus_found'] as {order: {order: object}}
    const status = await info<typeof found>({type: 'orderStatus', user, oid: '0x000000000000000000000000000000b1'})
    expect(keys(status.order.order)).toEqual(expect.arrayContaining(keys(found.order.order)))
    const [fill] = await info<object[]>({type: 'userFills', user})
    const {builderFee: _, ...documentedFill} = docs['userFill_perp'] as Record<string, unknown>
    expect(keys(fill)).toEqual(expect.arrayContaining(keys(documentedFill)))
  })
})

describe('refusals of /info', () => {
  it('have the measured status, type and body', async () => {
    const path = payload('http_errors')
    if (path === null) return
    const {rows} = read(path) as {rows: {request: unknown; status: number; contentType: string | null; body: string}[]}
    for (const {request, status, contentType, body} of rows) {
      const init = {method: 'POST', headers: {'content-type': 'application/json'}}
      const text = typeof request === 'string' ? request : JSON.stringify(request)
      const answer = text.startsWith('GET')
        ? await venue.raw('/info', {method: 'GET'})
        : text.startsWith('valid JSON')
          ? await venue.raw('/info', {method: 'POST', headers: {'content-type': 'text/plain'}, body: '{"type":"meta"}'})
          : await venue.raw('/info', {...init, body: text})
      expect([answer.status, answer.type, answer.text], text).toEqual([status, contentType, body])
    }
  })

  it('answer a delisted book with two empty sides and an unknown account with an empty one', async () => {
    expect(await venue.info({type: 'l2Book', coin: 'GALENA'})).toMatchObject({coin: 'GALENA', levels: [[], []]})
    const state = await venue.info({type: 'clearinghouseState', user: UNKNOWN_USER})
    expect(state).toMatchObject({assetPositions: [], withdrawable: '0.0'})
    expect(await venue.info({type: 'userRole', user: UNKNOWN_USER})).toEqual({role: 'missing'})
  })
})
