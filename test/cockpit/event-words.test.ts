import {describe, expect, it} from 'vitest'
import {eventWords} from '../../src/cockpit/event-words.ts'

describe('an event in one line', () => {
  it('says what was traded, refused, counted or halted, wherever it stands in the body', () => {
    expect(
      eventWords({
        tid: '12345678901234567890',
        coin: 'BTC',
        side: 'sell',
        px: '34684',
        sz: '0.05',
        fee: '0.2',
        time: 1.7e12,
      }),
    ).toBe('sell 0.05 BTC 34684 fee 0.2')
    expect(
      eventWords({
        intent: {coin: 'ETH', side: 'buy', sz: '1', px: '2000'},
        verdict: {control: 'C06', reason: 'too large', pass: false},
      }),
    ).toBe('C06 too large buy 1 ETH 2000')
    expect(eventWords({state: 'done', mode: 'paper', traded: 18, vetoed: 0, cost_bps: 10.36})).toBe(
      'done traded 18 vetoed 0 cost bps 10.4 mode paper',
    )
    expect(eventWords({cause: 'operator', reason: 'drill', boot: 'x'})).toBe('operator drill')
    expect(eventWords({equity: '100', differences: [], positions: {BTC: '1'}})).toBe('equity 100 0 differences')
    expect(eventWords({latched: false, pid: 7})).toBe('not latched pid 7')
  })

  it('leaves out ids and hashes, and says nothing of a body it does not know', () => {
    expect(eventWords({cloid: `0x${'a'.repeat(32)}`, nonce: 1.7e12, cloids: ['x']})).toBe('')
  })
})
