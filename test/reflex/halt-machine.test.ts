import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {OpenOrder} from '../../src/contracts/orders.ts'
import type {HaltMarket} from '../../src/reflex/flatten-slice.ts'
import {type HaltProgress, type HaltView, planHalt, startHalt} from '../../src/reflex/halt-machine.ts'

const MARKET: HaltMarket = {
  sizeDecimals: 3,
  markPx: '2000',
  bids: [
    {px: '1999', sz: '3'},
    {px: '1981', sz: '4'},
    {px: '1950', sz: '100'},
  ],
  asks: [
    {px: '2001', sz: '3'},
    {px: '2019', sz: '4'},
    {px: '2050', sz: '100'},
  ],
}

const orderOf = (over: Partial<OpenOrder> = {}): OpenOrder => ({
  oid: '1',
  cloid: null,
  coin: 'ETH',
  side: 'buy',
  px: '1990',
  sz: '1',
  reduceOnly: false,
  isTrigger: false,
  time: 1,
  ...over,
})

const viewOf = (over: Partial<HaltView> = {}): HaltView => ({
  at: 1_000_000,
  monotonic: 0,
  orders: [],
  positions: [],
  markets: new Map([['ETH', MARKET]]),
  fenceUntil: null,
  ...over,
})

const flatten = startHalt('flatten', 0)

describe('the order of work in a halt', () => {
  it('cancels what can increase risk and leaves stops until the position is gone', () => {
    const stop = orderOf({oid: '2', side: 'sell', reduceOnly: true, isTrigger: true})
    const positions = [{coin: 'ETH', szi: '1'}]
    const {step} = planHalt(flatten, viewOf({orders: [orderOf(), stop], positions}))
    expect(step).toEqual({do: 'cancel', orders: [orderOf()]})
    expect(planHalt(flatten, viewOf({orders: [stop], positions})).step.do).toBe('flatten')
    expect(planHalt(flatten, viewOf({orders: [stop]})).step).toEqual({do: 'cancel', orders: [stop]})
  })

  it('keeps position and stop under the cancel policy and cancels stops of coins that are flat', () => {
    const kept = orderOf({oid: '2', side: 'sell', reduceOnly: true, isTrigger: true})
    const orphan = orderOf({oid: '3', coin: 'BTC', reduceOnly: true})
    const positions = [{coin: 'ETH', szi: '1'}]
    const cancel = startHalt('cancel', 0)
    expect(planHalt(cancel, viewOf({orders: [kept, orphan], positions})).step).toEqual({do: 'cancel', orders: [orphan]})
    expect(planHalt(cancel, viewOf({orders: [kept], positions})).step.do).toBe('wait')
  })
})

describe('flattening', () => {
  it('sells reduce-only no more than the book shows inside 1 % of mark', () => {
    const {step} = planHalt(flatten, viewOf({positions: [{coin: 'ETH', szi: '20'}]}))
    expect(step).toEqual({do: 'flatten', slices: [{coin: 'ETH', side: 'sell', sz: '7', px: '1980', tif: 'Ioc'}]})
  })

  it('buys back a short the same way', () => {
    const {step} = planHalt(flatten, viewOf({positions: [{coin: 'ETH', szi: '-2.5'}]}))
    expect(step).toEqual({do: 'flatten', slices: [{coin: 'ETH', side: 'buy', sz: '2.5', px: '2020', tif: 'Ioc'}]})
  })

  it('widens the collar to 3 % and not further', () => {
    const view = viewOf({positions: [{coin: 'ETH', szi: '200'}]})
    let progress = flatten
    const prices = Array.from({length: 5}, () => {
      const planned = planHalt(progress, view)
      progress = planned.progress
      return planned.step.do === 'flatten' ? planned.step.slices[0]?.px : null
    })
    expect(prices).toEqual(['1980', '1960', '1940', '1940', '1940'])
  })

  it('waits, and does not sell into the hole, when nothing is shown inside the collar', () => {
    const hole = {...MARKET, bids: [{px: '1400', sz: '100'}]}
    const {step} = planHalt(flatten, viewOf({positions: [{coin: 'ETH', szi: '1'}], markets: new Map([['ETH', hole]])}))
    expect(step.do).toBe('wait')
    const blind = viewOf({positions: [{coin: 'ETH', szi: '1'}], markets: new Map()})
    expect(planHalt(flatten, blind).step.do).toBe('wait')
  })

  it('rests one post-only order at the touch while the venue takes nothing else', () => {
    const postOnly = {...flatten, postOnly: true}
    const positions = [{coin: 'ETH', szi: '2'}]
    const {step} = planHalt(postOnly, viewOf({positions}))
    expect(step).toEqual({do: 'flatten', slices: [{coin: 'ETH', side: 'sell', sz: '2', px: '2001', tif: 'Alo'}]})
    const resting = [orderOf({side: 'sell', reduceOnly: true})]
    expect(planHalt(postOnly, viewOf({positions, orders: resting})).step.do).toBe('wait')
  })

  it('calls a rest below 10 USD dust after three tries', () => {
    const view = viewOf({positions: [{coin: 'ETH', szi: '0.004'}]})
    let progress = flatten
    for (let i = 0; i < 3; i++) {
      const planned = planHalt(progress, view)
      expect(planned.step).toMatchObject({do: 'flatten', slices: [{sz: '0.004'}]})
      progress = planned.progress
    }
    const settled = planHalt(progress, view)
    expect(settled.step.do).toBe('wait')
    expect([...settled.progress.dust]).toEqual(['ETH'])
  })

  it('never takes a size that cannot be read for flat', () => {
    expect(planHalt(flatten, viewOf({positions: [{coin: 'ETH', szi: 'NaN'}]})).step).toMatchObject({do: 'wait'})
    expect(planHalt(flatten, viewOf({positions: [{coin: 'ETH', szi: 'NaN'}]})).progress.state).toBe('FLATTENING')
  })
})

