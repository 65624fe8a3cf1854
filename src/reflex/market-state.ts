import {decimal, isZero, toNumber} from '../kernel/decimal.ts'
import {tickAt} from './price-grid.ts'

/** One price level of `l2Book`: text as the venue sends it. */
export interface Level {
  readonly px: string
  readonly sz: string
}

export interface MarketSnapshot {
  readonly asset: string
  readonly sizeDecimals: number
  /** best first, from `l2Book.levels` */
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  /** venue time of the book and of this look, epoch ms */
  readonly bookTime: number
  readonly venueTime: number
  /** from `metaAndAssetCtxs`; null where the venue sends none */
  readonly mark: string | null
  readonly oracle: string | null
  readonly dayVolumeUsd: string | null
}

export interface PriceRules {
  readonly maxAgeMs: number
  /** fraction */
  readonly maxFromMark: number
  readonly wideBps: number
}

/** Why a book is not a price; no risk-increasing order is placed on one. */
export type NoPrice = 'empty' | 'one_sided' | 'unreadable' | 'crossed' | 'stale' | 'no_mark' | 'far_from_mark'

export interface MarketState {
  readonly asset: string
  readonly sizeDecimals: number
  /** null when the book is a price */
  readonly noPrice: NoPrice | null
  readonly regime: 'calm' | 'wide' | 'stale' | 'halted'
  /** best bid and ask as text; null when that side is empty or unreadable */
  readonly bid: string | null
  readonly ask: string | null
  /** USD per coin; NaN without two sides */
  readonly mid: number
  readonly micro: number
  readonly mark: string | null
  readonly spreadTicks: number
  readonly spreadBps: number
  /** USD on the smaller side, first 1, 3 and 5 levels */
  readonly depthUsd: readonly [number, number, number]
  /** (bid size − ask size) / sum over the same levels, −1 … 1 */
  readonly imbalance: readonly [number, number, number]
  readonly ageMs: number
  readonly dayVolumeUsd: string | null
}

const positive = (text: string | undefined | null): boolean =>
  typeof text === 'string' && /^\d+(\.\d+)?$/.test(text) && !isZero(decimal(text))

/**
 * What the book says, and whether it says a price at all.
 *
 * A book that is empty, one-sided, crossed or locked, older than `maxAgeMs`, without a mark or too far from it is not a
 * price. Numbers that cannot be read are treated as missing: they never turn into a price.
 */
export function marketState(snapshot: MarketSnapshot, rules: PriceRules): MarketState {
  const {asset, sizeDecimals, bids, asks} = snapshot
  const readable = [...bids.slice(0, 5), ...asks.slice(0, 5)].every(({px, sz}) => positive(px) && positive(sz))
  const bid = positive(bids[0]?.px) ? bids[0]!.px : null
  const ask = positive(asks[0]?.px) ? asks[0]!.px : null
  const mark = positive(snapshot.mark) ? snapshot.mark : null
  const [b, a] = [bid === null ? Number.NaN : Number(bid), ask === null ? Number.NaN : Number(ask)]
  const mid = (a + b) / 2
  const sizes = (levels: readonly Level[], n: number, usd: boolean): number =>
    levels.slice(0, n).reduce((sum, {px, sz}) => sum + Number(sz) * (usd ? Number(px) : 1), 0)
  const at = <T>(f: (n: number) => T): [T, T, T] => [f(1), f(3), f(5)]
  const imbalance = at((n) => {
    const [buy, sell] = [sizes(bids, n, false), sizes(asks, n, false)]
    return buy + sell > 0 ? (buy - sell) / (buy + sell) : 0
  })
  const ageMs = snapshot.venueTime - snapshot.bookTime
  const noPrice = verdict()
  const spreadBps = ((a - b) / mid) * 10_000
  return {
    asset,
    sizeDecimals,
    noPrice,
    regime: noPrice === 'stale' ? 'stale' : noPrice ? 'halted' : spreadBps > rules.wideBps ? 'wide' : 'calm',
    bid,
    ask,
    mid,
    // Weighted by the other side's size: a heavy bid pushes the fair price up.
    micro: mid + ((a - b) / 2) * imbalance[0],
    mark,
    spreadTicks: bid === null ? Number.NaN : Math.round((a - b) / Number(tickAt(decimal(bid), sizeDecimals))),
    spreadBps,
    depthUsd: at((n) => Math.min(sizes(bids, n, true), sizes(asks, n, true))),
    imbalance,
    ageMs,
    dayVolumeUsd: positive(snapshot.dayVolumeUsd) ? snapshot.dayVolumeUsd : null,
  }

  function verdict(): NoPrice | null {
    if (bids.length === 0 && asks.length === 0) return 'empty'
    if (bids.length === 0 || asks.length === 0) return 'one_sided'
    if (!readable || bid === null || ask === null) return 'unreadable'
    // Locked is not crossed by the letter, but a touch order there would trade at once.
    if (b >= a) return 'crossed'
    if (!(ageMs <= rules.maxAgeMs)) return 'stale'
    if (mark === null) return 'no_mark'
    if (!(Math.abs(mid / toNumber(decimal(mark)) - 1) <= rules.maxFromMark)) return 'far_from_mark'
    return null
  }
}
