import {z} from 'zod'
import {Fault} from '../kernel/fault.ts'
import type {RawRows} from './check-rows.ts'

const NumberText = z.string().regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/)

const Meta = z.looseObject({
  universe: z.array(
    z.looseObject({
      name: z.string().min(1),
      szDecimals: z.number().int().nonnegative(),
      maxLeverage: z.number().int().positive(),
      // Present only when true; mirrors send an explicit null.
      isDelisted: z.boolean().nullish(),
      onlyIsolated: z.boolean().nullish(),
      marginMode: z.string().nullish(),
    }),
  ),
})

const Candle = z.looseObject({
  t: z.number().int(),
  T: z.number().int(),
  s: z.string(),
  i: z.string(),
  o: NumberText,
  h: NumberText,
  l: NumberText,
  c: NumberText,
  v: NumberText,
  n: z.number().int().nonnegative(),
})

const Payment = z.looseObject({coin: z.string(), fundingRate: NumberText, premium: NumberText, time: z.number().int()})

const Context = z.looseObject({
  funding: NumberText,
  openInterest: NumberText,
  prevDayPx: NumberText,
  dayNtlVlm: NumberText,
  oraclePx: NumberText,
  markPx: NumberText,
  // Null for a contract that does not trade.
  premium: NumberText.nullish(),
  midPx: NumberText.nullish(),
})
const MetaAndContexts = z.tuple([Meta, z.array(Context)])

const Status = z.looseObject({time: z.number().int().positive()})

export interface Listed {
  readonly coin: string
  readonly szDecimals: number
  readonly maxLeverage: number
  readonly delisted: boolean
  /** the coin cannot share margin with the rest of the account */
  readonly onlyIsolated: boolean
}

/** `meta` -> the instrument list, delisted ones included. @throws Fault `venue.malformed` (venue) */
export const listedOf = (reply: unknown): Listed[] =>
  parse('meta', Meta, reply).universe.map(({name, szDecimals, maxLeverage, isDelisted, onlyIsolated, marginMode}) => ({
    coin: name,
    szDecimals,
    maxLeverage,
    delisted: isDelisted === true,
    onlyIsolated: onlyIsolated === true || marginMode === 'strictIsolated' || marginMode === 'noCross',
  }))

/**
 * `metaAndAssetCtxs` -> columns of `asset_ctx`, by coin. A price that is not there is NaN.
 *
 * @param ts  our clock when it came: the venue sends no time with a context
 * @throws Fault `venue.malformed` (venue), also when contexts and names do not pair up
 */
export function contextRowsOf(
  reply: unknown,
  ts: number,
): {count: number; columns: Record<string, Float64Array | string[]>} {
  const [{universe}, contexts] = parse('metaAndAssetCtxs', MetaAndContexts, reply)
  if (universe.length !== contexts.length) {
    throw malformed('metaAndAssetCtxs', `${universe.length} names and ${contexts.length} contexts`)
  }
  const order = universe.map((_, i) => i).sort((a, b) => (universe[a]!.name < universe[b]!.name ? -1 : 1))
  const column = (pick: (context: z.infer<typeof Context>) => string | null | undefined): Float64Array =>
    Float64Array.from(order, (i) => Number(pick(contexts[i]!) ?? Number.NaN))
  return {
    count: order.length,
    columns: {
      coin: order.map((i) => universe[i]!.name),
      ts: new Float64Array(order.length).fill(ts),
      mark_px: column(({markPx}) => markPx),
      oracle_px: column(({oraclePx}) => oraclePx),
      mid_px: column(({midPx}) => midPx),
      prev_day_px: column(({prevDayPx}) => prevDayPx),
      funding: column(({funding}) => funding),
      premium: column(({premium}) => premium),
      open_interest: column(({openInterest}) => openInterest),
      day_notional: column(({dayNtlVlm}) => dayNtlVlm),
      available_at: new Float64Array(order.length).fill(ts),
    },
  }
}

