import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {addressOf} from '../../src/io/venues/hyperliquid/signing.ts'
import {first, MASTER, OTHER, startVenue, wire} from './venue-fixture.ts'

let venue: Awaited<ReturnType<typeof startVenue>>
beforeAll(async () => {
  venue = await startVenue()
})
afterAll(() => venue.sim.stop())

describe('who may act', () => {
  it('a stranger does not exist, and is named by the address its signature recovers to', async () => {
    const reply = await venue.act({type: 'noop'}, {key: OTHER})
    expect(reply).toEqual({status: 'err', response: `User or API Wallet ${addressOf(OTHER)} does not exist.`})
  })

  it('a signature over other bytes recovers to a stranger', async () => {
    const {bid} = await venue.touch('JADE')
    const signed = venue.order('JADE', true, '100', bid.px, 'Alo')
    const [order] = signed['orders'] as Record<string, unknown>[]
    const sent = {...signed, orders: [{...order, s: '101'}]}
    const reply = await venue.act(signed, {body: {action: sent}})
    expect(reply.status).toBe('err')
    expect(reply.response).toMatch(/^User or API Wallet 0x[0-9a-f]{40} does not exist\.$/)
  })

  it('trailing zeros and an explicit false are not what the venue hashes', async () => {
    for (const action of [
      venue.order('JADE', true, '100.0', '6.4', 'Alo', {s: '100.0'}),
      {type: 'cancel', cancels: [{a: 15, o: 1}], f: false},
    ]) {
      expect((await venue.act(action)).response).toMatch(/does not exist/)
    }
  })

  it('a nonce works once, and not two days early or a day late', async () => {
    const nonce = venue.sim.state.clock.now() + 5000
    expect((await venue.act({type: 'noop'}, {nonce})).status).toBe('ok')
    expect(await venue.act({type: 'noop'}, {nonce})).toEqual({
      status: 'err',
      response: `Invalid nonce: duplicate nonce ${nonce}`,
    })
    const now = venue.sim.state.clock.now()
    for (const far of [now - 2 * 86_400_000, now + 86_400_000]) {
      expect((await venue.act({type: 'noop'}, {nonce: far})).response).toMatch(/Invalid nonce/)
    }
  })

  it('an action past its expiry is not executed and costs five requests', async () => {
    const before = await venue.info<{nRequestsUsed: number}>({type: 'userRateLimit', user: venue.user})
    const {bid} = await venue.touch('JADE')
    const action = venue.order('JADE', true, '100', bid.px, 'Alo')
    const reply = await venue.act(action, {expiresAfter: venue.sim.state.clock.now() - 1})
    expect(reply).toEqual({status: 'err', response: 'Action already expired'})
    const after = await venue.info<{nRequestsUsed: number}>({type: 'userRateLimit', user: venue.user})
    expect(after.nRequestsUsed - before.nRequestsUsed).toBe(5)
  })

  it('bodies that are not actions are unreadable', async () => {
    const bodies = [{}, {action: {type: 'nope'}, nonce: 1, signature: {r: '0x1', s: '0x1', v: 27}}, [], 'x']
    for (const body of bodies) {
      const {status, text} = await venue.post('/exchange', body)
      expect([status, text]).toEqual([422, 'Failed to deserialize the JSON body into the target type'])
    }
  })
})

