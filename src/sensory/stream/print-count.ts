import type {Print} from './classify-frame.ts'
import type {Now} from './receive-clock.ts'

interface Bar {
  readonly open: number
  readonly tids: Set<string>
  /** trades in the bar by its newest frame */
  promised: number
  /** what the bar may hold more than we saw: trades before we listened, or inside a hole that is told */
  excused: number
  /** the bar opened while we listened: then nothing is excused */
  readonly isWhole: boolean
}

/** What was the last print when every bar was satisfied, and when that was. */
export interface Agreement {
  readonly wall: number
  readonly last: Print | null
}

/**
 * Counts the prints of a coin against the trades that its bars promise: the one proof that a stream which still flows
 * has dropped frames.
 *
 * A bar that was joined in its middle may hold trades from before; it can only be held to not falling further behind.
 */
export class PrintCount {
  readonly #barMs: number
  readonly #patienceMs: number
  #bars: Bar[] = []
  #owedAt: number | null = null
  #agreed: Agreement | null = null
  #last: Print | null = null
  #listens = false

  /** @param patienceMs  a bar may run ahead of the prints, or lag behind them, this long */
  constructor(barMs: number, patienceMs: number) {
    this.#barMs = barMs
    this.#patienceMs = patienceMs
  }

  /** The stream is lost, or back: what the running bar promises is no longer owed in full. */
  restart(listens: boolean): void {
    this.#bars = []
    this.#owedAt = null
    this.#agreed = null
    this.#listens = listens
  }

  prints(prints: readonly Print[], now: Now): void {
    for (const print of prints) {
      if (this.#last === null || print.time >= this.#last.time) this.#last = print
      const open = Math.floor(print.time / this.#barMs) * this.#barMs
      this.#bar(open)?.tids.add(print.tid)
    }
    this.#settle(now)
  }

  /** The newest word of a bar on how many trades it holds. */
  promise(open: number, trades: number, now: Now): void {
    const bar = this.#bar(open)
    if (bar === null) return
    bar.promised = Math.max(bar.promised, trades)
    if (!bar.isWhole) bar.excused = Math.min(bar.excused, Math.max(0, bar.promised - bar.tids.size))
    this.#settle(now)
  }

  /** The agreement since which prints are missing, or null. */
  missing(at: number, patienceMs = this.#patienceMs): Agreement | null {
    return this.#owedAt !== null && at - this.#owedAt >= patienceMs ? this.#agreed : null
  }

  #settle(now: Now): void {
    const owes = this.#bars.some(({promised, tids, excused}) => promised - tids.size > excused)
    if (!owes) [this.#owedAt, this.#agreed] = [null, {wall: now.wall, last: this.#last}]
    else if (this.#agreed !== null) this.#owedAt ??= now.mono
  }

  /** The bar that opened then, among the newest three; null for an older one, and while nobody listens. */
  #bar(open: number): Bar | null {
    if (!this.#listens) return null
    const found = this.#bars.find((bar) => bar.open === open)
    if (found !== undefined) return found
    const newest = this.#bars.at(-1)
    if (newest !== undefined && open < newest.open) return null
    const isWhole = newest !== undefined
    const bar = {open, tids: new Set<string>(), promised: 0, excused: isWhole ? 0 : Number.POSITIVE_INFINITY, isWhole}
    this.#bars = [...this.#bars.slice(-2), bar]
    return bar
  }
}
