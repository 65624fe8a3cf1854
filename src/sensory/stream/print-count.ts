import type {Print} from './classify-frame.ts'
import type {Now} from './receive-clock.ts'

/** What the last print was, and when, while nothing was missing. */
export interface Agreement {
  /** receive stamp, epoch ms */
  readonly wall: number
  readonly last: Print | null
}

/** The word of a bar on how many trades it holds, until it can be judged. */
interface Promised {
  readonly trades: number
  /** venue time after which no trade of the promise can have happened */
  readonly until: number
  readonly at: Now
}

interface Bar {
  readonly open: number
  readonly tids: Set<string>
  /** venue times of the prints, as they came */
  readonly times: number[]
  readonly waiting: Promised[]
  /** trades before we listened: none in a bar that we saw open, at most this many in one that we joined */
  before: number
  readonly isWhole: boolean
}

/** Prints of a replay overtake bars that are still on their way: what those say does not bound what was before. */
const SETTLE_MS = 1000

/**
 * Counts the prints of a coin against the trades that its bars promise: the one proof that a stream which flows on has
 * dropped frames.
 *
 * A bar of n trades, sent at a venue time not after `until`, needs n prints with times up to `until`, once those had time
 * to arrive. Prints beyond the bar's own moment may be counted as well, so a single print missing from a busy coin can
 * take some bars to show; a print that is there is never called missing.
 */
export class PrintCount {
  readonly #barMs: number
  #bars: Bar[] = []
  #agreed: Agreement | null = null
  #last: Print | null = null
  #listensSince: Now | null = null

  constructor(barMs: number) {
    this.#barMs = barMs
  }

  /** The stream is lost, or back: what the running bar held until now is no longer owed. */
  restart(listens: boolean, now: Now): void {
    this.#bars = []
    this.#agreed = null
    this.#listensSince = listens ? now : null
  }

  prints(prints: readonly Print[], now: Now): void {
    for (const print of prints) {
      const bar = this.#bar(Math.floor(print.time / this.#barMs) * this.#barMs)
      if (bar === null || bar.tids.has(print.tid)) continue
      bar.tids.add(print.tid)
      bar.times.push(print.time)
      if (this.#last === null || print.time >= this.#last.time) this.#last = print
    }
    // The first frame is a replay: nothing is missing between its prints.
    if (this.#listensSince !== null) this.#agreed ??= {wall: now.wall, last: this.#last}
  }

  /** @param until  venue time after which no trade of this promise can have happened */
  promise(open: number, trades: number, until: number, at: Now): void {
    const bar = this.#bar(open)
    if (bar === null) return
    const ahead = Math.max(0, trades - bar.tids.size)
    if (at.mono - this.#listensSince!.mono >= SETTLE_MS) bar.before = Math.min(bar.before, ahead)
    // Frames keep their order: what is in this bar came before it, so that nothing is missing when it holds no more.
    // A bar that was joined says nothing of the kind: what it lacks may have been before.
    if (bar.isWhole && ahead === 0) this.#agreed = {wall: at.wall, last: this.#last}
    bar.waiting.push({trades, until, at})
  }

  /** Since when prints are missing, by the promises that are older than `patienceMs`; null when none is. */
  missing(at: number, patienceMs: number): Agreement | null {
    for (const bar of this.#bars) {
      while (bar.waiting.length > 0 && at - bar.waiting[0]!.at.mono >= patienceMs) {
        const promise = bar.waiting.shift()!
        const surplus = countAfter(bar.times, promise.until)
        const owed = promise.trades - (bar.tids.size - surplus) - bar.before
        if (owed > 0) return this.#agreed ?? {wall: this.#listensSince!.wall, last: null}
        // Paid to the last print, and nothing came since: an agreement as good as one at arrival.
        if (bar.isWhole && owed === 0 && surplus === 0 && promise.at.wall > (this.#agreed?.wall ?? 0)) {
          this.#agreed = {wall: promise.at.wall, last: this.#last}
        }
      }
    }
    return null
  }

  /** The bar that opened then, among the newest three; null for an older one, and while nobody listens. */
  #bar(open: number): Bar | null {
    if (this.#listensSince === null) return null
    const found = this.#bars.find((bar) => bar.open === open)
    if (found !== undefined) return found
    const newest = this.#bars.at(-1)
    if (newest !== undefined && open < newest.open) return null
    const isWhole = newest !== undefined
    const before = isWhole ? 0 : Number.POSITIVE_INFINITY
    const bar = {open, tids: new Set<string>(), times: [], waiting: [], before, isWhole}
    this.#bars = [...this.#bars.slice(-2), bar]
    return bar
  }
}

/** How many of these times lie behind `until`; they come nearly in order. */
function countAfter(times: readonly number[], until: number): number {
  let after = 0
  // A print is late by seconds at most: far enough back all are earlier.
  for (let i = times.length - 1, calm = 0; i >= 0 && calm < 64; i--) {
    if (times[i]! > until) [after, calm] = [after + 1, 0]
    else calm++
  }
  return after
}
