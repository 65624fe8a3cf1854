import {z} from 'zod'
import {leaf} from './artifact.ts'

/** What the market did: float64. */
export const MarketPx = leaf(z.number().positive(), 'quote currency per coin', 'DOUBLE')
export const MarketSz = leaf(z.number().nonnegative(), 'coins', 'DOUBLE')
export const MarketPxs = leaf(z.array(z.number().positive()), 'quote currency per coin, best level first', 'DOUBLE[]')
export const MarketSzs = leaf(z.array(z.number().nonnegative()), 'coins, best level first', 'DOUBLE[]')
export const Counts = leaf(z.array(z.number().nonnegative()), 'count, best level first', 'DOUBLE[]')
export const Rate = leaf(z.number(), 'fraction per payment interval', 'DOUBLE')
export const Instant = leaf(z.number().int(), 'epoch ms, UTC', 'BIGINT')
export const Count = leaf(z.number().int().nonnegative(), 'count', 'BIGINT')
export const Text = leaf(z.string(), 'text', 'VARCHAR')
export const Flag = leaf(z.boolean(), 'true or false', 'BOOLEAN')

/** What we do: decimal text, never a float. */
export const DecimalText = z.string().regex(/^-?\d+(\.\d+)?$/, 'expected decimal text like "1234.5"')
export const PositiveDecimalText = z
  .string()
  .regex(/^(?!0+(\.0+)?$)\d+(\.\d+)?$/, 'expected positive decimal text like "1234.5"')
export const Usd = PositiveDecimalText.meta({unit: 'USD'})
export const IsoInstant = z.iso
  .datetime({
    precision: 3,
    offset: false,
    error: 'expected a UTC instant with milliseconds, like 2024-01-01T00:00:00.000Z',
  })
  .meta({unit: 'ISO 8601, UTC, ms'})
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')

/** Names that become file names: lower case, digits and hyphens. */
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens')
export const IntervalName = z.enum(['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '8h', '12h', '1d'])
export const Venue = z.string().regex(/^[a-z][a-z0-9_]{1,30}$/, 'expected a lower-case venue name')
