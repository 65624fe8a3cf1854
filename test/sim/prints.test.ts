import {describe, expect, it} from 'vitest'
import {HOUR_MS} from '../../src/kernel/instant.ts'
import {generatedListing} from '../../src/sim/listing.ts'
import {aggregate, type Bar} from '../../src/sim/market/bars.ts'
import {HISTORY_END} from '../../src/sim/market/generated-history.ts'
import type {MarketSource, Print} from '../../src/sim/market/market-source.ts'
import {scenarioNamed} from '../../src/sim/scenario.ts'
import {startVenue} from './venue-fixture.ts'

const MINUTE_MS = 60_000
const listed = () => generatedListing(7, scenarioNamed('demo')).filter(({market}) => market.trades)
const barOf = (prints: readonly Print[]): Bar =>
  aggregate(
    prints.map(({time, px, lots}) => ({t: time, o: px, h: px, l: px, c: px, v: lots, n: 1})),
    MINUTE_MS,
  )[0]!
const printsOf = (market: MarketSource, bar: Bar): readonly Print[] => market.prints(bar.t - 1, bar.t + MINUTE_MS - 1)

describe('the prints of the scripted market', () => {
  it('have the volume, count, open and close of each minute and stay inside its high and low', () => {
    for (const {name, market} of listed()) {
      for (const bar of market.minutes(HISTORY_END + HOUR_MS).slice(-65, -1)) {
        if (bar.v === 0) continue
        const {o, h, l, c, v, n} = barOf(printsOf(market, bar))
        // A single print closes its minute; it cannot open it at another price as well.
        expect({o: n === 1 ? bar.o : o, c, v, n}, name).toEqual({o: bar.o, c: bar.c, v: bar.v, n: bar.n})
        expect(h <= bar.h && l >= bar.l, name).toBe(true)
        if (n >= 4) expect([h, l], name).toEqual([bar.h, bar.l])
      }
    }
  })

  it('are the same for one look and for many', () => {
    const [once, often] = [listed()[0]!.market, listed()[0]!.market]
    const [from, to] = [HISTORY_END - MINUTE_MS, HISTORY_END + 5 * MINUTE_MS]
    const pieces: Print[] = []
    for (let t = from; t < to; t += 700) pieces.push(...often.prints(t, Math.min(to, t + 700)))
    expect(pieces).toEqual(once.prints(from, to))
    expect(pieces.every(({time}, i) => i === 0 || time >= pieces[i - 1]!.time)).toBe(true)
    expect(new Set(pieces.map(({tid}) => tid)).size).toBe(pieces.length)
  })

  it('hold the trades of clients, and so do the candles', async () => {
    const {sim, act, order, control, touch, user} = await startVenue()
    try {
      await control('step', {ms: 20_500})
      const {ask} = await touch('JADE')
      await act(order('JADE', true, '30', ask.px, 'Ioc'))
      await control('step', {ms: 2 * MINUTE_MS})
      const {market, szDecimals} = sim.state.listing.find(({name}) => name === 'JADE')!
      const bar = market.minutes(sim.state.clock.now()).at(-3)!
      const prints = printsOf(market, bar)
      const mine = prints.filter(({users}) => users[0] === user)
      expect(mine.reduce((sum, {lots}) => sum + lots, 0)).toBe(30 * 10 ** szDecimals)
      expect(mine.every(({takerIsBuy}) => takerIsBuy)).toBe(true)
      const {v, n, h, l} = barOf(prints)
      expect({v, n, h, l}).toEqual({v: bar.v, n: bar.n, h: bar.h, l: bar.l})
      expect(market.hours(sim.state.clock.now()).at(-1)!.v).toBe(
        market
          .minutes(sim.state.clock.now())
          .slice(-3)
          .reduce((sum, minute) => sum + minute.v, 0),
      )
    } finally {
      await sim.stop()
    }
  })
})
