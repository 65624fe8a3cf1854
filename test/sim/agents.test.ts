import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import {OrderBook} from '../../src/sim/agents/order-book.ts'
import {AgentMarket} from '../../src/sim/market/agent-market.ts'
import {barsOf} from '../../src/sim/market/bars.ts'
import {generatedHistory, HISTORY_END as START} from '../../src/sim/market/generated-history.ts'
import {scenarioNamed} from '../../src/sim/scenario.ts'
import {notional} from '../../src/sim/wire.ts'
import {first, startVenue} from './venue-fixture.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const pasts = generatedHistory(7)
/** One past, and as many ways to go on as there are seeds. */
const marketOf = (coin: string, seed: number): AgentMarket =>
  new AgentMarket({...pasts.find(({name}) => name === coin)!, seed: String(seed)}, scenarioNamed('agents'), START)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Correlation of a series with itself `lag` later. */
function autocorrelation(values: readonly number[], lag: number): number {
  const centre = mean(values)
  const spread = mean(values.map((value) => (value - centre) ** 2))
  return mean(values.slice(lag).map((value, i) => (value - centre) * (values[i]! - centre))) / spread
}

/** A day of one contract, seen once a second. */
function dayOf(coin: string, seed: number) {
  const market = marketOf(coin, seed)
  const mids: number[] = []
  const spreads = {calm: [] as number[], stress: [] as number[]}
  let crossed = 0
  for (let t = START; t < START + 24 * HOUR_MS; t += 1000) {
    const {bids, asks} = market.quotes(t)
    mids.push(market.midAt(t))
    if (!bids[0] || !asks[0]) continue
    if (bids[0].px >= asks[0].px) crossed++
    spreads[market.regime].push((asks[0].px - bids[0].px) / mids.at(-1)!)
  }
  return {market, mids, spreads, crossed}
}

describe('a market of agents', () => {
  const {market, mids, spreads, crossed} = dayOf('OPAL', 9)

  it('has fat tails and clusters of volatility in its one-minute returns, and no trend in them', () => {
    const logs = mids.filter((_, i) => i % 60 === 0).map(Math.log)
    const returns = logs.slice(1).map((log, i) => log - logs[i]!)
    const variance = mean(returns.map((r) => r ** 2))
    const kurtosis = mean(returns.map((r) => r ** 4)) / variance ** 2
    expect(kurtosis).toBeGreaterThan(4)
    expect(kurtosis).toBeLessThan(60)
    const sizes = returns.map(Math.abs)
    expect(autocorrelation(sizes, 1)).toBeGreaterThan(0.1)
    expect(autocorrelation(sizes, 20)).toBeGreaterThan(0.02)
    expect(Math.abs(autocorrelation(returns, 1))).toBeLessThan(0.15)
    // The usual day of this contract moves by some three per cent.
    expect(Math.sqrt(variance * 1440)).toBeGreaterThan(0.01)
    expect(Math.sqrt(variance * 1440)).toBeLessThan(0.12)
  })

  it('quotes wider under stress, and never crosses', () => {
    expect(spreads.stress.length).toBeGreaterThan(600)
    expect(mean(spreads.stress)).toBeGreaterThan(1.3 * mean(spreads.calm))
    expect(crossed).toBe(0)
  })

  it('leaves its makers less than they quote: ten seconds later the price has moved against them', () => {
    let [quoted, realised] = [0, 0]
    for (const {time, px, lots, takerIsBuy} of market.prints(START, START + 24 * HOUR_MS)) {
      const second = Math.floor((time - START) / 1000)
      const [now, later] = [mids[second - 1], mids[second + 10]]
      if (now === undefined || later === undefined) continue
      const sign = takerIsBuy ? lots : -lots
      quoted += (sign * (px - now)) / now
      realised += (sign * (px - later)) / later
    }
    expect(quoted).toBeGreaterThan(0)
    expect(realised).toBeLessThan(0.8 * quoted)
  })

  it('makes its candles of its prints', () => {
    const from = Math.floor((START + 23 * HOUR_MS) / MINUTE_MS) * MINUTE_MS
    const bars = market.minutes(START + 24 * HOUR_MS).filter(({t}) => t >= from && t < START + 24 * HOUR_MS - MINUTE_MS)
    expect(bars.length).toBeGreaterThan(50)
    expect(barsOf(market.prints(from - 1, START + 24 * HOUR_MS - MINUTE_MS - 1), MINUTE_MS)).toEqual(bars)
  })

  it('takes as much as it gives: agents among themselves hold nothing', () => {
    expect(market.holding).toEqual({lots: 0, cash: 0n})
  })
})

describe('a large taker order', () => {
  it('moves the middle, and about half of the move decays within a minute', () => {
    const at = START + 5 * MINUTE_MS
    const [atOnce, aMinuteLater]: [number[], number[]] = [[], []]
    for (let seed = 100; seed < 116; seed++) {
      const [hit, left] = [marketOf('JADE', seed), marketOf('JADE', seed)]
      let lots = Math.round(hit.dailyLots * 1e-3)
      left.midAt(at)
      for (const level of hit.quotes(at).asks) {
        const size = Math.min(lots, level.lots)
        if (size > 0) hit.take(level.px, size, at)
        lots -= size
      }
      const apart = (time: number): number => Math.log(hit.midAt(time) / left.midAt(time))
      atOnce.push(apart(at))
      aMinuteLater.push(mean([20, 40, 60, 80].map((s) => apart(at + s * 1000))))
    }
    expect(Math.min(...atOnce)).toBeGreaterThan(0)
    const kept = mean(aMinuteLater) / mean(atOnce)
    expect(kept).toBeGreaterThan(0.25)
    expect(kept).toBeLessThan(0.75)
  })
})

