import {describe, expect, it} from 'vitest'
import type {AccountSnapshot} from '../../src/contracts/orders.ts'
import {compareLimits} from '../../src/reflex/compare-limits.ts'
import {LIMITS, NOON} from './controls/control-fixture.ts'

const context = {selected: null, dailySigma: null, dayLowEquity: null}
const position = (coin: string, szi: string, markPx: string | null) => ({
  coin,
  szi,
  markPx,
  entryPx: markPx,
  unrealizedPnl: '0',
})
const accountOf = (over: Partial<AccountSnapshot> = {}): AccountSnapshot => ({
  account: '0xa',
  at: NOON,
  equity: '100000',
  dayStartEquity: '100000',
  positions: [],
  openOrders: [],
  ...over,
})
const breached = (over: Partial<AccountSnapshot>, low: string | null = null): string[] =>
  compareLimits(LIMITS, accountOf(over), {...context, dayLowEquity: low}).breaches.map(
    ({control, subject}) => `${control} ${subject}`,
  )

describe('an account against its limits', () => {
  it('is within them when flat', () => {
    const {limits, breaches} = compareLimits(LIMITS, accountOf(), context)
    expect(breaches).toEqual([])
    expect(limits.map(({control}) => control)).toEqual(['C11', 'C11', 'C20', 'C21', 'C21'])
  })

  it('may use a limit in full and not one coin more', () => {
    expect(breached({positions: [position('ETH', '25', '2000')]})).toEqual([])
    expect(breached({positions: [position('ETH', '-25.001', '2000')]})).toEqual(['C10 ETH'])
  })

  it('counts open orders as filled', () => {
    const order = {
      oid: '1',
      cloid: null,
      coin: 'ETH',
      side: 'buy' as const,
      px: '2000',
      sz: '1',
      reduceOnly: false,
      isTrigger: false,
      time: 1,
    }
    expect(breached({positions: [position('ETH', '24.5', '2000')], openOrders: [order]})).toEqual(['C10 ETH'])
    expect(breached({openOrders: [order]})).toEqual([])
  })

  it('breaches gross and net leverage separately', () => {
    const hedge = [
      position('BTC', '1', '48000'),
      position('ETH', '-24', '2000'),
      position('SOL', '480', '100'),
      position('XRP', '-30000', '2'),
    ]
    expect(breached({positions: hedge})).toEqual(['C10 XRP', 'C11 gross leverage'])
  })

  it('calls an exposure that cannot be measured a breach', () => {
    expect(breached({positions: [position('ETH', '1', null)]})).toContain('C10 ETH')
    expect(breached({equity: '-5'})).toContain('C11 gross leverage')
  })

  it("measures the day's loss at its lowest point", () => {
    expect(breached({equity: '99000'})).toEqual([])
    expect(breached({equity: '99000'}, '96000')).toEqual(['C21 daily loss, reduce-only'])
    expect(breached({equity: '94000'})).toEqual(['C21 daily loss, reduce-only', 'C21 daily loss, halt'])
  })
})