describe('proof', () => {
  it('needs two clean reads 2 s apart', () => {
    const first = planHalt(flatten, viewOf({monotonic: 0}))
    expect(first.step).toMatchObject({do: 'wait', ms: 2000})
    const early = planHalt(first.progress, viewOf({monotonic: 1999}))
    expect(early.step).toMatchObject({do: 'wait', ms: 1})
    expect(planHalt(early.progress, viewOf({monotonic: 2000}))).toMatchObject({
      step: {do: 'finish'},
      progress: {state: 'HALTED_CLEAN'},
    })
  })

  it('starts again when an order shows between the two', () => {
    const first = planHalt(flatten, viewOf({monotonic: 0}))
    const late = planHalt(first.progress, viewOf({monotonic: 1000, orders: [orderOf()]}))
    expect(late.step.do).toBe('cancel')
    expect(planHalt(late.progress, viewOf({monotonic: 2500})).step).toMatchObject({do: 'wait', ms: 2000})
  })

  it('waits until the last order in flight has expired', () => {
    const fenced = viewOf({fenceUntil: 1_000_000 + 5000})
    const {progress, step} = planHalt(flatten, fenced)
    expect(step.do).toBe('wait')
    expect(progress.cleanReads).toEqual([])
    expect(planHalt(progress, viewOf({at: 1_006_000, fenceUntil: 1_005_000})).progress.cleanReads).toHaveLength(1)
  })

  it('is dirty after a minute, and still ends clean', () => {
    const stuck = viewOf({monotonic: 60_000, positions: [{coin: 'ETH', szi: '1'}], markets: new Map()})
    expect(planHalt(flatten, stuck).progress.state).toBe('HALTED_DIRTY')
    const first = planHalt(flatten, viewOf({monotonic: 70_000}))
    expect(first.progress.state).toBe('HALTED_DIRTY')
    expect(planHalt(first.progress, viewOf({monotonic: 72_000})).progress.state).toBe('HALTED_CLEAN')
  })
})

/** A venue that fills, cancels and accepts late as the script says; every action may fail. */
interface Model {
  orders: OpenOrder[]
  positions: Map<string, number>
  inFlight: {order: OpenOrder; lands: number}[]
}

describe('whatever the venue does', () => {
  const script = fc.record({
    position: fc.integer({min: -8, max: 8}),
    orders: fc.array(fc.record({side: fc.constantFrom('buy' as const, 'sell' as const), reduceOnly: fc.boolean()}), {
      maxLength: 6,
    }),
    late: fc.array(fc.integer({min: 0, max: 14_000}), {maxLength: 3}),
    fails: fc.array(fc.boolean(), {maxLength: 25}),
    restarts: fc.array(fc.nat(20), {maxLength: 3}),
  })

  it('clean means that the venue holds no order and no position, wherever the guard was restarted', () => {
    fc.assert(
      fc.property(script, ({position, orders, late, fails, restarts}) => {
        const start = 1_000_000
        const model: Model = {
          orders: orders.map((order, i) => orderOf({...order, oid: `o${i}`})),
          positions: new Map(position === 0 ? [] : [['ETH', position]]),
          inFlight: late.map((after, i) => ({order: orderOf({oid: `late${i}`}), lands: start + after})),
        }
        const fence = late.length > 0 ? start + 15_000 : null
        let progress: HaltProgress = startHalt('flatten', 0)
        let clock = 0
        for (let turn = 0; turn < 300; turn++) {
          if (restarts.includes(turn)) progress = startHalt('flatten', clock)
          for (const {order, lands} of model.inFlight) if (lands <= start + clock) model.orders.push(order)
          model.inFlight = model.inFlight.filter(({lands}) => lands > start + clock)
          const positions = [...model.positions].map(([coin, szi]) => ({coin, szi: String(szi)}))
          const planned = planHalt(
            progress,
            viewOf({at: start + clock, monotonic: clock, orders: [...model.orders], positions, fenceUntil: fence}),
          )
          progress = planned.progress
          if (planned.step.do === 'finish') {
            expect([model.orders, [...model.positions], model.inFlight]).toEqual([[], [], []])
            return
          }
          if (planned.step.do === 'wait') clock += planned.step.ms
          else if (!fails[turn]) act(model, planned.step)
          clock += 50
        }
        throw new Error('never came to an end')
      }),
      {numRuns: 300},
    )
  })
})

function act(model: Model, step: Exclude<ReturnType<typeof planHalt>['step'], {do: 'wait'} | {do: 'finish'}>): void {
  if (step.do === 'cancel') {
    const gone = new Set(step.orders.map(({oid}) => oid))
    model.orders = model.orders.filter(({oid}) => !gone.has(oid))
    return
  }
  for (const {coin, side, sz} of step.slices) {
    const held = model.positions.get(coin) ?? 0
    // Half of it fills: reduce-only never flips.
    const filled = Math.min(Math.abs(held), Math.max(1, Math.ceil(Number(sz) / 2)))
    const left = held + (side === 'buy' ? filled : -filled)
    if (left === 0) model.positions.delete(coin)
    else model.positions.set(coin, left)
  }
}
