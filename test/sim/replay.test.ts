import {dirname} from 'node:path'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import {replayListing} from '../../src/sim/listing.ts'
import {aggregate} from '../../src/sim/market/bars.ts'
import type {MarketSource} from '../../src/sim/market/market-source.ts'
import {aheadAfterBook, tradeAtPrice, UNSEEN} from '../../src/sim/market/replay-queue.ts'
import {type CoinRecording, readRecording} from '../../src/sim/market/replay-recording.ts'
import {marketData} from '../golden-files.ts'
import {first, startVenue} from './venue-fixture.ts'

const folderOf = (file: string): string | null => {
  const path = marketData(file)
  return path === null ? null : dirname(path)
}
const HYPERLIQUID = folderOf('hl_l2_2025_09_04/l2.parquet')
const BBO_ONLY = folderOf('hl_bbo_trades_btc_2025_09/bbo.parquet')
const STANDX = folderOf('standx_l2_btc/l2.parquet')
const START = 1_757_015_216_253
const END = 1_757_017_304_665
/** the last book before the hole of 18 s, and the first after it */
const HOLE = {from: 1_757_015_891_504, to: 1_757_015_909_480}

const holes = ({books: {times}}: CoinRecording, ms: number): number =>
  times.slice(1).filter((time, i) => time - times[i]! > ms).length
const venue = (replay: string) => startVenue({replay})
type Venue = Awaited<ReturnType<typeof startVenue>>
const at = (venue: Venue, time: number) => venue.control('step', {ms: time - venue.sim.state.clock.now()})

describe.skipIf(!HYPERLIQUID)('a recording of books and trades', () => {
  let coins: CoinRecording[]
  let btc: MarketSource
  beforeAll(async () => {
    coins = await readRecording(HYPERLIQUID!)
    btc = replayListing(coins, 7)[0]!.market
  })

  it('keeps every snapshot and every trade once', () => {
    const facts = coins.map(({name, szDecimals, books, trades, repeatedTrades}) => {
      return {name, szDecimals, books: books.times.length, trades: trades.length, repeatedTrades}
    })
    expect(facts).toEqual([
      {name: 'BTC', szDecimals: 5, books: 3785, trades: 6675, repeatedTrades: 0},
      {name: 'SOL', szDecimals: 2, books: 3785, trades: 4427, repeatedTrades: 10},
    ])
    expect([coins[0]!.books.times[0], coins[0]!.books.times.at(-1)]).toEqual([START, END])
    expect(holes(coins[0]!, 5000)).toBe(1)
  })

  it('quotes twenty levels a side in the integers of the venue', () => {
    const {bids, asks} = btc.quotes(START)
    expect([bids.length, asks.length]).toEqual([20, 20])
    expect(bids[0]).toEqual({px: 109_755_000_000, lots: 324_457})
    expect(asks[0]).toEqual({px: 109_756_000_000, lots: 1_517_236})
    expect(btc.midAt(START)).toBe(109_755_500_000)
  })

  it('has no book inside the hole of 18 s, but a mark', () => {
    expect(btc.bookTime(HOLE.from + 5000)).toBe(HOLE.from)
    expect(btc.bookTime(HOLE.from + 5001)).toBeNull()
    expect(btc.quotes(HOLE.from + 5001)).toEqual({bids: [], asks: []})
    expect(btc.midAt(HOLE.to - 1)).toBe(btc.midAt(HOLE.from))
    expect(btc.bookTime(HOLE.to)).toBe(HOLE.to)
    expect(btc.quotes(HOLE.to).bids).toHaveLength(20)
  })

  it('makes the candles of the recorded trades, and no candle where nothing traded', () => {
    const bars = btc.minutes(END)
    const prints = btc.prints(0, END)
    expect(prints).toHaveLength(coins[0]!.trades.filter(({time}) => time <= END).length)
    const sums = aggregate(
      prints.map(({time: t, px, lots}) => ({t, o: px, h: px, l: px, c: px, v: lots, n: 1})),
      60_000,
    )
    expect(bars).toEqual(sums)
    const t = START + 90_000
    expect(btc.minutes(t).at(-1)!.n).toBe(btc.prints(Math.floor(t / 60_000) * 60_000 - 1, t).length)
  })

  it('gives taken size back with a half-life of two seconds', () => {
    const {market} = replayListing(coins, 7)[0]!
    const shown = market.quotes(START).asks[0]!
    market.take(shown.px, shown.lots, START)
    expect(market.quotes(START).asks[0]!.px).toBeGreaterThan(shown.px)
    const missing = (ms: number): number => {
      const fresh = btc.quotes(START + ms).asks.find(({px}) => px === shown.px)
      const left = market.quotes(START + ms).asks.find(({px}) => px === shown.px)
      return (fresh?.lots ?? 0) - (left?.lots ?? 0)
    }
    expect(missing(400)).toBeLessThanOrEqual(shown.lots)
    market.take(1, 1000, START)
    expect(market.quotes(START + 60_000)).toEqual(btc.quotes(START + 60_000))
  })
})