describe('orders', () => {
  it('rest when post-only and are found by oid and cloid until cancelled', async () => {
    const {bid} = await venue.touch('ONYX')
    const cloid = '0x000000000000000000000000000000aa'
    const status = first(await venue.act(venue.order('ONYX', true, '2', bid.px, 'Alo', {c: cloid})))
    const oid = status.resting!.oid
    const byCloid = await venue.info<{order: {status: string; order: {oid: number; tif: string}}}>({
      type: 'orderStatus',
      user: venue.user,
      oid: cloid,
    })
    expect(byCloid.order).toMatchObject({status: 'open', order: {oid, tif: 'Alo', cloid}})
    const cancel = {type: 'cancelByCloid', cancels: [{asset: venue.assetOf('ONYX'), cloid}]}
    expect(await venue.act(cancel)).toEqual({
      status: 'ok',
      response: {type: 'cancel', data: {statuses: ['success']}},
    })
    expect(first(await venue.act(cancel))).toEqual({
      error: 'Order was never placed, already canceled, or filled.',
    })
    const byOid = await venue.info<{order: {status: string}}>({type: 'orderStatus', user: venue.user, oid})
    expect(byOid.order.status).toBe('canceled')
  })

  it('are refused in the words of the venue', async () => {
    const {bid, ask} = await venue.touch('ONYX')
    const asset = venue.assetOf('ONYX')
    const said = async (action: Record<string, unknown>) => first(await venue.act(action)).error
    const far = wire((Number(ask.px) * 2).toPrecision(4))
    expect(await said(venue.order('ONYX', true, '2', ask.px, 'Alo'))).toBe(
      `Post only order would have immediately matched, bbo was ${wire(bid.px)}@${wire(ask.px)}. asset=${asset}`,
    )
    expect(await said(venue.order('ONYX', true, '2', `${wire(bid.px)}1`, 'Gtc'))).toBe(
      `Price must be divisible by tick size. asset=${asset}`,
    )
    expect(await said(venue.order('ONYX', true, '2.001', bid.px, 'Gtc'))).toBe(`Order has invalid size. asset=${asset}`)
    expect(await said(venue.order('ONYX', true, '0', bid.px, 'Gtc'))).toBe(`Order has zero size. asset=${asset}`)
    expect(await said(venue.order('ONYX', true, '0.1', bid.px, 'Gtc'))).toBe(
      `Order must have minimum value of $10. asset=${asset}`,
    )
    expect(await said(venue.order('ONYX', true, '2', far, 'Gtc'))).toBe(
      `Order price cannot be more than 80% away from the reference price. asset=${asset}`,
    )
    expect(await said(venue.order('ONYX', true, '2', bid.px, 'Ioc'))).toBe(
      `Order could not immediately match against any resting orders. asset=${asset}`,
    )
    expect(await said(venue.order('ONYX', false, '2', ask.px, 'Gtc', {r: true}))).toBe(
      `Reduce only order would increase position. asset=${asset}`,
    )
    expect(await said(venue.order('ONYX', true, '99999', bid.px, 'Gtc'))).toBe(
      `Insufficient margin to place order. asset=${asset}`,
    )
    expect(await said(venue.order('GALENA', true, '100', '1', 'Gtc'))).toBe(
      `Asset is not tradable. asset=${venue.assetOf('GALENA')}`,
    )
  })

  it('walk the book, pay the taker fee to a millionth, and close to a flat account', async () => {
    const {ask} = await venue.touch('RUBY')
    const bought = first(await venue.act(venue.order('RUBY', true, '50', ask.px, 'Ioc'))).filled!
    expect(bought.totalSz).toBe('50.0')
    const fills = await venue.info<Record<string, string>[]>({type: 'userFills', user: venue.user})
    const notional = 50 * Number(ask.px)
    expect(fills[0]).toMatchObject({
      coin: 'RUBY',
      dir: 'Open Long',
      startPosition: '0.0',
      closedPnl: '0.0',
      crossed: true,
    })
    expect(fills[0]!['fee']).toBe(String(Math.floor(notional * 0.00045 * 1e6 + 1e-6) / 1e6))
    const state = await venue.info<{assetPositions: {position: {szi: string; entryPx: string}}[]}>({
      type: 'clearinghouseState',
      user: venue.user,
    })
    expect(state.assetPositions[0]!.position).toMatchObject({szi: '50.0', entryPx: ask.px})
    const {bid} = await venue.touch('RUBY')
    // Larger than the position: capped, because it may only reduce.
    const sold = first(await venue.act(venue.order('RUBY', false, '500', bid.px, 'Ioc', {r: true}))).filled!
    expect(sold.totalSz).toBe('50.0')
    const flat = await venue.info<{assetPositions: unknown[]}>({type: 'clearinghouseState', user: venue.user})
    expect(flat.assetPositions).toEqual([])
    expect(await venue.control('audit')).toMatchObject({ok: true, breaches: []})
  })

  it('fill while resting once the market has traded what was ahead of them', async () => {
    const {bid} = await venue.touch('JADE')
    const oid = first(await venue.act(venue.order('JADE', true, '100', bid.px, 'Alo'))).resting!.oid
    await venue.control('step', {ms: 1000})
    await venue.control('step', {ms: 600_000})
    const fills = await venue.info<{oid: number; crossed: boolean; fee: string; px: string}[]>({
      type: 'userFillsByTime',
      user: venue.user,
      startTime: 0,
    })
    const ours = fills.filter((fill) => fill.oid === oid)
    expect(ours.length).toBeGreaterThan(0)
    expect(ours.every((fill) => !fill.crossed && fill.px === bid.px)).toBe(true)
    expect(await venue.control('audit')).toMatchObject({ok: true})
  })

  it('of two accounts trade with each other at the resting price; with oneself they cancel', async () => {
    await venue.control('account', {user: addressOf(OTHER), usdc: '10000'})
    const {bid, ask} = await venue.touch('OPAL')
    const inside = wire(((Number(bid.px) + Number(ask.px)) / 2).toPrecision(5))
    const maker = first(await venue.act(venue.order('OPAL', false, '200', inside, 'Gtc'))).resting!
    const own = first(await venue.act(venue.order('OPAL', true, '100', inside, 'Ioc')))
    expect(own.error).toMatch(/could not immediately match/)
    const status = await venue.info<{order: {status: string}}>({type: 'orderStatus', user: venue.user, oid: maker.oid})
    expect(status.order.status).toBe('selfTradeCanceled')
    await venue.act(venue.order('OPAL', false, '200', inside, 'Gtc'))
    const taken = first(await venue.act(venue.order('OPAL', true, '200', inside, 'Ioc'), {key: OTHER})).filled!
    expect([taken.totalSz, wire(taken.avgPx)]).toEqual(['200.0', inside])
    expect(await venue.control('audit')).toMatchObject({ok: true})
  })

  it('that may only reduce never outlive the position they reduce', async () => {
    const {ask} = await venue.touch('QUARTZ')
    await venue.act(venue.order('QUARTZ', true, '20', ask.px, 'Ioc'))
    const above = wire((Number(ask.px) * 1.05).toPrecision(4))
    const [older, newer] = [
      first(await venue.act(venue.order('QUARTZ', false, '15', above, 'Gtc', {r: true}))).resting!.oid,
      first(await venue.act(venue.order('QUARTZ', false, '15', above, 'Gtc', {r: true}))).resting!.oid,
    ]
    const statusOf = async (oid: number) =>
      (await venue.info<{order: {status: string}}>({type: 'orderStatus', user: venue.user, oid})).order.status
    expect([await statusOf(older), await statusOf(newer)]).toEqual(['reduceOnlyCanceled', 'open'])
    const {bid} = await venue.touch('QUARTZ')
    await venue.act(venue.order('QUARTZ', false, '20', bid.px, 'Ioc'))
    expect(await statusOf(newer)).toBe('reduceOnlyCanceled')
  })

  it('update leverage within the maximum', async () => {
    const asset = venue.assetOf('JADE')
    const change = (leverage: number) => venue.act({type: 'updateLeverage', asset, isCross: true, leverage})
    expect(await change(3)).toEqual({status: 'ok', response: {type: 'default'}})
    expect((await change(50)).status).toBe('err')
  })

  it('have no dead man switch before a million has been traded', async () => {
    expect((await venue.act({type: 'scheduleCancel'}, {key: MASTER})).response).toMatch(
      /^Cannot set scheduled cancel time until enough volume traded\. Required: \$1000000\. Traded: \$/,
    )
  })
})

describe('funding', () => {
  it('moves cash between the account and the market at each hour, exactly', async () => {
    const {ask} = await venue.touch('BTC')
    await venue.act(venue.order('BTC', true, '0.1', ask.px, 'Ioc'))
    await venue.control('step', {ms: 3_600_000})
    const paid = await venue.info<{delta: {coin: string; usdc: string; szi: string; fundingRate: string}}[]>({
      type: 'userFunding',
      user: venue.user,
      startTime: 0,
    })
    const row = paid.find(({delta}) => delta.coin === 'BTC')!
    expect(row.delta.szi).toBe('0.1')
    expect(Math.sign(Number(row.delta.usdc))).toBe(-Math.sign(Number(row.delta.fundingRate)))
    expect(await venue.control('audit')).toMatchObject({ok: true, breaches: []})
  })
})
