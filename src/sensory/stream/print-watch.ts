import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import type {FrameContent} from './classify-frame.ts'
import {type Agreement, PrintCount} from './print-count.ts'
import type {Now} from './receive-clock.ts'
import type {StreamWatch} from './stream-watch.ts'

/** Prints of every coin against the shortest bars that are recorded of it. */
export class PrintWatch {
  readonly #patienceMs: number
  readonly #coins = new Map<string, {trades: StreamWatch; interval: Interval; count: PrintCount; gap: unknown}>()

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** The streams of a coin; one without trades or bars has nothing to compare. */
  add(coin: string, watches: readonly StreamWatch[]): void {
    const trades = watches.find(({stream}) => stream.channel === 'trades')
    const intervals = watches.flatMap(({stream}) => (stream.interval === null ? [] : [stream.interval]))
    const interval = intervals.sort((a, b) => INTERVAL_MS[a] - INTERVAL_MS[b])[0]
    if (trades === undefined || interval === undefined) return
    const count = new PrintCount(INTERVAL_MS[interval], this.#patienceMs)
    this.#coins.set(coin, {trades, interval, count, gap: undefined})
  }

  /** A good frame, after its stream heard it and a hole it ended was closed. */
  take({stream}: StreamWatch, content: FrameContent, now: Now): void {
    const coin = this.#coins.get(stream.coin)
    if (coin === undefined) return
    const {trades, interval, count} = coin
    if (coin.gap !== trades.gap) {
      coin.gap = trades.gap
      count.restart(trades.gap === null)
    }
    if (content.channel === 'trades') count.prints(content.prints, now)
    if (content.channel === 'candle' && stream.interval === interval) count.promise(content.open, content.trades, now)
  }

  /** Trades streams of which prints are missing, and since when. */
  missing(at: number, patienceMs?: number): {readonly watch: StreamWatch; readonly agreed: Agreement}[] {
    const found: {watch: StreamWatch; agreed: Agreement}[] = []
    for (const {trades, count} of this.#coins.values()) {
      const agreed = trades.gap === null && trades.phase === 'live' ? count.missing(at, patienceMs) : null
      if (agreed === null) continue
      found.push({watch: trades, agreed})
    }
    return found
  }
}
