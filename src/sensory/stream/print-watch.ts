import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import type {FrameContent} from './classify-frame.ts'
import {type Agreement, PrintCount} from './print-count.ts'
import type {Now} from './receive-clock.ts'
import type {StreamWatch} from './stream-watch.ts'

/** The least lag that was seen may be above the least there is. */
const MARGIN_MS = 100

const venueTimeOf = (content: FrameContent): number | null => {
  if (content.channel === 'trades') return content.prints.reduce((newest, {time}) => Math.max(newest, time), 0)
  return content.channel === 'bbo' || content.channel === 'l2Book' ? content.time : null
}

type Hole = 'unheard' | 'none' | 'in' | 'behind'

const holeOf = ({gap}: StreamWatch): Hole => (gap === null ? 'none' : gap.back === null ? 'in' : 'behind')

/** Prints of every coin against the shortest bars that are recorded of it. */
export class PrintWatch {
  readonly #patienceMs: number
  /** least that any frame's arrival, on our monotonic clock, lay behind its venue time */
  #leastLag = Number.POSITIVE_INFINITY
  readonly #coins = new Map<string, {trades: StreamWatch; interval: Interval; count: PrintCount; hole: Hole}>()

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** A new socket: the venue's clock may have been set meanwhile. */
  opened(): void {
    this.#leastLag = Number.POSITIVE_INFINITY
  }

  /** The streams of a coin; one without trades or bars has nothing to compare. */
  add(coin: string, watches: readonly StreamWatch[]): void {
    const trades = watches.find(({stream}) => stream.channel === 'trades')
    const intervals = watches.flatMap(({stream}) => (stream.interval === null ? [] : [stream.interval]))
    const interval = intervals.sort((a, b) => INTERVAL_MS[a] - INTERVAL_MS[b])[0]
    if (trades === undefined || interval === undefined) return
    const count = new PrintCount(INTERVAL_MS[interval])
    this.#coins.set(coin, {trades, interval, count, hole: 'unheard'})
  }

  /** A good frame, after its stream heard it and a hole it ended was closed. */
  take({stream}: StreamWatch, content: FrameContent, now: Now): void {
    this.#leastLag = Math.min(this.#leastLag, now.mono - (venueTimeOf(content) ?? Number.NEGATIVE_INFINITY))
    const coin = this.#coins.get(stream.coin)
    if (coin === undefined) return
    const {trades, interval, count} = coin
    const hole = holeOf(trades)
    // Behind a hole whose proof is awaited prints come again, and none of them may go missing unseen.
    if (coin.hole !== hole && !(coin.hole === 'behind' && hole === 'none')) count.restart(hole !== 'in', now)
    coin.hole = hole
    if (content.channel === 'trades') count.prints(content.prints, now)
    if (content.channel !== 'candle' || stream.interval !== interval) return
    count.promise(content.open, content.trades, now.mono - this.#leastLag + MARGIN_MS, now)
  }

  /** Trades streams of which prints are missing, and since when. */
  missing(at: number, patienceMs = this.#patienceMs): {readonly watch: StreamWatch; readonly agreed: Agreement}[] {
    const found: {watch: StreamWatch; agreed: Agreement}[] = []
    for (const {trades, count} of this.#coins.values()) {
      const agreed = trades.phase === 'live' && holeOf(trades) !== 'in' ? count.missing(at, patienceMs) : null
      if (agreed === null) continue
      found.push({watch: trades, agreed})
    }
    return found
  }
}
