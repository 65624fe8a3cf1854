import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Fill, Intent} from '../../src/contracts/orders.ts'
import {add, decimal, decimalText} from '../../src/kernel/decimal.ts'
import {advance, type Child, type ChildEvent, isOver, plannedChild} from '../../src/reflex/order-machine.ts'

const intent: Intent = {
  cloid: `0x${'a'.repeat(32)}`,
  strategy: 'book',
  parent: 'book|1|BTC',
  bar: 1,
  seq: 0,
  coin: 'BTC',
  side: 'buy',
  sz: '1',
  px: '100',
  tif: 'Alo',
  reduceOnly: false,
}
const fillOf = (tid: string, sz: string): Fill => ({
  tid,
  oid: '7',
  cloid: intent.cloid,
  coin: 'BTC',
  side: 'buy',
  px: '100',
  sz,
  fee: '0.01',
  closedPnl: '0',
  startPosition: '0',
  dir: 'Open Long',
  crossed: false,
  time: 1,
})
const run = (events: readonly ChildEvent[]): Child => events.reduce(advance, plannedChild(intent))
const report = (phase: Extract<ChildEvent, {kind: 'reported'}>['phase'], filledSz = '0'): ChildEvent => ({
  kind: 'reported',
  phase,
  filledSz,
  reason: null,
})

describe('order machine', () => {
  it('walks from planned to filled', () => {
    const steps: ChildEvent[] = [
      {kind: 'journaled'},
      {kind: 'sent', at: 5},
      report('open'),
      {kind: 'fill', fill: fillOf('1', '0.4')},
      {kind: 'fill', fill: fillOf('2', '0.6')},
    ]
    const phases = steps.map((_, i) => run(steps.slice(0, i + 1)).phase)
    expect(phases).toEqual(['journaled', 'sent', 'open', 'partly_filled', 'filled'])
  })

  it('counts a fill once, however often it is told', () => {
    const fill: ChildEvent = {kind: 'fill', fill: fillOf('1', '0.4')}
    expect(run([{kind: 'sent', at: 0}, fill, fill, fill]).filled).toBe('0.4')
  })

  it('believes a fill before the acknowledgement and after the cancel', () => {
    expect(run([{kind: 'sent', at: 0}, {kind: 'fill', fill: fillOf('1', '0.3')}, report('open')]).filled).toBe('0.3')
    const late = run([report('open'), report('cancelled'), {kind: 'fill', fill: fillOf('1', '0.3')}])
    expect(late).toMatchObject({phase: 'cancelled', filled: '0.3'})
  })

  it('leaves unknown only by a report', () => {
    const lost = run([{kind: 'journaled'}, {kind: 'sent', at: 0}, {kind: 'no_answer', reason: 'timeout'}])
    expect(lost.phase).toBe('unknown')
    expect(advance(lost, {kind: 'sent', at: 9}).phase).toBe('unknown')
    expect(advance(lost, report('never_placed')).phase).toBe('expired')
  })

  it('does not reopen an order that is over', () => {
    expect(run([report('cancelled'), report('open'), {kind: 'no_answer', reason: 'late'}]).phase).toBe('cancelled')
  })

  it('quarantines a fill that is not its own, and more coins than were ordered', () => {
    const wrong = {...fillOf('1', '0.5'), side: 'sell' as const}
    expect(run([report('open'), {kind: 'fill', fill: wrong}])).toMatchObject({filled: '0', phase: 'open'})
    expect(run([report('open'), {kind: 'fill', fill: wrong}]).quarantined).toMatch(/sell/)
    expect(run([{kind: 'fill', fill: fillOf('1', '1.5')}])).toMatchObject({phase: 'filled'})
    expect(run([{kind: 'fill', fill: fillOf('1', '1.5')}]).quarantined).toMatch(/1\.5 of 1/)
  })

  it('ends with the same fills in whatever order and however often the events arrive', () => {
    const fills = fc
      .array(fc.integer({min: 1, max: 25}), {minLength: 1, maxLength: 4})
      .map((parts) => parts.map((part, i) => fillOf(String(i), decimalText({units: BigInt(part), scale: 2}))))
    const noise = fc.array(fc.constantFrom<ChildEvent>(report('open'), {kind: 'sent', at: 0}, {kind: 'journaled'}))
    fc.assert(
      fc.property(fills, noise, fc.infiniteStream(fc.nat()), (list, extra, random) => {
        const events = [...list, ...list].map((fill): ChildEvent => ({kind: 'fill', fill}))
        const mixed = [...events, ...extra, report('cancelled')]
          .map((event) => ({event, at: random.next().value as number}))
          .sort((a, b) => a.at - b.at)
          .map(({event}) => event)
        const child = run(mixed)
        expect(child.filled).toBe(decimalText(list.reduce((sum, {sz}) => add(sum, decimal(sz)), decimal('0'))))
        expect(child.fills).toHaveLength(list.length)
        expect(isOver(child)).toBe(true)
        expect(child.quarantined).toBeNull()
      }),
    )
  })
})
