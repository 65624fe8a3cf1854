import {bookDigest} from '../book-digest.ts'
import {GrowingNumbers, type TableRows} from './growing-columns.ts'
import {numberOf, numberOrNone} from './venue-number.ts'

type Json = Readonly<Record<string, unknown>>

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
/** A row cannot have been used before it happened, whatever our clock says. */
const availableAt = (ts: number, receivedAt: number): number => Math.max(ts, Math.floor(receivedAt))

/** Prints. `take` returns why a print is none, or null. */
export class TradeColumns {
  #coins: string[] = []
  readonly #codes = new Map<string, number>()
  #lastCoin = -1
  #length = 0
  #coin: Float64Array
  #buys: Float64Array
  #tid: Float64Array
  /** ids that are no numbers: other venues have such */
  #tidTexts: string[] | null = null
  #ts: Float64Array
  #px: Float64Array
  #sz: Float64Array
  #available: Float64Array

  /** @param likely  prints that are to be expected: memory that need not grow is not copied */
  constructor(likely = 0) {
    const size = Math.max(1024, likely)
    this.#coin = new Float64Array(size)
    this.#buys = new Float64Array(size)
    this.#tid = new Float64Array(size)
    this.#ts = new Float64Array(size)
    this.#px = new Float64Array(size)
    this.#sz = new Float64Array(size)
    this.#available = new Float64Array(size)
  }

  get length(): number {
    return this.#length
  }

  take(trade: Json, receivedAt: number): string | null {
    const {coin, side, time, tid} = trade
    if (typeof coin !== 'string' || coin === '') return 'coin is no name'
    if (side !== 'A' && side !== 'B') return 'side is neither A nor B'
    if (!isTime(time)) return 'time is no epoch ms'
    if (!(Number.isSafeInteger(tid) && (tid as number) >= 0) && (typeof tid !== 'string' || tid === '')) {
      return 'tid is no id'
    }
    const [px, sz] = [numberOf(trade['px']), numberOf(trade['sz'])]
    if (!(px > 0)) return 'px is not a price above zero'
    if (!(sz > 0)) return 'sz is not a size above zero'
    if (typeof tid === 'string') this.#tidTexts ??= Array.from(this.#tid.subarray(0, this.#length), String)
    this.push(this.#codeOf(coin), side === 'B', time, typeof tid === 'number' ? tid : Number.NaN, px, sz, receivedAt)
    if (typeof tid === 'string') this.#tidTexts![this.#tidTexts!.length - 1] = tid
    return null
  }

  /** A print that was judged; `coin` is a code of `codeAt`. */
  push(coin: number, isBuy: boolean, ts: number, tid: number, px: number, sz: number, receivedAt: number): void {
    const i = this.#length
    if (i === this.#ts.length) this.#grow()
    this.#length = i + 1
    this.#lastCoin = coin
    this.#coin[i] = coin
    this.#buys[i] = isBuy ? 1 : 0
    this.#tid[i] = tid
    this.#tidTexts?.push(String(tid))
    this.#ts[i] = ts
    this.#px[i] = px
    this.#sz[i] = sz
    this.#available[i] = availableAt(ts, receivedAt)
  }

  #grow(): void {
    this.#coin = doubled(this.#coin)
    this.#buys = doubled(this.#buys)
    this.#tid = doubled(this.#tid)
    this.#ts = doubled(this.#ts)
    this.#px = doubled(this.#px)
    this.#sz = doubled(this.#sz)
    this.#available = doubled(this.#available)
  }

  /** Begin again in the same memory: rows that were given out are gone. */
  clear(): void {
    ;[this.#length, this.#lastCoin, this.#tidTexts] = [0, -1, null]
    this.#coins = []
    this.#codes.clear()
  }

  /** Take back what was pushed last. */
  cutTo(length: number): void {
    this.#length = Math.min(this.#length, length)
    if (this.#tidTexts) this.#tidTexts.length = this.#length
  }

  /** Code of a coin written in ASCII; most frames are about the coin of the one before. */
  codeAt(bytes: DataView, from: number, to: number): number {
    const last = this.#coins[this.#lastCoin]
    if (last?.length === to - from) {
      let k = from
      while (k < to && last.charCodeAt(k - from) === bytes.getUint8(k)) k++
      if (k === to) return this.#lastCoin
    }
    let coin = ''
    for (let k = from; k < to; k++) coin += String.fromCharCode(bytes.getUint8(k))
    return this.#codeOf(coin)
  }

  #codeOf(coin: string): number {
    const known = this.#codes.get(coin)
    if (known !== undefined) return known
    this.#codes.set(coin, this.#coins.length)
    return this.#coins.push(coin) - 1
  }

  /** Coin, oldest and newest time of the prints from a position on; they are of one frame. */
  spanFrom(first: number): {coin: string; newest: number; oldest: number} {
    const ts = this.#ts
    let [newest, oldest] = [0, Number.POSITIVE_INFINITY]
    for (let i = first; i < this.#length; i++) {
      const at = ts[i]!
      if (at > newest) newest = at
      if (at < oldest) oldest = at
    }
    return {coin: this.#coins[this.#lastCoin] ?? '', newest, oldest}
  }

  rows(): TableRows {
    const count = this.#length
    const numbers = {ts: this.#ts.subarray(0, count), px: this.#px.subarray(0, count), sz: this.#sz.subarray(0, count)}
    const tid = this.#tidTexts ?? this.#tid.subarray(0, count)
    const texts = {coin: this.#coin.subarray(0, count), tid, aggressor: this.#buys.subarray(0, count)}
    return {
      count,
      columns: {...texts, ...numbers, available_at: this.#available.subarray(0, count)},
      names: {coin: this.#coins, aggressor: ['sell', 'buy']},
    }
  }
}

function doubled(values: Float64Array): Float64Array {
  const larger = new Float64Array(2 * values.length)
  larger.set(values)
  return larger
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
