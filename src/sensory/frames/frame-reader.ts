import {StreamMark} from '../../contracts/stream.ts'
import {viewOf} from '../../kernel/crc32c.ts'
import {utf8Text} from '../../kernel/utf8.ts'
import {binanceFrame} from './binance-frame.ts'
import type {TableRows} from './growing-columns.ts'
import {type HttpFrame, httpRows, readHttpFrame} from './http-frame.ts'
import {type BarHole, type Running, RunningCandles} from './running-candles.ts'
import {scanTrades} from './scan-trades.ts'
import {type StreamGap, type StreamGapState, StreamGaps, type StreamTable} from './stream-gaps.ts'
import {BookColumns, ContextColumns, QuoteColumns, TradeColumns} from './tick-columns.ts'

/** One raw frame. */
export interface ReadableFrame {
  readonly seq: number
  readonly receivedAt: number
  readonly kind: 'socket' | 'http' | 'mark'
  /** UTF-8 */
  readonly bytes: Uint8Array
  /** where the same bytes lie in a larger piece of memory, when they do */
  readonly within?: DataView
  readonly from?: number
  readonly to?: number
}

/** A frame, or a row of one, that holds no market data. */
export interface FrameReject {
  readonly seq: number
  readonly receivedAt: number
  readonly reason: string
  readonly bytes: number
  readonly head: string
}

/** Rows of one table, and of one interval where the table has any. */
export interface FrameBatch {
  readonly table: StreamTable
  readonly interval: string | null
  readonly rows: TableRows
}

/** What some frames held. */
export interface FrameRows {
  readonly batches: readonly FrameBatch[]
  /** answered requests, for whoever stores replies */
  readonly replies: readonly HttpFrame[]
  readonly gaps: readonly StreamGap[]
  readonly rejects: readonly FrameReject[]
}

type Json = Readonly<Record<string, unknown>>

/** Frames that carry no rows of the lake: acknowledgements, signs of life, summaries that other streams hold in full. */
const SILENT: ReadonlySet<string> = new Set([
  ...['subscriptionResponse', 'pong', 'error', 'post', 'allMids', 'allDexsAssetCtxs', 'fastAssetCtxs', 'notification'],
  ...['orderUpdates', 'user', 'userFills', 'userFundings', 'userNonFundingLedgerUpdates', 'webData2', 'webData3'],
])
const HEAD = 200

type TextFrame = Omit<ReadableFrame, 'bytes'> & {readonly text: string}

/**
 * Raw frames -> rows of the lake, holes and rejects. The same frames give the same rows, so a table can be rebuilt from
 * them and compared.
 *
 * Frames come in the order of their numbers. What spans frames (bars that are not final, holes that are not over) is
 * `state`: a reader made from it goes on as if it had read everything before.
 */
export class FrameReader {
  /** Filled by turns: what was drained stays while the next rows gather. */
  #trades: TradeColumns
  #otherTrades: TradeColumns | null = null
  readonly #likely: number
  #quotes = new QuoteColumns()
  #books = new BookColumns()
  #contexts = new ContextColumns()
  readonly #candles: RunningCandles
  readonly #gaps: StreamGaps
  /** a text made once a frame costs more than the row it names */
  readonly #tradeStreams = new Map<string, string>()
  #replies: HttpFrame[] = []
  #rejects: FrameReject[] = []

  /** @param prints  how many come before they are drained, where that is known: their memory need not grow then */
  constructor(state: FrameReaderState | null = null, prints = 0) {
    this.#likely = prints
    this.#trades = new TradeColumns(prints)
    this.#candles = new RunningCandles(state?.running)
    this.#gaps = state ? new StreamGaps(state.gaps) : new StreamGaps()
  }

  /** rows that wait to be drained */
  get length(): number {
    const ticks = this.#trades.length + this.#quotes.coin.length + this.#contexts.coin.length
    // A book weighs as much as twenty prints.
    return ticks + 20 * this.#books.coin.length + this.#candles.length + 1000 * this.#replies.length
  }

