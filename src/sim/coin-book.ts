import type {Level, Liquidity, Quotes} from './liquidity.ts'
import {byPriority, type Match, type Order} from './order.ts'

/** A resting order that the scripted market filled. */
export interface MakerFill {
  readonly order: Order
  readonly lots: number
}

/**
 * The book of one asset: resting orders of the accounts on top of scripted liquidity. Price-time priority; the size
 * displayed when an order joins a price trades before it.
 */
export class CoinBook {
  readonly #liquidity: Liquidity
  readonly bids: Order[] = []
  readonly asks: Order[] = []

  constructor(liquidity: Liquidity) {
    this.#liquidity = liquidity
  }

  get isEmpty(): boolean {
    return this.bids.length === 0 && this.asks.length === 0
  }

  /** Levels of both sides, best first, resting orders included. */
  levels(now: number): {bids: (Level & {n: number})[]; asks: (Level & {n: number})[]} {
    const quotes = this.#liquidity.quotes(now)
    return {bids: merged(quotes.bids, this.bids, true), asks: merged(quotes.asks, this.asks, false)}
  }

  /** Best bid and ask, 0 and infinity where a side is empty. */
  touch(now: number): {bid: number; ask: number} {
    const {bids, asks} = this.#liquidity.quotes(now)
    return {
      bid: Math.max(bids[0]?.px ?? 0, this.bids[0]?.px ?? 0),
      ask: Math.min(asks[0]?.px ?? Number.POSITIVE_INFINITY, this.asks[0]?.px ?? Number.POSITIVE_INFINITY),
    }
  }

  /** What an incoming order would trade with, best price first, up to its limit and size. Changes nothing. */
  matches(isBuy: boolean, limitPx: number, lots: number, now: number): Match[] {
    const quotes = this.#liquidity.quotes(now)
    const offered: Match[] = [
      ...(isBuy ? quotes.asks : quotes.bids).map(({px, lots}) => ({px, lots, maker: null})),
      ...(isBuy ? this.asks : this.bids).map((maker) => ({px: maker.px, lots: maker.lots, maker})),
    ]
    const found: Match[] = []
    let left = lots
    // A stable sort keeps scripted size before resting orders at one price: it was displayed first.
    for (const offer of offered.sort((a, b) => (isBuy ? a.px - b.px : b.px - a.px))) {
      if (left === 0 || (isBuy ? offer.px > limitPx : offer.px < limitPx)) break
      const take = Math.min(left, offer.lots)
      found.push({...offer, lots: take})
      left -= take
    }
    return found
  }

  /** Scripted liquidity that a match removed. */
  takeScripted(px: number, lots: number, now: number): void {
    this.#liquidity.take(px, lots, now)
  }

  rest(order: Order, now: number): void {
    const quotes = this.#liquidity.quotes(now)
    const side = order.isBuy ? this.bids : this.asks
    const shown = (order.isBuy ? quotes.bids : quotes.asks).find(({px}) => px === order.px)?.lots ?? 0
    order.queueAhead = shown
    side.push(order)
    side.sort(byPriority(order.isBuy))
  }

  remove(order: Order): void {
    const side = order.isBuy ? this.bids : this.asks
    const at = side.indexOf(order)
    if (at >= 0) side.splice(at, 1)
  }

  /**
   * One second of the scripted market against the resting orders.
   *
   * An order the market's other side has reached is filled whole (trade-through). At or inside the touch, the flow of
   * the second first uses up what was displayed ahead of it.
   */
  second(now: number): MakerFill[] {
    const quotes = this.#liquidity.quotes(now)
    return [...this.#sideFills(this.bids, quotes, true, now), ...this.#sideFills(this.asks, quotes, false, now)]
  }

  #sideFills(side: readonly Order[], quotes: Quotes, isBid: boolean, now: number): MakerFill[] {
    if (side.length === 0) return []
    const touch = (isBid ? quotes.bids : quotes.asks)[0]?.px
    const opposite = (isBid ? quotes.asks : quotes.bids)[0]?.px
    const fills: MakerFill[] = []
    let flow = this.#liquidity.flow(now, isBid)
    for (const order of side) {
      const through = opposite !== undefined && (isBid ? order.px >= opposite : order.px <= opposite)
      if (through) {
        fills.push({order, lots: order.lots})
        continue
      }
      const atTouch = touch === undefined || (isBid ? order.px >= touch : order.px <= touch)
      if (!atTouch) break
      const inside = touch !== undefined && order.px !== touch
      const ahead = inside ? 0 : Math.min(order.queueAhead, flow)
      order.queueAhead = inside ? 0 : order.queueAhead - ahead
      flow -= ahead
      const lots = Math.min(order.lots, flow)
      flow -= lots
      if (lots > 0) fills.push({order, lots})
    }
    return fills
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
