import {describe, expect, it} from 'vitest'
import {type ControlVerdict, cloidOf, type Intent} from '../../src/contracts/orders.ts'
import type {Guard} from '../../src/guard/guard.ts'
import {OrderLog} from '../../src/guard/order-log.ts'
import {sendAction} from '../../src/guard/send-action.ts'
import type {VenueLink} from '../../src/guard/venue-link.ts'
import {VenueView} from '../../src/guard/venue-view.ts'
import {newPrivateKey} from '../../src/io/venues/hyperliquid/signing.ts'

const clock = {now: () => 0, monotonic: () => 0, sleep: async () => undefined} as unknown as Guard['clock']
const named = {strategy: 'test', bar: 1, coin: 'BTC', seq: 0}
const intent: Intent = {
  ...{...named, cloid: cloidOf(named), parent: 'p', side: 'buy', sz: '2', px: '10', tif: 'Ioc', reduceOnly: false},
}
const passed = {pass: true} as ControlVerdict

describe('a latch that comes down while the way to the venue is being looked up', () => {
  it('still stops the signed order', async () => {
    let isLatched = false
    const sent: unknown[] = []
    const send = async (body: unknown) => {
      sent.push(body)
      return {kind: 'unknown', reason: 'no venue'}
    }
    const operator = async () => {
      isLatched = true
    }
    const guard = {
      ...{clock, log: new OrderLog(), privateKey: newPrivateKey(), nonces: {next: () => 7}},
      view: {venueTime: 1_000, spend: () => undefined},
      now: {memoryLatch: false, halting: false},
      latch: {look: () => (isLatched ? 'engaged' : 'absent')},
      journal: {append: async () => undefined},
      link: {line: () => operator().then(() => send)},
    } as unknown as Guard
    const outgoing = {kind: 'order', action: {type: 'order'}, cloids: [intent.cloid], messages: 1} as const
    expect(await sendAction(guard, {...outgoing, stoppable: true})).toMatchObject({kind: 'stopped'})
    expect(sent).toEqual([])
  })
})

describe('an order in flight while the account is read', () => {
  it('counts as working when its fill comes after the positions were read', async () => {
    const log = new OrderLog()
    const order = log.decided(intent, passed, 1)
    const replies: Record<string, unknown> = {
      frontendOpenOrders: [],
      metaAndAssetCtxs: [{universe: []}, []],
      userRateLimit: {nRequestsUsed: 0, nRequestsCap: 1},
    }
    const link = {
      async ask(schema: {parse(value: unknown): unknown}, {type}: {type: string}) {
        if (type !== 'clearinghouseState') return schema.parse(replies[type])
        // The venue has answered: now the fill, and its word is here first.
        log.apply({...order, phase: 'filled', filledSz: '2'})
        return schema.parse({marginSummary: {accountValue: '100'}, assetPositions: [], time: 5})
      },
    } as unknown as VenueLink
    const view = new VenueView(link, '0x', clock, log)
    await view.refresh([])
    expect(view.account([])?.working).toMatchObject([{coin: 'BTC', sz: '2'}])
    await view.refresh([])
    expect(view.account([])?.working).toEqual([])
  })
})
