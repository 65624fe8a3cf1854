import {z} from 'zod'
import {Sha256, Venue} from './units.ts'

/** What can be recorded of a coin, by the venue's own names. `l2Book` is always the fast one: 5 levels twice a second. */
export const StreamChannel = z.enum(['bbo', 'trades', 'l2Book', 'activeAssetCtx', 'candle'])
export type StreamChannel = z.infer<typeof StreamChannel>

/**
 * `<table>:<coin>[:<interval>]`, e.g. `trades:BTC`, `candles:BTC:1m`. A coin may hold a colon itself (`book:xyz:GOLD`):
 * the table ends at the first one, and of candles the interval starts at the last.
 */
export const StreamName = z
  .string()
  .regex(/^(trades|bbo|book|asset_ctx):.+$|^candles:.+:\d+[mhd]$/, 'expected <table>:<coin>[:<interval>]')

/** `all`: every stream of the running session. */
const Streams = z.union([z.literal('all'), z.array(StreamName).min(1)])
const Ms = z.number().int().nonnegative().describe('receive time, epoch ms')
const Bytes = z.number().int().nonnegative()

/**
 * What the recorder says of itself, among the raw frames it wrote: holes are data, and these are where they come from.
 *
 * A session that has no `end` was killed: its streams were lost from its last frame to the first frame behind it.
 */
export const StreamMark = z.discriminatedUnion('mark', [
  z.strictObject({
    mark: z.literal('session'),
    id: z.string().min(1),
    venue: Venue,
    url: z.string(),
    streams: z.array(StreamName),
    qo_version: z.string(),
    pid: z.number().int().positive(),
    boot_id: z.string(),
  }),
  z.strictObject({
    mark: z.literal('lost'),
    streams: Streams,
    from: Ms.describe('receive time of the last good frame'),
    cause: z.string().min(1).describe('e.g. reconnect, stale'),
  }),
  z.strictObject({
    mark: z.literal('back'),
    streams: Streams,
    at: Ms.describe('receive time of the first good frame'),
    healed: z.boolean().describe('continuity was proven, e.g. the replay held the last trade seen before'),
  }),
  z.strictObject({
    mark: z.literal('overflow'),
    streams: Streams,
    from: Ms,
    to: Ms,
    frames: z.number().int().positive(),
    bytes: Bytes,
  }),
  z.strictObject({
    mark: z.literal('rejected'),
    reason: z.string().min(1),
    bytes: Bytes,
    digest: Sha256.describe('of the frame, which is too large or too broken to keep'),
  }),
  z
    .strictObject({
      mark: z.literal('damaged'),
      from: Ms.describe('receive time of the last intact frame before'),
      to: Ms.describe('receive time of the first intact frame behind'),
      frames: z.number().int().positive(),
      bytes: Bytes,
    })
    .describe('said by a reader of the log: frames that no longer check, one mark for each stretch'),
  z
    .strictObject({
      mark: z.literal('clock'),
      at: Ms,
      byMs: z.number().int().describe('wall clock against the monotonic clock; negative: it was set back'),
    })
    .describe('the wall clock jumped: receive times before and behind differ by this beyond what passed'),
  z.strictObject({mark: z.literal('end'), reason: z.string().min(1).describe('e.g. asked, time-up, error code')}),
])
export type StreamMark = z.infer<typeof StreamMark>

/** Table, coin and interval that a stream name stands for. */
export function partsOfStream(name: string): {table: string; coin: string; interval: string | null} {
  const colon = name.indexOf(':')
  const table = name.slice(0, colon)
  if (table !== 'candles') return {table, coin: name.slice(colon + 1), interval: null}
  const last = name.lastIndexOf(':')
  return {table, coin: name.slice(colon + 1, last), interval: name.slice(last + 1)}
}