  take(frame: ReadableFrame): void {
    if (frame.kind !== 'socket' || !this.#scan(frame)) this.#parse(frame)
    this.#gaps.heard(frame.receivedAt)
    this.#candles.advance(frame.receivedAt)
  }

  /** Rows since the last time. Prints are there until the next time: their memory is used again. */
  drain(): FrameRows {
    const batches: FrameBatch[] = [
      {table: 'trades', interval: null, rows: this.#trades.rows()},
      {table: 'bbo', interval: null, rows: this.#quotes.rows()},
      {table: 'book', interval: null, rows: this.#books.rows()},
      {table: 'asset_ctx', interval: null, rows: this.#contexts.rows()},
      ...this.#candles.drain().map(({interval, rows}) => ({table: 'candles' as const, interval, rows})),
    ]
    const drained = {
      batches: batches.filter(({rows}) => rows.count > 0),
      replies: this.#replies,
      gaps: [...this.#gaps.drain(), ...this.#candles.drainHoles().map(asGap)],
      rejects: this.#rejects,
    }
    const free = this.#otherTrades ?? new TradeColumns(this.#likely)
    ;[this.#trades, this.#otherTrades] = [free, this.#trades]
    free.clear()
    this.#quotes = new QuoteColumns()
    this.#books = new BookColumns()
    this.#contexts = new ContextColumns()
    ;[this.#replies, this.#rejects] = [[], []]
    return drained
  }

  state(): FrameReaderState {
    return {running: this.#candles.state(), gaps: this.#gaps.state()}
  }

  /** The short way for the most frequent frames. */
  #scan(frame: ReadableFrame): boolean {
    const first = this.#trades.length
    const {within, from = 0, to = 0, receivedAt} = frame
    const isTaken = within
      ? scanTrades(within, from, to, this.#trades, receivedAt)
      : scanTrades(viewOf(frame.bytes), 0, frame.bytes.length, this.#trades, receivedAt)
    if (!isTaken) return false
    const {coin, newest, oldest} = this.#trades.spanFrom(first)
    let stream = this.#tradeStreams.get(coin)
    if (stream === undefined) {
      stream = `trades:${coin}`
      this.#tradeStreams.set(coin, stream)
    }
    this.#gaps.row(stream, newest, receivedAt, oldest)
    return true
  }

  #parse({seq, receivedAt, kind, bytes}: ReadableFrame): void {
    const frame = {seq, receivedAt, kind, text: utf8Text(bytes)}
    if (kind === 'mark') this.#mark(frame)
    else if (kind === 'http') this.#reply(frame)
    else this.#socket(frame)
  }

  #socket(frame: TextFrame): void {
    let parsed: unknown
    try {
      parsed = JSON.parse(frame.text)
    } catch {
      this.#reject(frame, 'no JSON: truncated or malformed')
      return
    }
    const {channel, data} = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Json
    const {receivedAt} = frame
    switch (channel) {
      case 'trades':
        if (Array.isArray(data)) this.#prints(frame, data as unknown[])
        else this.#reject(frame, 'trades are no list')
        break
      case 'bbo':
        this.#one(frame, 'bbo', data, (row) => this.#quotes.take(row, receivedAt))
        break
      case 'l2Book':
        this.#one(frame, 'book', data, (row) => this.#books.take(row, receivedAt))
        break
      case 'activeAssetCtx':
        this.#one(frame, 'asset_ctx', data, (row) => this.#contexts.take(row, receivedAt))
        break
      case 'candle':
        // The documents say a list, the wire says one object: both are read.
        for (const row of Array.isArray(data) ? (data as unknown[]) : [data]) {
          this.#one(frame, 'candles', row, (candle) => this.#candles.take(candle, receivedAt))
        }
        break
      default:
        if (typeof channel !== 'string') this.#binance(frame, (parsed ?? {}) as Json)
        else if (!SILENT.has(channel)) this.#reject(frame, `unknown channel '${channel.slice(0, 40)}'`)
    }
  }

  #binance(frame: TextFrame, parsed: Json): void {
    const found = typeof parsed === 'object' ? binanceFrame(parsed, frame.receivedAt) : null
    if (found === null) this.#reject(frame, 'no channel')
    else if (found.table === 'trades') this.#prints(frame, [found.row])
    else if (found.table === 'bbo')
      this.#one(frame, 'bbo', found.row, (row) => this.#quotes.take(row, frame.receivedAt))
  }

  #one(frame: TextFrame, table: string, data: unknown, take: (row: Json) => string | null): void {
    if (typeof data !== 'object' || data === null) {
      this.#reject(frame, `${table} frame without data`)
      return
    }
    const row = data as Json
    const wrong = take(row)
    if (wrong !== null) this.#reject(frame, `${table}: ${wrong}`)
    else if (table === 'candles')
      this.#gaps.row(`candles:${String(row['s'])}:${String(row['i'])}`, Number(row['t']), frame.receivedAt)
    else
      this.#gaps.row(
        `${table}:${String(row['coin'])}`,
        typeof row['time'] === 'number' ? row['time'] : frame.receivedAt,
        frame.receivedAt,
      )
  }

  #prints(frame: TextFrame, prints: readonly unknown[]): void {
    let [coin, newest, oldest] = ['', 0, Number.POSITIVE_INFINITY]
    for (const print of prints) {
      const row = (typeof print === 'object' && print !== null ? print : {}) as Json
      const wrong = this.#trades.take(row, frame.receivedAt)
      if (wrong !== null) {
        this.#reject(frame, `trades: ${wrong}`)
        continue
      }
      coin = row['coin'] as string
      newest = Math.max(newest, row['time'] as number)
      oldest = Math.min(oldest, row['time'] as number)
    }
    if (coin !== '') this.#gaps.row(`trades:${coin}`, newest, frame.receivedAt, oldest)
  }

  #reply(frame: TextFrame): void {
    const reply = readHttpFrame(frame.text)
    if (reply === null) this.#reject(frame, 'no request with its reply')
    else if (reply.request['type'] !== 'recentTrades') {
      const wrong = whyUnreadable(reply)
      if (wrong === null) this.#replies.push(reply)
      else this.#reject(frame, wrong)
    } else if (Array.isArray(reply.reply)) {
      for (const print of reply.reply as unknown[]) {
        const row = (typeof print === 'object' && print !== null ? print : {}) as Json
        const wrong = this.#trades.take(row, frame.receivedAt)
        if (wrong !== null) this.#reject(frame, `trades: ${wrong}`)
      }
    }
  }

  #mark(frame: TextFrame): void {
    let mark: StreamMark
    try {
      mark = StreamMark.parse(JSON.parse(frame.text))
    } catch {
      this.#reject(frame, 'a mark that is none')
      return
    }
    this.#candles.doubt(this.#gaps.mark(mark, frame.receivedAt))
    if (mark.mark === 'rejected') this.#reject(frame, mark.reason)
  }

  #reject({seq, receivedAt, kind, text}: TextFrame, reason: string): void {
    // Whose rows it held is not known: it may have been the last word on any bar.
    if (kind === 'socket') this.#candles.doubt()
    this.#rejects.push({seq, receivedAt, reason, bytes: text.length, head: text.slice(0, HEAD)})
  }
}

const asGap = (hole: BarHole): StreamGap => ({
  ...hole,
  table: 'candles',
  state: 'OPEN',
  cause: 'the last word on the bar may be lost',
})

/** What is no reply of the venue's API must not stop whoever stores the others: once in the log it would, for ever. */
function whyUnreadable(reply: HttpFrame): string | null {
  try {
    httpRows(reply)
    return null
  } catch (cause) {
    return `reply: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

/** Plain data: what a reader must be given to go on where another ended. */
export interface FrameReaderState {
  readonly running: readonly Running[]
  readonly gaps: StreamGapState
}