describe.skipIf(!BBO_ONLY)('a recording of best bids and offers', () => {
  it('is a book of one level, silent between its sessions', async () => {
    const [btc] = await readRecording(BBO_ONLY!)
    expect({books: btc!.books.times.length, trades: btc!.trades.length, repeated: btc!.repeatedTrades}).toEqual({
      ...{books: 27_556, trades: 12_251, repeated: 10},
    })
    const {market} = replayListing([btc!], 7)[0]!
    expect(market.quotes(btc!.books.times[0]!)).toMatchObject({bids: [{lots: 1_689_663}], asks: [{lots: 143_191}]})
    expect(holes(btc!, 60_000)).toBe(6)
  })
})

describe.skipIf(!STANDX)('a recording with locked books', () => {
  let standx: CoinRecording
  beforeAll(async () => {
    standx = (await readRecording(STANDX!))[0]!
  }, 60_000)

  it('keeps the spread of zero that more than half of its snapshots show', () => {
    const {market} = replayListing([standx], 7)[0]!
    const spreads = standx.books.times.map((time) => {
      const {bids, asks} = market.quotes(time)
      return asks[0]!.px - bids[0]!.px
    })
    expect(standx.szDecimals).toBe(4)
    expect(spreads).toHaveLength(21_192)
    expect(spreads.filter((spread) => spread === 0)).toHaveLength(11_578)
    expect(spreads.every((spread) => spread >= 0)).toBe(true)
  })

  it('has a hole of 108 s among many short ones', () => {
    const {times} = standx.books
    expect(Math.max(...times.slice(1).map((time, i) => time - times[i]!))).toBe(107_970)
  })
})

describe.skipIf(!HYPERLIQUID)('the venue on a recording', () => {
  const open: Venue[] = []
  const start = async (): Promise<Venue> => {
    const venue_ = await venue(HYPERLIQUID!)
    open.push(venue_)
    return venue_
  }
  afterAll(() => Promise.all(open.map(({sim}) => sim.stop())))

  it('starts at the first book and shows it with its own time', async () => {
    const one = await start()
    expect(one.sim.state.clock.now()).toBe(START)
    await at(one, START + 100)
    expect(await one.info({type: 'l2Book', coin: 'BTC'})).toMatchObject({time: START})
    expect(one.sim.state.listing.map(({name}) => name)).toEqual(['BTC', 'SOL'])
  })

  it('refuses to match in the hole with the venue’s words, and lets a limit order rest', async () => {
    const one = await start()
    await at(one, HOLE.from + 6000)
    const ioc = first(await one.act(one.order('BTC', true, '0.001', '120000', 'Ioc')))
    expect(ioc.error).toBe('No liquidity available for market order. asset=0')
    const gtc = first(await one.act(one.order('BTC', true, '0.001', '100000')))
    expect(gtc.resting?.oid).toBeGreaterThan(0)
    expect(await one.info({type: 'l2Book', coin: 'SOL'})).toMatchObject({levels: [[], []]})
    await at(one, HOLE.to)
    expect(first(await one.act(one.order('BTC', true, '0.001', '120000', 'Ioc'))).filled).toBeDefined()
  })

  it('says that it has ended and stays silent', async () => {
    const one = await start()
    await at(one, END)
    expect(await one.control('state')).toMatchObject({state: 'running'})
    await at(one, END + 10_000)
    expect(await one.control('state')).toMatchObject({state: 'ended'})
    const {market} = one.sim.state.listing[0]!
    expect(market.bookTime(END + 10_000)).toBeNull()
    expect(market.prints(END, END + 3_600_000)).toEqual([])
  })

  it('fills a resting bid no later than the tape trades through it', async () => {
    const one = await start()
    const {market} = one.sim.state.listing[0]!
    const touch = market.quotes(START).bids[0]!.px
    const through = market.prints(START, END).find(({px}) => px < touch)!
    const reply = first(await one.act(one.order('BTC', true, '0.5', String(touch / 1e6), 'Alo')))
    const order = one.sim.state.orders.get(reply.resting!.oid)!
    expect(order.queueAhead).toBe(324_457)
    await at(one, through.time)
    expect(order.status).toBe('filled')
  })

  it('books the same trades however often it is looked at, and its audit is sound after 500 random orders', async () => {
    const run = async (looks: number) => {
      const one = await start()
      const random = new Random('replay|orders')
      for (let i = 0; i < 250; i++) {
        for (let k = 0; k < looks; k++) await one.control('step', {ms: 4000 / looks})
        for (const coin of ['BTC', 'SOL']) {
          const mid = one.sim.state.listing[one.assetOf(coin)]!.market.midAt(one.sim.state.clock.now()) / 1e6
          const px = (mid * (1 + (random.unit() - 0.5) / 2000)).toPrecision(coin === 'BTC' ? 6 : 5)
          const size = (200 / mid).toFixed(coin === 'BTC' ? 5 : 2)
          await one.act(
            one.order(coin, random.unit() < 0.5, size, px, (['Gtc', 'Ioc', 'Alo'] as const)[random.below(3)]),
          )
        }
      }
      expect(await one.control('audit')).toMatchObject({ok: true, breaches: []})
      return [...one.sim.state.accounts.values()][0]!.fills
    }
    const fills = await run(1)
    expect(fills.length).toBeGreaterThan(100)
    expect(await run(2)).toEqual(fills)
  }, 120_000)
})

