import {ExchangeClient, HttpTransport, InfoClient} from '@nktkas/hyperliquid'
import {secp256k1} from '@noble/curves/secp256k1.js'
import {bytesToHex, hexToBytes} from '@noble/hashes/utils.js'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {addressOf} from '../../src/io/venues/hyperliquid/signing.ts'
import {type TypedField, typedDataDigest} from '../../src/io/venues/hyperliquid/signing-typed-data.ts'
import {AGENT, startVenue, wire} from './venue-fixture.ts'

type Hex = `0x${string}`

/** What the client library asks of a wallet: an address and EIP-712 signatures. */
const wallet = (privateKey: string) => ({
  address: addressOf(privateKey) as Hex,
  signTypedData: ({domain, types, primaryType, message}: TypedData): Promise<Hex> => {
    const digest = typedDataDigest(domain, primaryType, types[primaryType] as TypedField[], message)
    const bytes = secp256k1.sign(digest, hexToBytes(privateKey.slice(2)), {prehash: false, format: 'recovered'})
    return Promise.resolve<Hex>(`0x${bytesToHex(bytes.slice(1))}${(27 + bytes[0]!).toString(16)}`)
  },
})

interface TypedData {
  readonly domain: {readonly name: string; readonly chainId: number}
  readonly types: Record<string, {name: string; type: string}[]>
  readonly primaryType: string
  readonly message: Record<string, unknown>
}

let venue: Awaited<ReturnType<typeof startVenue>>
let info: InfoClient
let exchange: ExchangeClient

beforeAll(async () => {
  // A client of the public network stamps nonces with the machine's clock: the venue runs in real time here.
  venue = await startVenue({stepped: false})
  const transport = new HttpTransport({apiUrl: venue.url, isTestnet: true})
  info = new InfoClient({transport})
  exchange = new ExchangeClient({transport, wallet: wallet(AGENT)})
})
afterAll(() => venue.sim.stop())

describe('an unchanged public client', () => {
  it('reads market data', async () => {
    const user = venue.user as Hex
    const meta = await info.meta()
    expect(meta.universe[0]!.name).toBe('BTC')
    const [, contexts] = await info.metaAndAssetCtxs()
    expect(contexts).toHaveLength(meta.universe.length)
    const book = await info.l2Book({coin: 'ETH'})
    expect(book!.levels[0]).toHaveLength(20)
    const candles = await info.candleSnapshot({coin: 'ETH', interval: '1d', startTime: 0})
    expect(candles.length).toBe(3651)
    const funding = await info.fundingHistory({coin: 'ETH', startTime: candles.at(-3)!.t})
    expect(funding.length).toBeGreaterThanOrEqual(48)
    expect((await info.userFees({user})).userCrossRate).toBe('0.00045')
    expect((await info.userRole({user: addressOf(AGENT) as Hex})).role).toBe('agent')
    expect((await info.extraAgents({user}))[0]!.name).toBe('qo')
  })

  it('places, finds, cancels and trades', async () => {
    const user = venue.user as Hex
    const asset = venue.assetOf('BERYL')
    const {bid, ask} = await venue.touch('BERYL')
    const limit = (isBuy: boolean, px: string, tif: 'Alo' | 'Ioc') => ({
      orders: [{a: asset, b: isBuy, p: wire(px), s: '20', r: false, t: {limit: {tif}}}],
      grouping: 'na' as const,
    })
    const low = String(Number((Number(bid.px) * 0.95).toPrecision(4)))
    const placed = await exchange.order(limit(true, low, 'Alo'))
    const [status] = placed.response.data.statuses
    const {oid} = (status as {resting: {oid: number}}).resting
    expect((await info.frontendOpenOrders({user})).map((order) => order.oid)).toEqual([oid])
    await exchange.cancel({cancels: [{a: asset, o: oid}]})
    expect(await info.openOrders({user})).toEqual([])
    await exchange.updateLeverage({asset, isCross: true, leverage: 4})
    // The best offer may have moved since it was read.
    const high = String(Number((Number(ask.px) * 1.01).toPrecision(4)))
    await exchange.order(limit(true, high, 'Ioc'))
    const {assetPositions} = await info.clearinghouseState({user})
    expect(assetPositions[0]!.position).toMatchObject({coin: 'BERYL', szi: '20.0', leverage: {type: 'cross', value: 4}})
    const rejected = exchange.cancel({cancels: [{a: asset, o: oid}]})
    await expect(rejected).rejects.toThrow(/never placed, already canceled, or filled/)
  })
})
