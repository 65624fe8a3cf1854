/** Queue of an order at a price that the recorded book does not reach: as long as can be, until the price is seen. */
export const UNSEEN = Number.MAX_SAFE_INTEGER

/** Share of a level's unexplained shrinking that is taken to have stood before us, relative to our place in it. */
const KAPPA = 0.5

/** An order as the queue sees it. `lots` is what is left to fill. */
export interface Queued {
  readonly lots: number
  /** displayed size that trades before this order */
  readonly ahead: number
}

/** What a print leaves of one queue place, and how much it filled. */
export interface QueueStep {
  readonly ahead: number
  readonly filled: number
}

/**
 * A print of `lots` at the price at which `orders` rest, first come first served.
 *
 * What is ahead of one of our orders is also ahead of those behind it: displayed size is consumed once.
 *
 * @param orders  oldest first
 * @returns       one step per order; all fills together are at most `lots`
 */
export function tradeAtPrice(orders: readonly Queued[], lots: number): QueueStep[] {
  let left = lots
  let passed = 0
  return orders.map((order) => {
    const before = Math.min(left, Math.max(0, order.ahead - passed))
    left -= before
    passed += before
    const filled = Math.min(left, order.lots)
    left -= filled
    return {ahead: Math.max(0, order.ahead - passed), filled}
  })
}

/**
 * The queue ahead of us after the displayed size of our price changed from one book to the next.
 *
 * Trades have already been taken off `ahead`. What disappeared beyond them was cancelled, somewhere in the queue: our
 * part of it shrinks in proportion, times κ. Never is more ahead than is displayed.
 *
 * @param shown     lots at the price in the book before
 * @param traded    lots that traded there in between
 * @param nowShown  lots at the price now
 * @see spec hyperliquid.md §6.1, mode A
 */
export function aheadAfterBook(ahead: number, shown: number, traded: number, nowShown: number, kappa = KAPPA): number {
  const rest = Math.max(0, shown - traded)
  const cancelled = Math.max(0, rest - nowShown)
  const kept = rest === 0 ? ahead : Math.ceil(ahead * (1 - (kappa * cancelled) / rest))
  return Math.min(kept, nowShown)
}
