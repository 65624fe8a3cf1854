import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {GrowingNumbers, type TableRows} from './growing-columns.ts'
import {numberOf} from './venue-number.ts'

type Json = Readonly<Record<string, unknown>>

/** The venue says no candle is final: one is when the next began and nothing came for it this long, ms of receive time. */
const GRACE_MS = 5000

/** A bar as last told, with the receive time of the frame that told it. */
export interface ToldBar {
  readonly t: number
  readonly values: readonly [open: number, high: number, low: number, close: number, volume: number, trades: number]
  readonly at: number
}

/** Bars of one coin and interval that are not final. */
export interface Running {
  readonly coin: string
  readonly interval: Interval
  /** the newest bar; the venue still adds to it */
  open: ToldBar
  /** false once a later word on the newest bar may have been lost */
  sure: boolean
  /** older ones inside their grace: receive time at which the next bar began */
  closing: {bar: ToldBar; since: number}[]
}

/**
 * Candles of a socket -> closed bars.
 *
 * A bar is kept once one with a later open arrived and the grace has passed. A frame for an older bar is an edit: kept
 * as it comes, and the lake makes a revision of what differs. Every frame carries the whole bar, so the first bar of a
 * session is complete, and a loss costs only a bar whose last word is missing: that bar is a hole and not a row.
 *
 * @see spec hyperliquid.md §2, candle: no "closed" flag
 */
export class RunningCandles {
  readonly #running = new Map<string, Running>()
  readonly #closed = new Map<Interval, ClosedBars>()
  #holes: BarHole[] = []
  /** receive time at which the first grace is over */
  #due = Number.POSITIVE_INFINITY

  constructor(running: readonly Running[] = []) {
    for (const one of running) this.#running.set(`${one.coin}:${one.interval}`, plainCopy(one))
    if (running.length > 0) this.#due = 0
  }

  /** Why a frame is no candle, or null. */
  take(candle: Json, receivedAt: number): string | null {
    const {s: coin, i: interval, t, T, n} = candle
    if (typeof coin !== 'string' || coin === '') return 'coin is no name'
    if (typeof interval !== 'string' || !Object.hasOwn(INTERVAL_MS, interval)) return 'interval is unknown'
    const barMs = INTERVAL_MS[interval as Interval]
    if (!Number.isSafeInteger(t) || (t as number) % barMs !== 0) return 'open time is off the grid'
    if (T !== (t as number) + barMs - 1) return 'close time does not fit the open time'
    if (!Number.isSafeInteger(n) || (n as number) < 0) return 'n is no count'
    const [o, h, l, c, v] = [candle['o'], candle['h'], candle['l'], candle['c'], candle['v']].map(numberOf)
    if (!(o! > 0 && h! > 0 && l! > 0 && c! > 0)) return 'a price is not above zero'
    if (!(v! >= 0)) return 'volume is negative or no number'
    this.#place(coin, interval as Interval, {t: t as number, values: [o!, h!, l!, c!, v!, n as number], at: receivedAt})
    return null
  }

  #place(coin: string, interval: Interval, bar: ToldBar): void {
    const key = `${coin}:${interval}`
    const running = this.#running.get(key)
    if (running === undefined) {
      this.#running.set(key, {coin, interval, open: bar, sure: true, closing: []})
      return
    }
    const {open, sure} = running
    if (bar.t >= open.t) {
      if (bar.t > open.t && sure) {
        running.closing.push({bar: open, since: bar.at})
        this.#due = Math.min(this.#due, bar.at + GRACE_MS)
      } else if (bar.t > open.t) this.#holes.push({coin, interval, from: open.t, to: bar.t})
      running.open = bar
      running.sure = true
    } else {
      const inGrace = running.closing.find((one) => one.bar.t === bar.t)
      if (inGrace) inGrace.bar = bar
      else this.#keep(coin, interval, bar)
    }
  }

  /** Frames were lost that may have told the newest bar of these streams on; undefined: of any. */
  doubt(streams?: readonly string[]): void {
    if (streams === undefined) for (const running of this.#running.values()) running.sure = false
    else {
      for (const stream of streams) {
        const running = stream.startsWith('candles:') ? this.#running.get(stream.slice('candles:'.length)) : undefined
        if (running) running.sure = false
      }
    }
  }

  /** Receive time goes on: bars whose grace is over are kept. */
  advance(receivedAt: number): void {
    if (receivedAt < this.#due) return
    this.#due = Number.POSITIVE_INFINITY
    for (const running of this.#running.values()) {
      const waiting: Running['closing'] = []
      for (const one of running.closing) {
        if (receivedAt - one.since >= GRACE_MS) this.#keep(running.coin, running.interval, one.bar)
        else waiting.push(one)
      }
      running.closing = waiting
      for (const {since} of waiting) this.#due = Math.min(this.#due, since + GRACE_MS)
    }
  }

  #keep(coin: string, interval: Interval, bar: ToldBar): void {
    const closed = this.#closed.get(interval) ?? new ClosedBars(INTERVAL_MS[interval])
    this.#closed.set(interval, closed)
    closed.push(coin, bar)
  }

  get length(): number {
    let rows = 0
    for (const closed of this.#closed.values()) rows += closed.length
    return rows
  }

  /** Closed bars by interval; a bar told twice stands in a later batch, so that the second is a revision. */
  drain(): {readonly interval: Interval; readonly rows: TableRows}[] {
    const batches = [...this.#closed].flatMap(([interval, closed]) =>
      closed.batches().map((rows) => ({interval, rows})),
    )
    this.#closed.clear()
    return batches
  }

  /** Bars that are no rows because their last word may be missing, since the last time. */
  drainHoles(): readonly BarHole[] {
    const holes = this.#holes
    this.#holes = []
    return holes
  }

  /** What must be known to go on: plain data. */
  state(): readonly Running[] {
    return [...this.#running.values()].map(plainCopy)
  }
}

/** Bars of a stream from one open time to another, that one not included. */
export interface BarHole {
  readonly coin: string
  readonly interval: Interval
  readonly from: number
  readonly to: number
}

const plainCopy = (running: Running): Running => ({...running, closing: running.closing.map((one) => ({...one}))})

class ClosedBars {
  readonly #barMs: number
  /** each without a repeated bar */
  readonly #batches: {
    readonly keys: Set<string>
    readonly coin: string[]
    readonly numbers: readonly GrowingNumbers[]
  }[] = []
  length = 0

  constructor(barMs: number) {
    this.#barMs = barMs
  }

  push(coin: string, {t, values, at}: ToldBar): void {
    const key = `${t} ${coin}`
    let batch = this.#batches.find(({keys}) => !keys.has(key))
    if (batch === undefined) {
      batch = {keys: new Set(), coin: [], numbers: Array.from({length: COLUMNS.length}, () => new GrowingNumbers())}
      this.#batches.push(batch)
    }
    batch.keys.add(key)
    batch.coin.push(coin)
    const row = [t, ...values, Math.max(t + this.#barMs, Math.floor(at))]
    for (const [k, value] of row.entries()) batch.numbers[k]!.push(value)
    this.length++
  }

  batches(): TableRows[] {
    return this.#batches.map(({coin, numbers}) => ({
      count: coin.length,
      columns: {coin, ...Object.fromEntries(COLUMNS.map((name, k) => [name, numbers[k]!.view()]))},
    }))
  }
}

const COLUMNS = ['ts', 'open', 'high', 'low', 'close', 'volume', 'trades', 'available_at'] as const
