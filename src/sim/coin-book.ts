import type {Level, MakerFill, MarketSource} from './market/market-source.ts'
import {byPriority, type Match, type Order} from './order.ts'

/** The book of one asset: resting orders of the accounts on top of what the market quotes. Price-time priority. */
export class CoinBook {
  readonly market: MarketSource
  readonly bids: Order[] = []
  readonly asks: Order[] = []

  constructor(market: MarketSource) {
    this.market = market
  }

  get isEmpty(): boolean {
    return this.bids.length === 0 && this.asks.length === 0
  }

  /** Levels of both sides, best first, resting orders included. */
  levels(now: number): {bids: (Level & {n: number})[]; asks: (Level & {n: number})[]} {
    const quotes = this.market.quotes(now)
    return {bids: merged(quotes.bids, this.bids, true), asks: merged(quotes.asks, this.asks, false)}
  }

  /** Best bid and ask, 0 and infinity where a side is empty. */
  touch(now: number): {bid: number; ask: number} {
    const {bids, asks} = this.market.quotes(now)
    return {
      bid: Math.max(bids[0]?.px ?? 0, this.bids[0]?.px ?? 0),
      ask: Math.min(asks[0]?.px ?? Number.POSITIVE_INFINITY, this.asks[0]?.px ?? Number.POSITIVE_INFINITY),
    }
  }

  /** What an incoming order would trade with, best price first, up to its limit and size. Changes nothing. */
  matches(isBuy: boolean, limitPx: number, lots: number, now: number): Match[] {
    const quotes = this.market.quotes(now)
    const offered: Match[] = [
      ...(isBuy ? quotes.asks : quotes.bids).map(({px, lots}) => ({px, lots, maker: null})),
      ...(isBuy ? this.asks : this.bids).map((maker) => ({px: maker.px, lots: maker.lots, maker})),
    ]
    const found: Match[] = []
    let left = lots
    // A stable sort keeps quoted size before resting orders at one price: it was displayed first.
    for (const offer of offered.sort((a, b) => (isBuy ? a.px - b.px : b.px - a.px))) {
      if (left === 0 || (isBuy ? offer.px > limitPx : offer.px < limitPx)) break
      const take = Math.min(left, offer.lots)
      found.push({...offer, lots: take})
      left -= take
    }
    return found
  }

  /** The market's liquidity that a match removed. */
  takeQuoted(px: number, lots: number, now: number): void {
    this.market.take(px, lots, now)
  }

  rest(order: Order, now: number): void {
    const side = order.isBuy ? this.bids : this.asks
    this.market.join(order, now)
    side.push(order)
    side.sort(byPriority(order.isBuy))
  }

  remove(order: Order): void {
    const side = order.isBuy ? this.bids : this.asks
    const at = side.indexOf(order)
    if (at < 0) return
    side.splice(at, 1)
    this.market.leave(order)
  }

  /** What the market does to the resting orders at the instant that its `next` named. */
  settle(now: number): MakerFill[] {
    return [...this.market.fills(this.bids, true, now), ...this.market.fills(this.asks, false, now)]
  }
}

function merged(levels: readonly Level[], orders: readonly Order[], bids: boolean): (Level & {n: number})[] {
  const byPx = new Map<number, {px: number; lots: number; n: number}>()
  for (const {px, lots} of [...levels, ...orders]) {
    const level = byPx.get(px)
    if (level) {
      level.lots += lots
      level.n++
    } else byPx.set(px, {px, lots, n: 1})
  }
  return [...byPx.values()].sort((a, b) => (bids ? b.px - a.px : a.px - b.px)).slice(0, 20)
}
