import {AssetCtx} from '../contracts/market.ts'
import type {Desk, FrameRange} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {type Awaited, awaitedBars, awaitedPayments} from '../sensory/awaited.ts'
import {coinSpans} from '../sensory/check-interval.ts'
import {checkRows, type RawRows, type Reject} from '../sensory/check-rows.ts'
import {barGaps, type Gap} from '../sensory/find-gaps.ts'
import {type HttpFrame, type HttpRows, httpRows} from '../sensory/frames/http-frame.ts'
import {summarizePayments} from '../sensory/import-summary.ts'
import {orderRows} from '../sensory/order-rows.ts'
import {settlesAt} from '../sensory/settles.ts'
import {takeBars, takePayments} from '../sensory/take-rows.ts'
import {joinRows, latestRows} from '../sensory/venue-rows.ts'
import {appendBars, appendPayments, LIVE_SOURCE} from './append-market.ts'
import {leaveRowQuarantine} from './quarantine.ts'
import {recordUniverse} from './record-universe.ts'

/** What became of some replies. */
export interface Stored {
  readonly added: number
  readonly revised: number
  readonly quarantined: number
  /** asset contexts: a moment's figures, new each time, and not counted among the rows added */
  readonly contexts: number
}

export const NOTHING_STORED: Stored = {added: 0, revised: 0, quarantined: 0, contexts: 0}

interface Batch {
  readonly desk: Desk
  readonly venue: string
  /** when the last reply of the batch was here, epoch ms */
  readonly receivedAt: number
  readonly frames?: FrameRange
}

/**
 * Replies of a venue into the lake, one commit per table and interval. Told twice, they change nothing the second time.
 *
 * @param frames  where the replies are kept raw
 * @throws Fault `venue.malformed` (venue) when a reply is not what the API promises
 */
export async function storeReplies(
  desk: Desk,
  venue: string,
  replies: readonly HttpFrame[],
  frames?: FrameRange,
): Promise<Stored> {
  const receivedAt = replies.reduce((last, reply) => Math.max(last, reply.receivedAt), 0)
  const batch: Batch = {desk, venue, receivedAt, ...(frames ? {frames} : {})}
  const bars = new Map<Interval, BarsAsked[]>()
  const payments: PaymentsAsked[] = []
  let total = NOTHING_STORED
  for (const reply of replies) {
    const rows = httpRows(reply)
    if (rows?.table === 'candles')
      bars.set(rows.interval as Interval, [...(bars.get(rows.interval as Interval) ?? []), rows])
    else if (rows?.table === 'funding') payments.push(rows)
    else if (rows?.table === 'universe')
      total = sumStored(total, {...NOTHING_STORED, ...(await recordUniverse(batch, rows.listed))})
    else if (rows?.table === 'asset_ctx') total = sumStored(total, await recordContexts(batch, rows.rows))
  }
  for (const [interval, parts] of bars) total = sumStored(total, await storeBars(batch, interval, parts))
  return sumStored(total, await storePayments(batch, payments))
}

type PaymentsAsked = Extract<HttpRows, {table: 'funding'}>
type BarsAsked = Extract<HttpRows, {table: 'candles'}>

async function storeBars(batch: Batch, interval: Interval, answers: readonly BarsAsked[]): Promise<Stored> {
  const {desk, venue, receivedAt} = batch
  const barMs = INTERVAL_MS[interval]
  const parts = answers.map((answer) => answer.raw)
  const {raw, rejects, ordered} = await checked(batch, `${venue}-${interval}`, 'ohlcv', parts)
  const awaited = answers
    .map(({coin, asked, raw: {ts}}) => (asked === null ? null : awaitedBars(coin, asked, ts, barMs)))
    .filter((some): some is Awaited => some !== null)
  if (raw.count === 0 && awaited.length === 0) return NOTHING_STORED
  const outcome = await appendBars({...desk, asOf: receivedAt}, takeBars(raw, ordered, barMs), {
    ...placeOf(batch),
    interval,
    // Within one reply only: what lies between two of them was not asked for.
    gaps: parts.flatMap((part) => holesIn(part, barMs)),
    awaited,
    quarantined: rejects.length,
  })
  return {...NOTHING_STORED, added: outcome.added, revised: outcome.revised, quarantined: rejects.length}
}

async function storePayments(batch: Batch, answers: readonly PaymentsAsked[]): Promise<Stored> {
  const {desk, venue, receivedAt} = batch
  const {raw, rejects, ordered} = await checked(
    batch,
    `${venue}-funding`,
    'funding',
    answers.map((answer) => answer.raw),
  )
  const awaited = answers
    .map(({coin, asked, raw: {ts}}) => (asked === null ? null : awaitedPayments(coin, asked, ts.map(settlesAt))))
    .filter((some): some is Awaited => some !== null)
  if (raw.count === 0 && awaited.length === 0) return NOTHING_STORED
  const payments = takePayments(raw, ordered)
  const outcome = await appendPayments({...desk, asOf: receivedAt}, payments, {
    ...placeOf(batch),
    gaps: summarizePayments(payments).gaps,
    awaited,
    quarantined: rejects.length,
  })
  return {...NOTHING_STORED, added: outcome.added, revised: outcome.revised, quarantined: rejects.length}
}

/** Contexts of one moment; kept as often as they are asked for. */
async function recordContexts(
  {desk, venue, receivedAt, frames}: Batch,
  {count, columns}: Extract<HttpRows, {table: 'asset_ctx'}>['rows'],
): Promise<Stored> {
  const outcome = await desk.lake.append({
    table: AssetCtx,
    venue,
    source: `${LIVE_SOURCE}${venue}`,
    receivedAt,
    rows: {count, columns},
    ...(frames ? {frames} : {}),
  })
  return {...NOTHING_STORED, contexts: outcome.added}
}

const placeOf = ({venue, frames}: Batch): {venue: string; source: string; frames?: FrameRange} => ({
  venue,
  source: `${LIVE_SOURCE}${venue}`,
  ...(frames ? {frames} : {}),
})

function holesIn(part: RawRows, barMs: number): Gap[] {
  const ts = part.ts.toSorted()
  return barGaps(ts, coinSpans(part.coin), barMs)
}

async function checked(
  {desk}: Batch,
  name: string,
  shape: 'ohlcv' | 'funding',
  parts: readonly RawRows[],
): Promise<{raw: RawRows; rejects: readonly Reject[]; ordered: ReturnType<typeof orderRows>}> {
  const some = parts.filter(({count}) => count > 0)
  const raw = latestRows(joinRows(some.length > 0 ? some : parts.slice(0, 1)))
  const rejects = checkRows(shape, raw, new Map())
  await leaveRowQuarantine(desk, name, raw, rejects)
  return {raw, rejects, ordered: orderRows(raw, rejects)}
}

export const sumStored = (a: Stored, b: Stored): Stored => ({
  added: a.added + b.added,
  revised: a.revised + b.revised,
  quarantined: a.quarantined + b.quarantined,
  contexts: a.contexts + b.contexts,
})
