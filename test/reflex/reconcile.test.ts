import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Fill, OpenOrder} from '../../src/contracts/orders.ts'
import {reconcile, uniqueFills} from '../../src/reflex/reconcile.ts'

const cloid = `0x${'c'.repeat(32)}`
const fillOf = (tid: string, lots: number, start: number, change: Partial<Fill> = {}): Fill => ({
  tid,
  oid: '1',
  cloid,
  coin: 'BTC',
  side: lots > 0 ? 'buy' : 'sell',
  px: '100',
  sz: String(Math.abs(lots)),
  fee: '0',
  closedPnl: '0',
  startPosition: String(start),
  dir: 'Open Long',
  crossed: true,
  time: 5,
  ...change,
})
const orderOf = (id: string | null): OpenOrder => ({
  oid: '9',
  cloid: id,
  coin: 'BTC',
  side: 'buy',
  px: '1',
  sz: '1',
  reduceOnly: false,
  isTrigger: false,
  time: 1,
})
const clean = {
  before: new Map([['BTC', '1']]),
  fills: [fillOf('a', 2, 1), fillOf('b', -5, 3)],
  known: new Set([cloid]),
  resting: new Set<string>(),
  positions: new Map([['BTC', '-2']]),
  openOrders: [],
}

describe('reconcile', () => {
  it('finds nothing when start plus fills is the position', () => {
    expect(reconcile(clean)).toEqual([])
    expect(reconcile({...clean, fills: [...clean.fills, ...clean.fills]})).toEqual([])
  })

  it('names a position the fills do not explain', () => {
    expect(reconcile({...clean, positions: new Map([['BTC', '-1']])})).toEqual([
      {kind: 'position', asset: 'BTC', expected: '-2', venue: '-1'},
    ])
  })

  it('names a fill of somebody else and the hole a missing fill leaves', () => {
    expect(reconcile({...clean, known: new Set()}).map(({kind}) => kind)).toEqual(['foreign_fill', 'foreign_fill'])
    const holed = {...clean, fills: [fillOf('a', 2, 1), fillOf('c', -4, 2, {time: 9})]}
    expect(reconcile(holed).map(({kind}) => kind)).toEqual(['position', 'fill_gap'])
  })

  it('names an order only the venue knows and one only the journal knows', () => {
    expect(reconcile({...clean, openOrders: [orderOf(null)]}).map(({kind}) => kind)).toEqual(['orphan_order'])
    expect(reconcile({...clean, resting: new Set([cloid])}).map(({kind}) => kind)).toEqual(['lost_order'])
    expect(reconcile({...clean, resting: new Set([cloid]), openOrders: [orderOf(cloid)]})).toEqual([])
  })
})

describe('uniqueFills', () => {
  it('puts fills of one millisecond in the order of the position chain, whatever the order of arrival', () => {
    const sizes = fc.array(fc.integer({min: 1, max: 9}), {minLength: 1, maxLength: 6})
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat()), (lots, random) => {
        let position = 0
        const chain = lots.map((lot, i) => {
          const fill = fillOf(String(i), lot, position)
          position += lot
          return fill
        })
        const mixed = chain
          .flatMap((fill) => [fill, {...fill}])
          .map((fill) => ({fill, at: random.next().value as number}))
          .sort((a, b) => a.at - b.at)
          .map(({fill}) => fill)
        expect(uniqueFills(mixed)).toEqual(chain)
      }),
    )
  })
})
