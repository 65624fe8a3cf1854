/**
 * Who is believed when an order rests.
 *
 * `taker`: nobody; every order crosses the spread at the open. The others rest at the touch for the whole bar and cross at
 * its close with what is left: `touch` fills whole when the price reaches the order, `penetration` only when it trades
 * through it, `queue` as penetration and, between the two, with what the volume leaves behind the queue.
 */
export type FillModel = 'taker' | 'touch' | 'queue' | 'penetration'

/** The models of a resting order, from the most to the least believing. */
export const RESTING_MODELS = ['touch', 'queue', 'penetration'] as const

/** An order that rested for one bar. Sizes in coins, prices in quote currency. */
export interface RestedOrder {
  /** +1 buys, −1 sells */
  readonly side: number
  readonly size: number
  readonly limit: number
  readonly low: number
  readonly high: number
  readonly volume: number
  /** displayed at the limit before us */
  readonly ahead: number
}

/** Displayed size at the touch as a share of a day's volume: what the practice venue quotes. */
export const QUEUE_SHARE = 1e-4

const SIGNIFICANT_FIGURES = 5

/** Step of a price of five significant figures: how far beyond a limit a trade must print to have gone through it. */
export const tickOf = (px: number): number => 10 ** (Math.floor(Math.log10(px)) - SIGNIFICANT_FIGURES + 1)

/**
 * Coins of a resting order that filled inside one bar, by what is believed: touch >= queue >= penetration.
 *
 * Half of the volume is taken to have hit our side; it is spread evenly over the range of the bar. A bar without a range
 * fills nothing.
 *
 * @returns 0 … size
 */
export function restingFill(model: Exclude<FillModel, 'taker'>, order: RestedOrder): number {
  const {side, size, limit, low, high} = order
  const beyond = side > 0 ? limit - low : high - limit
  const tick = tickOf(limit)
  // A price is a multiple of a tick: a millionth of one is rounding.
  if (!(beyond >= -1e-6 * tick)) return 0
  const through = beyond >= (1 - 1e-6) * tick
  if (model === 'touch' || through) return size
  if (model === 'penetration') return 0
  const share = high > low ? Math.min(1, Math.max(tick, beyond) / (high - low)) : 1
  const left = (order.volume * share) / 2 - order.ahead
  return left > 0 ? Math.min(size, left) : 0
}
