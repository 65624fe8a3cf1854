import type {ExecutionConfig} from '../contracts/execution.ts'
import type {Desk, VenuePort} from '../desk.ts'
import {type MarketState, marketState} from '../reflex/market-state.ts'
import {type Listing, readBook, readListings} from '../reflex/read-venue.ts'

/** Market data of one cycle: listings now and then, books when a decision needs them. */
export interface MarketFeed {
  readonly listings: ReadonlyMap<string, Listing>
  /** venue time now, epoch ms: anchored once, carried by the monotonic clock so that a frozen book shows its age */
  venueTime(): number
  /** one book each, in the order of the coins */
  look(coins: readonly string[]): Promise<MarketState[]>
  /** marks, volumes and delistings anew */
  refresh(): Promise<void>
}

/** @param venueTime  venue clock at the moment of the call, epoch ms */
export async function openFeed(
  desk: Desk,
  venue: VenuePort,
  venueTime: number,
  {price}: ExecutionConfig,
): Promise<MarketFeed> {
  const anchor = desk.clock.monotonic()
  const now = (): number => Math.round(venueTime + desk.clock.monotonic() - anchor)
  const rules = {maxAgeMs: price.max_age_s * 1000, maxFromMark: price.max_from_mark, wideBps: price.wide_bps}
  let listings = readListings(await venue.info({type: 'metaAndAssetCtxs'}))
  return {
    get listings() {
      return listings
    },
    venueTime: now,
    look: (coins) => Promise.all(coins.map((coin) => lookAt(coin))),
    async refresh() {
      listings = readListings(await venue.info({type: 'metaAndAssetCtxs'}))
    },
  }

  async function lookAt(coin: string): Promise<MarketState> {
    const listing = listings.get(coin)
    const book = readBook(await venue.info({type: 'l2Book', coin}))
    return marketState(
      {
        asset: coin,
        sizeDecimals: listing?.sizeDecimals ?? 0,
        bids: book.bids,
        asks: book.asks,
        bookTime: book.time,
        venueTime: now(),
        mark: listing?.mark ?? null,
        oracle: listing?.oracle ?? null,
        dayVolumeUsd: listing?.dayVolumeUsd ?? null,
      },
      rules,
    )
  }
}
