import {bookDigest} from '../book-digest.ts'
import {GrowingNumbers, type TableRows} from './growing-columns.ts'
import {numberOf, numberOrNone} from './venue-number.ts'

type Json = Readonly<Record<string, unknown>>

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
/** A row cannot have been used before it happened, whatever our clock says. */
const availableAt = (ts: number, receivedAt: number): number => Math.max(ts, Math.floor(receivedAt))

/** Prints. `take` returns why a print is none, or null. */
export class TradeColumns {
  readonly coin: string[] = []
  readonly tid: string[] = []
  readonly aggressor: string[] = []
  readonly ts = new GrowingNumbers()
  readonly px = new GrowingNumbers()
  readonly sz = new GrowingNumbers()
  readonly available = new GrowingNumbers()

  take(trade: Json, receivedAt: number): string | null {
    const {coin, side, time, tid} = trade
    if (typeof coin !== 'string' || coin === '') return 'coin is no name'
    if (side !== 'A' && side !== 'B') return 'side is neither A nor B'
    if (!isTime(time)) return 'time is no epoch ms'
    if (!Number.isSafeInteger(tid) && (typeof tid !== 'string' || tid === '')) return 'tid is no id'
    const [px, sz] = [numberOf(trade['px']), numberOf(trade['sz'])]
    if (!(px > 0)) return 'px is not a price above zero'
    if (!(sz > 0)) return 'sz is not a size above zero'
    this.coin.push(coin)
    this.tid.push(String(tid))
    this.aggressor.push(side === 'B' ? 'buy' : 'sell')
    this.ts.push(time)
    this.px.push(px)
    this.sz.push(sz)
    this.available.push(availableAt(time, receivedAt))
    return null
  }

  rows(): TableRows {
    const {coin, tid, aggressor} = this
    const numbers = {ts: this.ts.view(), px: this.px.view(), sz: this.sz.view(), available_at: this.available.view()}
    return {count: coin.length, columns: {coin, tid, aggressor, ...numbers}}
  }
}

/** Best bids and offers; a side without orders is NaN. What the venue says is stored: a crossed quote too. */
export class QuoteColumns {
  readonly coin: string[] = []
  readonly ts = new GrowingNumbers()
  readonly available = new GrowingNumbers()
  readonly sides = Array.from({length: 6}, () => new GrowingNumbers())

  take({coin, time, bbo}: Json, receivedAt: number): string | null {
    if (typeof coin !== 'string' || coin === '') return 'coin is no name'
    if (!isTime(time)) return 'time is no epoch ms'
    if (!Array.isArray(bbo) || bbo.length !== 2) return 'bbo is no pair'
    const values: number[] = []
    for (const level of bbo as unknown[]) {
      const side = level === null ? NO_LEVEL : levelOf(level)
      if (side === null) return 'bbo has a level that is none'
      values.push(...side)
    }
    this.coin.push(coin)
    this.ts.push(time)
    this.available.push(availableAt(time, receivedAt))
    for (const [k, value] of values.entries()) this.sides[k]!.push(value)
    return null
  }

  rows(): TableRows {
    const names = ['bid_px', 'bid_sz', 'bid_n', 'ask_px', 'ask_sz', 'ask_n']
    const sides = Object.fromEntries(names.map((name, k) => [name, this.sides[k]!.view()]))
    return {
      count: this.coin.length,
      columns: {coin: this.coin, ts: this.ts.view(), ...sides, available_at: this.available.view()},
    }
  }
}

const NO_LEVEL: readonly number[] = [Number.NaN, Number.NaN, Number.NaN]
const MOST_LEVELS = 100

/** Price, size, number of orders; null when it is no level. */
function levelOf(level: unknown): readonly [number, number, number] | null {
  if (typeof level !== 'object' || level === null) return null
  const {px, sz, n} = level as Json
  const [price, size] = [numberOf(px), numberOf(sz)]
  const orders = n === undefined ? Number.NaN : n
  const known = typeof orders === 'number' && (Number.isNaN(orders) || (Number.isInteger(orders) && orders >= 0))
  return price > 0 && size >= 0 && known ? [price, size, orders] : null
}

