import {z} from 'zod'
import {table} from './artifact.ts'
import {Count, Counts, Flag, Instant, MarketPx, MarketPxs, MarketSz, MarketSzs, Rate, Text} from './units.ts'

/** Columns that every lake row carries beside its own. `ingest_id` is the commit number. */
const bitemporal = {available_at: Instant, received_at: Instant, ingest_id: Count, source: Text}

export const Candles = table({
  id: 'candles@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/candles',
  summary: 'OHLCV bars by open time; a late or corrected bar is a new row with a higher revision.',
  partition: 'year',
  folders: ['venue', 'interval'],
  sort: ['coin', 'ts', 'revision'],
  key: ['venue', 'coin', 'interval', 'ts', 'revision'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    interval: Text,
    ts: Instant,
    open: MarketPx,
    high: MarketPx,
    low: MarketPx,
    close: MarketPx,
    volume: MarketSz,
    trades: Count,
    revision: Count,
    ...bitemporal,
  }),
})

export const Funding = table({
  id: 'funding@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/funding',
  summary: 'Funding payments as recorded; `settles` is the scheduled settlement the payment belongs to.',
  partition: 'year',
  folders: ['venue'],
  sort: ['coin', 'ts'],
  key: ['venue', 'coin', 'ts'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    settles: Instant,
    rate: Rate,
    premium: Rate,
    ...bitemporal,
  }),
})

export const Universe = table({
  id: 'universe@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/universe',
  summary: 'Daily snapshots of the venue instrument list.',
  partition: 'year',
  folders: ['venue'],
  sort: ['coin', 'ts'],
  key: ['venue', 'ts', 'coin'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    sz_decimals: Count,
    max_leverage: Count,
    delisted: Flag,
    first_seen: Instant,
    last_seen: Instant,
    ...bitemporal,
  }),
})

/** A table of its own: what a venue restricts is known since it is recorded, and absent is not "unrestricted". */
export const Restrictions = table({
  id: 'restrictions@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/restrictions',
  summary: 'What the venue restricts about each coin, by day: isolated margin only, open interest at its cap.',
  partition: 'year',
  folders: ['venue'],
  sort: ['coin', 'ts'],
  key: ['venue', 'ts', 'coin'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    only_isolated: Flag,
    at_oi_cap: Flag,
    ...bitemporal,
  }),
})

/** Public prints, one row each. `tid` is text: other venues' ids pass 2^53. */
export const Trades = table({
  id: 'trades@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/trades',
  summary: 'Public prints, one row each, as the venue sent them.',
  partition: 'day',
  folders: ['venue'],
  sort: ['coin', 'ts', 'tid'],
  // The venue's tid is a 50-bit hash: with its time a collision cannot hide a trade.
  key: ['venue', 'coin', 'ts', 'tid'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    tid: Text,
    px: MarketPx,
    sz: MarketSz,
    aggressor: Text.describe('buy or sell: the side of the taker'),
    ...bitemporal,
  }),
})

/** A side without orders is NULL. */
export const Bbo = table({
  id: 'bbo@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/bbo',
  summary: 'Best bid and offer, one row per change.',
  partition: 'day',
  folders: ['venue'],
  sort: ['coin', 'ts'],
  // Snapshots have no id: two different ones may carry one time, so the content is part of the key.
  key: ['venue', 'coin', 'ts', 'bid_px', 'bid_sz', 'ask_px', 'ask_sz'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    bid_px: MarketPx,
    bid_sz: MarketSz,
    bid_n: Count,
    ask_px: MarketPx,
    ask_sz: MarketSz,
    ask_n: Count,
    ...bitemporal,
  }),
})

/** Up to 20 levels a side, best first; an empty side is an empty list. */
export const Book = table({
  id: 'book@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/book',
  summary: 'Order book snapshots, levels as nested lists.',
  partition: 'day',
  folders: ['venue'],
  sort: ['coin', 'ts', 'feed', 'digest'],
  key: ['venue', 'coin', 'ts', 'feed', 'digest'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    feed: Text.describe('fast (5 levels) or full (20 levels)'),
    digest: Text.describe('first 16 hex digits of the SHA-256 of the levels: tells two snapshots of one instant apart'),
    bid_px: MarketPxs,
    bid_sz: MarketSzs,
    bid_n: Counts,
    ask_px: MarketPxs,
    ask_sz: MarketSzs,
    ask_n: Counts,
    ...bitemporal,
  }),
})

/** The venue sends no time with a context: `ts` is our clock when it came. */
export const AssetCtx = table({
  id: 'asset_ctx@1',
  layer: 0,
  format: 'parquet',
  path: 'data/lake/asset_ctx',
  summary: 'Asset contexts: mark, oracle and mid price, funding, premium, open interest, day volume.',
  partition: 'day',
  folders: ['venue'],
  sort: ['coin', 'ts'],
  key: ['venue', 'coin', 'ts'],
  schema: z.strictObject({
    venue: Text,
    coin: Text,
    ts: Instant,
    mark_px: MarketPx,
    oracle_px: MarketPx,
    mid_px: MarketPx,
    prev_day_px: MarketPx,
    funding: Rate,
    premium: Rate,
    open_interest: MarketSz,
    day_notional: MarketSz,
    ...bitemporal,
  }),
})

export const Features = table({
  id: 'features@1',
  layer: 1,
  format: 'parquet',
  path: 'data/lake/features',
  summary: 'Feature values by feature hash, asset and bar: asked twice, computed once.',
  partition: 'year',
  folders: ['venue', 'interval'],
  sort: ['feature', 'asset', 'ts'],
  key: ['venue', 'interval', 'feature', 'asset', 'ts'],
  schema: z.strictObject({
    venue: Text,
    interval: Text,
    feature: Text,
    name: Text,
    asset: Text,
    ts: Instant,
    value: Rate,
    ...bitemporal,
  }),
})

export const SelectionHistory = table({
  id: 'selection@1',
  layer: 0.5,
  format: 'parquet',
  path: 'data/lake/selection',
  summary: 'The selection rule replayed at each past rebalance.',
  partition: 'year',
  folders: ['venue'],
  sort: ['ts', 'rank', 'asset'],
  key: ['venue', 'ts', 'asset', 'config_sha'],
  schema: z.strictObject({
    venue: Text,
    ts: Instant,
    asset: Text,
    rank: Count,
    score: Rate,
    selected: Flag,
    config_sha: Text,
    ...bitemporal,
  }),
})