/** `exchangeStatus` -> venue time, epoch ms. @throws Fault `venue.malformed` (venue) */
export const venueTimeOf = (reply: unknown): number => parse('exchangeStatus', Status, reply).time

/**
 * `candleSnapshot` -> closed bars as raw rows; the running candle is dropped.
 *
 * @throws Fault `venue.malformed` (venue), also when the reply is about another coin or interval
 */
export function barRowsOf(reply: unknown, coin: string, interval: string, now: number): RawRows {
  const candles = parse('candleSnapshot', z.array(Candle), reply)
  const stray = candles.find(({s, i}) => s !== coin || i !== interval)
  if (stray) throw malformed('candleSnapshot', `asked for ${coin} ${interval}, got ${stray.s} ${stray.i}`)
  const closed = candles.filter(({T}) => T < now)
  const column = (pick: (candle: z.infer<typeof Candle>) => number): Float64Array => Float64Array.from(closed, pick)
  return {
    count: closed.length,
    coin: closed.map(() => coin),
    ts: column(({t}) => t),
    numbers: {
      open: column(({o}) => Number(o)),
      high: column(({h}) => Number(h)),
      low: column(({l}) => Number(l)),
      close: column(({c}) => Number(c)),
      volume: column(({v}) => Number(v)),
      trades: column(({n}) => n),
    },
  }
}

/** The venue answers with at most this many payments; what is behind them is asked for again. */
export const FUNDING_PAGE = 500

/** `fundingHistory` -> payments as raw rows. @throws Fault `venue.malformed` (venue) */
export function paymentRowsOf(reply: unknown, coin: string): RawRows {
  const payments = parse('fundingHistory', z.array(Payment), reply)
  const stray = payments.find((row) => row.coin !== coin)
  if (stray) throw malformed('fundingHistory', `asked for ${coin}, got ${stray.coin}`)
  return {
    count: payments.length,
    coin: payments.map(() => coin),
    ts: Float64Array.from(payments, ({time}) => time),
    numbers: {
      rate: Float64Array.from(payments, ({fundingRate}) => Number(fundingRate)),
      premium: Float64Array.from(payments, ({premium}) => Number(premium)),
    },
  }
}

/** Several raw replies of one kind as one. */
export function joinRows(parts: readonly RawRows[]): RawRows {
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const join = (pick: (part: RawRows) => Float64Array): Float64Array => {
    const joined = new Float64Array(count)
    let at = 0
    for (const part of parts) {
      joined.set(pick(part), at)
      at += part.count
    }
    return joined
  }
  const names = Object.keys(parts[0]?.numbers ?? {})
  return {
    count,
    coin: parts.flatMap(({coin}) => coin),
    ts: join(({ts}) => ts),
    numbers: Object.fromEntries(names.map((name) => [name, join(({numbers}) => numbers[name]!)])),
  }
}

/** Of rows with one key the one that came last: two replies of one run may tell of one bar before and after an edit. */
export function latestRows(raw: RawRows): RawRows {
  const last = new Map<string, number>()
  for (let i = 0; i < raw.count; i++) last.set(`${raw.ts[i]} ${raw.coin[i]}`, i)
  if (last.size === raw.count) return raw
  const kept = [...last.values()].sort((a, b) => a - b)
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (i) => values[i]!)
  return {
    count: kept.length,
    coin: kept.map((i) => raw.coin[i]!),
    ts: pick(raw.ts),
    numbers: Object.fromEntries(Object.entries(raw.numbers).map(([name, values]) => [name, pick(values)])),
  }
}

function parse<S extends z.ZodType>(type: string, schema: S, reply: unknown): z.infer<S> {
  const result = schema.safeParse(reply)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw malformed(type, `${issue?.path.join('.') || 'the reply'}: ${issue?.message}`)
}

const malformed = (type: string, problem: string): Fault =>
  new Fault('venue.malformed', {
    family: 'venue',
    what: `The venue's reply to ${type} is not what its API promises.`,
    why: `${problem}. What cannot be read for certain is not stored; the lake is as it was before this request.`,
    next: ['run the command again', 'qo doctor'],
  })