const SIDES = ['bid_px', 'bid_sz', 'bid_n', 'ask_px', 'ask_sz', 'ask_n'] as const

/** Book snapshots: levels as they came, best first; an empty side is an empty list. */
export class BookColumns {
  readonly coin: string[] = []
  readonly feed: string[] = []
  readonly digest: string[] = []
  readonly ts = new GrowingNumbers()
  readonly available = new GrowingNumbers()
  readonly lists: Record<(typeof SIDES)[number], Float64Array[]> = {
    ...{bid_px: [], bid_sz: [], bid_n: []},
    ...{ask_px: [], ask_sz: [], ask_n: []},
  }

  take({coin, time, levels, fast}: Json, receivedAt: number): string | null {
    if (typeof coin !== 'string' || coin === '') return 'coin is no name'
    if (!isTime(time)) return 'time is no epoch ms'
    if (!Array.isArray(levels) || levels.length !== 2) return 'levels are no two sides'
    const [bids, asks] = [sideOf(levels[0]), sideOf(levels[1])]
    if (bids === null || asks === null) return 'levels hold something that is no level'
    this.coin.push(coin)
    this.feed.push(fast === true ? 'fast' : 'full')
    this.digest.push(bookDigest({bidPx: bids[0], bidSz: bids[1], askPx: asks[0], askSz: asks[1]}))
    this.ts.push(time)
    this.available.push(availableAt(time, receivedAt))
    for (const [k, column] of [...bids, ...asks].entries()) this.lists[SIDES[k]!].push(column)
    return null
  }

  rows(): TableRows {
    const {coin, feed, digest, lists} = this
    const numbers = {ts: this.ts.view(), available_at: this.available.view()}
    return {count: coin.length, columns: {coin, feed, digest, ...numbers}, lists}
  }
}

function sideOf(side: unknown): readonly [Float64Array, Float64Array, Float64Array] | null {
  if (!Array.isArray(side) || side.length > MOST_LEVELS) return null
  const [px, sz, n] = [new Float64Array(side.length), new Float64Array(side.length), new Float64Array(side.length)]
  for (const [k, item] of (side as unknown[]).entries()) {
    const level = levelOf(item)
    if (level === null) return null
    ;[px[k], sz[k], n[k]] = level
  }
  return [px, sz, n]
}

/** Asset contexts. The venue sends no time with them: `ts` is when they came. */
export class ContextColumns {
  readonly coin: string[] = []
  readonly ts = new GrowingNumbers()
  readonly fields = Object.fromEntries(Object.keys(CONTEXT_FIELDS).map((name) => [name, new GrowingNumbers()]))

  take({coin, ctx}: Json, receivedAt: number): string | null {
    if (typeof coin !== 'string' || coin === '') return 'coin is no name'
    if (typeof ctx !== 'object' || ctx === null) return 'ctx is no object'
    const values: number[] = []
    for (const [name, theirs] of Object.entries(CONTEXT_FIELDS)) {
      const value = numberOrNone((ctx as Json)[theirs])
      if (value === undefined) return `${theirs} is no number`
      if (name === 'mark_px' && !(value > 0)) return 'markPx is not a price above zero'
      values.push(value)
    }
    this.coin.push(coin)
    this.ts.push(Math.floor(receivedAt))
    for (const [k, name] of Object.keys(CONTEXT_FIELDS).entries()) this.fields[name]!.push(values[k]!)
    return null
  }

  rows(): TableRows {
    const numbers = Object.fromEntries(Object.entries(this.fields).map(([name, column]) => [name, column.view()]))
    const ts = this.ts.view()
    return {count: this.coin.length, columns: {coin: this.coin, ts, ...numbers, available_at: ts}}
  }
}

/** Ours -> theirs. */
const CONTEXT_FIELDS: Readonly<Record<string, string>> = {
  mark_px: 'markPx',
  oracle_px: 'oraclePx',
  mid_px: 'midPx',
  prev_day_px: 'prevDayPx',
  funding: 'funding',
  premium: 'premium',
  open_interest: 'openInterest',
  day_notional: 'dayNtlVlm',
}
