import {deflateRawSync} from 'node:zlib'
import {allMids, assetContext, CANDLE_MS, candles, l2Book} from '../info/market-info.ts'
import type {VenueState} from '../venue-state.ts'
import {pxText, szText} from '../wire.ts'
import type {Subscription} from './subscription.ts'

const FAST_LEVELS = 5

/** What the frames of each channel carry; shapes as captured. @see spec hyperliquid.md §2 */

/** The whole book; null where no book is current. `time` is when it was looked at. */
export function bookData(state: VenueState, {asset, nSigFigs, mantissa, kind}: Subscription, time: number) {
  const {market} = state.listing[asset!]!
  if (market.trades && market.bookTime(time) === null) return null
  const book = l2Book(state, asset!, nSigFigs, mantissa, time)
  if (kind === 'l2Book') return book
  const [bids, asks] = book.levels as [unknown[], unknown[]]
  return {...book, levels: [bids.slice(0, FAST_LEVELS), asks.slice(0, FAST_LEVELS)], fast: true}
}

/** Best bid and offer, null where a side is empty; null altogether where no book is current. */
export function bboOf(state: VenueState, asset: number, time: number) {
  const {market, szDecimals} = state.listing[asset]!
  if (!market.trades || market.bookTime(time) === null) return null
  const {bids, asks} = state.books[asset]!.levels(time)
  const best = (level: {px: number; lots: number; n: number} | undefined) =>
    level === undefined ? null : {px: pxText(level.px), sz: szText(level.lots, szDecimals), n: level.n}
  return [best(bids[0]), best(asks[0])]
}

/** The candle that runs at `time`, as far as it has come; null before its first trade. */
export function runningCandle(state: VenueState, {asset, interval}: Subscription, time: number) {
  return candles(state, asset!, interval!, time - CANDLE_MS[interval!]!, time, time).at(-1) ?? null
}

/** The candle that opens at `t`, as the venue shows it at `time`. */
export const candleAt = (state: VenueState, {asset, interval}: Subscription, t: number, time: number) =>
  candles(state, asset!, interval!, t, t, time).at(0) ?? null

export const contextData = (state: VenueState, asset: number, time: number) => ({
  coin: state.listing[asset]!.name,
  ctx: assetContext(state, asset, time),
})

export const midsData = (state: VenueState, time: number) => ({mids: allMids(state, time)})

/** Contexts of every dex, by position; only the venue's own dex exists here. */
export const allContextsData = (state: VenueState, time: number) => ({
  ctxs: [['', state.listing.map((_, asset) => assetContext(state, asset, time))]],
})

export type FastContexts = Readonly<Record<string, {readonly markPx?: string; readonly midPx?: string}>>

export function fastContexts(state: VenueState, time: number): FastContexts {
  const mids = allMids(state, time)
  return Object.fromEntries(Object.entries(mids).map(([coin, px]) => [coin, {markPx: px, midPx: px}]))
}

/** What changed since `before`; everything when that is null. */
export function changedContexts(before: FastContexts | null, now: FastContexts): FastContexts {
  if (before === null) return now
  return Object.fromEntries(Object.entries(now).filter(([coin, {markPx}]) => before[coin]?.markPx !== markPx))
}

/** base64 of raw deflate of JSON: how this one channel is packed. */
export const packed = (contexts: FastContexts): string =>
  deflateRawSync(Buffer.from(JSON.stringify(contexts))).toString('base64')
