import {aggregate, type Bar} from './bars.ts'
import type {Print} from './market-source.ts'

const MINUTE_MS = 60_000
/** Older prints stay in the bars; nobody asks for them one by one. */
const PRINT_MEMORY = 20_000

/** The trades that clients took part in, on top of a market that goes on without them. */
export class OwnTrades {
  readonly #prints: Print[] = []
  readonly #minutes: Bar[] = []

  get isEmpty(): boolean {
    return this.#prints.length === 0
  }

  record(print: Print): void {
    this.#prints.push(print)
    if (this.#prints.length > PRINT_MEMORY) this.#prints.splice(0, PRINT_MEMORY / 2)
    const t = Math.floor(print.time / MINUTE_MS) * MINUTE_MS
    const {px, lots} = print
    const bar = {t, o: px, h: px, l: px, c: px, v: lots, n: 1}
    const last = this.#minutes.at(-1)
    if (last?.t === t) this.#minutes[this.#minutes.length - 1] = aggregate([last, bar], MINUTE_MS)[0]!
    else this.#minutes.push(bar)
  }

  /** The market's prints and those of clients in time order; at one instant the market's come first. */
  merged(market: readonly Print[], after: number, upTo: number): readonly Print[] {
    const own = this.#prints.filter(({time}) => time > after && time <= upTo)
    return own.length === 0 ? market : [...market, ...own].sort((a, b) => a.time - b.time)
  }

  /** The market's bars of `ms` with the clients' trades inside; the same array when there are none. */
  within(bars: readonly Bar[], ms: number): readonly Bar[] {
    if (this.#minutes.length === 0) return bars
    const own = new Map(aggregate(this.#minutes, ms).map((bar) => [bar.t, bar]))
    const joined = bars.map((bar) => {
      const mine = own.get(bar.t)
      own.delete(bar.t)
      return mine === undefined ? bar : withTrades(bar, mine)
    })
    const first = bars[0]?.t ?? Number.NEGATIVE_INFINITY
    const alone = [...own.values()].filter(({t}) => t > first)
    return alone.length === 0 ? joined : [...joined, ...alone].sort((a, b) => a.t - b.t)
  }
}

/** Open and close stay the market's: its prints are the first and the last of every minute. */
const withTrades = (bar: Bar, mine: Bar): Bar =>
  bar.n === 0
    ? mine
    : {...bar, h: Math.max(bar.h, mine.h), l: Math.min(bar.l, mine.l), v: bar.v + mine.v, n: bar.n + mine.n}