describe('the queue model', () => {
  const queued = fc.record({lots: fc.integer({min: 1, max: 500}), ahead: fc.nat(2000)})
  const inLine = fc.array(queued, {maxLength: 6}).map((orders) => orders.sort((a, b) => a.ahead - b.ahead))

  it('never fills more than was traded, and nobody before what is ahead of him', () => {
    fc.assert(
      fc.property(inLine, fc.nat(5000), (orders, lots) => {
        const steps = tradeAtPrice(orders, lots)
        expect(steps.reduce((sum, {filled}) => sum + filled, 0)).toBeLessThanOrEqual(lots)
        for (const [i, {ahead, filled}] of steps.entries()) {
          expect(filled).toBeLessThanOrEqual(orders[i]!.lots)
          expect(ahead).toBeLessThanOrEqual(orders[i]!.ahead)
          if (filled > 0) expect(ahead).toBe(0)
          if (filled > 0) expect(steps.slice(0, i).every((step, k) => step.filled === orders[k]!.lots)).toBe(true)
        }
      }),
    )
  })

  it('fills the same in one trade as in two of the same size', () => {
    fc.assert(
      fc.property(inLine, fc.nat(3000), fc.nat(3000), (orders, a, b) => {
        const whole = tradeAtPrice(orders, a + b).map(({filled}) => filled)
        const half = tradeAtPrice(orders, a)
        const rest = orders.map(({lots}, i) => ({lots: lots - half[i]!.filled, ahead: half[i]!.ahead}))
        const twice = tradeAtPrice(rest, b).map(({filled}, i) => filled + half[i]!.filled)
        expect(twice).toEqual(whole)
      }),
    )
  })

  it('counts displayed size once for all orders behind it', () => {
    const two = [
      {lots: 5, ahead: 10},
      {lots: 5, ahead: 10},
    ]
    expect(tradeAtPrice(two, 18)).toEqual([
      {ahead: 0, filled: 5},
      {ahead: 0, filled: 3},
    ])
  })

  it('lets a level that grows, or shrinks by its trades, keep our place', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000), (ahead, more, traded, grown) => {
        const shown = ahead + more + traded
        expect(aheadAfterBook(ahead, shown, traded, shown - traded + grown)).toBe(ahead)
      }),
    )
  })

  it('moves us up in proportion to what was cancelled, times kappa', () => {
    expect(aheadAfterBook(60, 100, 0, 80)).toBe(54)
    expect(aheadAfterBook(60, 100, 0, 80, 1)).toBe(48)
    expect(aheadAfterBook(60, 100, 0, 80, 0)).toBe(60)
    expect(aheadAfterBook(60, 100, 20, 80)).toBe(60)
  })

  it('never has more ahead than is displayed, and resolves an unseen queue to what is first seen', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000), (ahead, shown, traded, now) => {
        expect(aheadAfterBook(ahead, shown, traded, now)).toBeLessThanOrEqual(Math.min(ahead, now))
      }),
    )
    expect(aheadAfterBook(UNSEEN, 300, 0, 300)).toBe(300)
  })
})
