import {z} from 'zod'
import {table} from './artifact.ts'
import {Count, Flag, Instant, MarketPx, MarketSz, Rate, Text} from './units.ts'

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