describe('the queues of a market of agents', () => {
  it('serve who came first, and pass a taker on to the next price only when one is empty', () => {
    const book = new OrderBook()
    book.add(false, 102, 5, 0)
    book.add(false, 101, 3, 1)
    book.add(false, 101, 4, 2)
    const hits: [number, number, number | null][] = []
    expect(book.take(true, 102, 9, (px, lots, owner) => hits.push([px, lots, owner]))).toBe(9)
    expect(hits).toEqual([
      [101, 3, 1],
      [101, 4, 2],
      [102, 2, 0],
    ])
    expect(book.levels(false, 5)).toEqual([{px: 102, lots: 3}])
  })
})

describe('the venue with agents', () => {
  const agents = (options = {}) => startVenue({scenario: 'agents', ...options})

  /** Orders at the same virtual instants, the clock moved by `ms` at a time. */
  async function trade(ms: number, orders: number) {
    const venue = await agents()
    const {sim, act, order, control, assetOf} = venue
    const random = new Random('agents|orders')
    const coins = ['JADE', 'OPAL', 'ETH', 'CORAL']
    let crossed = 0
    try {
      for (let i = 0; i < orders; i++) {
        for (let moved = 0; moved < 4200; moved += ms) await control('step', {ms})
        const coin = coins[random.below(coins.length)]!
        const {market, szDecimals} = sim.state.listing[assetOf(coin)]!
        const mid = market.midAt(sim.state.clock.now()) / 1e6
        const px = Number((mid * (1 + (random.unit() - 0.5) / 500)).toPrecision(5)).toString()
        const tif = (['Gtc', 'Ioc', 'Alo'] as const)[random.below(3)]!
        await act(order(coin, random.unit() < 0.5, (150 / mid).toFixed(szDecimals), px, tif))
        for (const book of sim.state.books) {
          const {bid, ask} = book.touch(sim.state.clock.now())
          if (!book.isEmpty && bid >= ask) crossed++
        }
      }
      const report = await control('audit')
      const {house, accounts, listing} = sim.state
      const held = listing.map(({market}, asset) => ({
        agents: (market as AgentMarket).holding.lots,
        house: house.positions.get(asset)?.lots ?? 0,
      }))
      const agentsCash = listing.reduce((sum, {market, szDecimals}) => {
        return sum + (market as AgentMarket).holding.cash * notional(1, 1, szDecimals)
      }, 0n)
      const now = sim.state.clock.now()
      const bytes = JSON.stringify([
        [...accounts.values()][0]!.fills,
        coins.map((coin) => listing[assetOf(coin)]!.market.prints(START, now)),
        coins.map((coin) => listing[assetOf(coin)]!.market.quotes(now)),
      ])
      return {report, held, agentsCash, houseCash: house.cash, fills: [...accounts.values()][0]!.fills, bytes, crossed}
    } finally {
      await sim.stop()
    }
  }

  it('is the same to the byte for two polling patterns', async () => {
    const [often, seldom] = [await trade(350, 40), await trade(4200, 40)]
    expect(often.fills.length).toBeGreaterThan(5)
    expect(often.bytes).toBe(seldom.bytes)
  }, 60_000)

  it('has a sound audit after 500 random orders, and its agents hold what the clients do not', async () => {
    const {report, held, agentsCash, houseCash, fills, crossed} = await trade(4200, 500)
    expect(report).toMatchObject({ok: true, breaches: []})
    expect(crossed).toBe(0)
    expect(fills.filter((fill) => !fill.crossed).length).toBeGreaterThan(20)
    expect(fills.filter((fill) => fill.crossed).length).toBeGreaterThan(20)
    for (const {agents, house} of held) expect(agents).toBe(house)
    expect(agentsCash).toBe(houseCash)
  }, 120_000)

  it('goes on from its accounts after a restart, near the price it had', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'qo-agents-'))
    try {
      const before = await agents({stateDir})
      await before.control('step', {ms: 30 * MINUTE_MS})
      const asset = before.assetOf('JADE')
      const {bid} = await before.touch('JADE')
      const oid = first(await before.act(before.order('JADE', true, '5', bid.px))).resting!.oid
      const mid = before.sim.state.listing[asset]!.market.midAt(before.sim.state.clock.now())
      await before.sim.stop()
      const after = await agents({stateDir})
      const {clock, listing, orders} = after.sim.state
      expect(orders.get(oid)!.status).toBe('open')
      expect(Math.abs(Math.log(listing[asset]!.market.midAt(clock.now()) / mid))).toBeLessThan(0.003)
      await after.control('step', {ms: 30 * MINUTE_MS})
      expect(await after.control('audit')).toMatchObject({ok: true})
      await after.sim.stop()
    } finally {
      rmSync(stateDir, {recursive: true})
    }
  }, 60_000)
})
