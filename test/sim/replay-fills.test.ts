import {describe, expect, it} from 'vitest'
import {ReplayMarket} from '../../src/sim/market/replay-market.ts'
import {UNSEEN} from '../../src/sim/market/replay-queue.ts'
import type {CoinRecording} from '../../src/sim/market/replay-recording.ts'
import type {Order} from '../../src/sim/order.ts'

type Side = readonly (readonly [px: number, lots: number])[]

/** Books and trades by hand: [time, bids, asks] and [time, px, lots, taker buys]. */
function marketOf(
  books: readonly (readonly [number, Side, Side])[],
  trades: readonly (readonly [number, number, number, boolean])[] = [],
): ReplayMarket {
  const levels = books.flatMap(([, bids, asks]) => [...bids, ...asks])
  const offsets = [0]
  for (const [, bids, asks] of books) offsets.push(offsets.at(-1)! + bids.length + asks.length)
  const recording: CoinRecording = {
    ...{name: 'X', szDecimals: 0, maxLeverage: 3, repeatedTrades: 0},
    books: {
      times: books.map(([time]) => time),
      offsets,
      bids: books.map(([, bids]) => bids.length),
      px: levels.map(([px]) => px),
      lots: levels.map(([, lots]) => lots),
    },
    trades: trades.map(([time, px, lots, takerIsBuy], tid) => ({time, px, lots, takerIsBuy, tid})),
  }
  return new ReplayMarket(recording, 'test')
}

const bid = (px: number, lots: number): Order => ({
  ...{oid: 1, user: '0xaa', asset: 0, isBuy: true, px, origLots: lots, lots, tif: 'Gtc', reduceOnly: false},
  ...{cloid: null, timestamp: 0, status: 'open', statusTimestamp: 0, queueAhead: 0},
})

/** What a bid that joins at 0 gets at each event up to `until`, as [time, lots]. */
function fillsOf(market: ReplayMarket, order: Order, until: number): [number, number][] {
  market.join(order, 0)
  const fills: [number, number][] = []
  for (let t = market.next(0); t <= until; t = market.next(t)) {
    for (const {lots} of market.fills([order], true, t)) {
      order.lots -= lots
      fills.push([t, lots])
    }
    if (order.lots === 0) break
  }
  return fills
}

const BIDS: Side = [
  [100, 10],
  [99, 20],
]
const ASKS: Side = [
  [102, 10],
  [103, 20],
]

describe('a resting order on a recording', () => {
  it('waits for what was displayed when it joined', () => {
    const market = marketOf(
      [[0, BIDS, ASKS]],
      [
        [10, 100, 6, false],
        [20, 100, 6, false],
        [30, 100, 9, false],
      ],
    )
    expect(fillsOf(market, bid(100, 5), 100)).toEqual([
      [20, 2],
      [30, 3],
    ])
  })

  it('is not touched by buyers at its price', () => {
    expect(fillsOf(marketOf([[0, BIDS, ASKS]], [[10, 100, 50, true]]), bid(100, 5), 100)).toEqual([])
  })

  it('is filled whole by a trade beyond its price, whatever stood before it', () => {
    expect(fillsOf(marketOf([[0, BIDS, ASKS]], [[10, 99, 1, false]]), bid(100, 500), 100)).toEqual([[10, 500]])
  })

  it('comes first at a price of its own', () => {
    expect(fillsOf(marketOf([[0, BIDS, ASKS]], [[10, 101, 4, false]]), bid(101, 5), 100)).toEqual([[10, 4]])
  })

  it('moves up when size disappears without trading: by all of it while it is last, else by half of its share', () => {
    const shows = (time: number, lots: number): readonly [number, Side, Side] => [time, [[99, lots]], ASKS]
    const last = bid(99, 5)
    expect(fillsOf(marketOf([shows(0, 20), shows(10, 16)]), last, 100)).toEqual([])
    expect(last.queueAhead).toBe(16)
    const inTheMiddle = bid(99, 5)
    fillsOf(marketOf([shows(0, 20), shows(10, 40), shows(20, 30)]), inTheMiddle, 100)
    expect(inTheMiddle.queueAhead).toBe(18)
    const behindTrades = bid(99, 5)
    fillsOf(marketOf([shows(0, 20), shows(10, 15)], [[5, 99, 5, false]]), behindTrades, 100)
    expect(behindTrades.queueAhead).toBe(15)
  })

  it('has an endless queue at a price deeper than the recording, until the price is seen', () => {
    const order = bid(97, 5)
    const deeper: Side = [
      [98, 3],
      [97, 8],
    ]
    const market = marketOf(
      [
        [0, BIDS, ASKS],
        [20, deeper, ASKS],
      ],
      [
        [10, 97, 1000, false],
        [30, 97, 9, false],
      ],
    )
    market.join(order, 0)
    expect(order.queueAhead).toBe(UNSEEN)
    expect(fillsOf(market, order, 100)).toEqual([[30, 1]])
  })

  it('meets an offer that comes down to it, as far as the offer goes', () => {
    const low: Side = [
      [98, 3],
      [100, 4],
      [101, 9],
    ]
    expect(
      fillsOf(
        marketOf([
          [0, BIDS, ASKS],
          [10, [[97, 5]], low],
        ]),
        bid(100, 50),
        100,
      ),
    ).toEqual([
      [10, 3],
      [10, 4],
    ])
  })

  it('is not filled by the touch of a locked book', () => {
    const locked = marketOf([
      [0, BIDS, ASKS],
      [10, [[100, 10]], [[100, 7]]],
    ])
    expect(fillsOf(locked, bid(100, 5), 100)).toEqual([])
  })

  it('does not live on offers again that it has just taken', () => {
    const at = (time: number): readonly [number, Side, Side] => [time, [[97, 5]], [[100, 4000]]]
    const market = marketOf([[0, BIDS, ASKS], at(10), at(11), at(4010)])
    expect(fillsOf(market, bid(100, 50_000), 5000)).toEqual([
      [10, 4000],
      [11, 2],
      [4010, 3000],
    ])
  })
})
