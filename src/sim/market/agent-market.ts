import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'
import {sha256} from '../../kernel/sha256.ts'
import {Crowd} from '../agents/crowd.ts'
import {FairPrice, type Regime, STEP_MS, STEPS_PER_MINUTE} from '../agents/fair-price.ts'
import {CLIENT, type Entry} from '../agents/order-book.ts'
import type {Order} from '../order.ts'
import type {Scenario} from '../scenario.ts'
import {aggregate, type Bar} from './bars.ts'
import type {FundingRow} from './funding-path.ts'
import {HOUSE_ADDRESS, type MakerFill, type MarketSource, type Print, type Quotes} from './market-source.ts'
import {nearestPx, usdOf} from './price-grid.ts'
import {tradesIn} from './split-bar.ts'
import {CANDLE_MEMORY, Tape, type TapeStart} from './tape.ts'

const MINUTE_MS = 60_000
const LEVELS = 20
const PRINT_MEMORY = 20_000

/**
 * A market made by agents, in which clients' orders stand in the same queues. It moves in steps of 100 ms, as far as
 * anybody has looked: what happens depends on the seed, the clock and the clients, not on how often it is looked at.
 *
 * The past up to `TapeStart.end` is the generated one. From there the fair price runs; the crowd starts to trade at
 * `begin`, and minutes between the two are bars of the fair price.
 */
export class AgentMarket implements MarketSource {
  readonly dailyLots: number
  readonly #start: TapeStart
  readonly #tape: Tape
  readonly #crowd: Crowd | null
  readonly #ids: Random
  readonly #users: readonly string[]
  readonly #entries = new Map<Order, Entry>()
  readonly #prints: Print[] = []
  /** minutes and hours from the end of the generated past on */
  readonly #minutes: Bar[] = []
  readonly #hours: Bar[] = []
  readonly #begin: number
  #time: number
  #shown: Quotes | null = null

  /** @param begin  epoch ms, the crowd is there from here on */
  constructor(start: TapeStart, scenario: Scenario, begin: number) {
    this.#start = start
    this.#tape = new Tape(start)
    this.dailyLots = start.dailyLots
    this.#ids = new Random(`qo-sim|agents|ids|${start.name}|${start.seed}`)
    this.#users = Array.from(
      {length: 9},
      (_, i) => `0x${sha256(`${start.name}|${start.seed}|agent|${i}`).slice(0, 40)}`,
    )
    this.#begin = begin
    this.#time = Math.floor(begin / MINUTE_MS) * MINUTE_MS
    if (start.lastPx === null) {
      this.#crowd = null
      return
    }
    const {name, seed, sigma, end, lastPx} = start
    const fair = new FairPrice(name, seed, {from: end, usd: usdOf(lastPx), sigma})
    this.#bridge(fair, this.#time)
    this.#crowd = new Crowd({...start, scenario}, fair, (px, lots, takerIsBuy, buyer, seller) => {
      const users = [this.#users[buyer]!, this.#users[seller]!] as const
      this.#print({time: this.#time, px, lots, takerIsBuy, ...this.#identity(), users})
    })
  }

  get trades(): boolean {
    return this.#crowd !== null
  }

  get seed(): string {
    return this.#start.seed
  }

  get regime(): Regime {
    return this.#crowd!.regime
  }

  /** What the agents hold together: the venue's counterparty in every trade of a client. */
  get holding(): {readonly lots: number; readonly cash: bigint} {
    const zero = {lots: 0, cash: 0n}
    return (this.#crowd?.holdings ?? []).reduce(
      (sum, {lots, cash}) => ({lots: sum.lots + lots, cash: sum.cash + cash}),
      zero,
    )
  }

  quotes(now: number): Quotes {
    if (!this.trades) return {bids: [], asks: []}
    const crowd = this.#at(now)
    this.#shown ??= {bids: crowd.book.levels(true, LEVELS), asks: crowd.book.levels(false, LEVELS)}
    return this.#shown
  }

  bookTime(now: number): number | null {
    return this.trades ? now : null
  }

  midAt(now: number): number {
    return this.trades ? this.#at(now).mid : (this.#start.days.at(-1)?.c ?? 1)
  }

  take(px: number, lots: number, now: number): void {
    const crowd = this.#at(now)
    const ask = crowd.book.levels(false, 1)[0]?.px
    crowd.takenByClient(ask !== undefined && px >= ask, px, lots)
    this.#shown = null
  }

  next(after: number): number {
    return Math.floor(after / STEP_MS) * STEP_MS + STEP_MS
  }

  join(order: Order, now: number): void {
    const crowd = this.#at(now)
    this.#entries.set(order, crowd.book.add(order.isBuy, order.px, 0, CLIENT, order))
  }

  leave(order: Order): void {
    const entry = this.#entries.get(order)
    if (entry) this.#crowd!.book.remove(entry)
    this.#entries.delete(order)
  }

  fills(orders: readonly Order[], _isBid: boolean, now: number): MakerFill[] {
    this.#at(now)
    const fills: MakerFill[] = []
    for (const order of orders) {
      const entry = this.#entries.get(order)
      // An order that was saved by an earlier run has no place in the queues yet.
      if (entry === undefined) this.join(order, now)
      else if (entry.pending > 0) fills.push({order, lots: entry.pending})
      if (entry) entry.pending = 0
    }
    return fills
  }

  minutes(now: number): readonly Bar[] {
    if (this.trades) this.#at(now)
    return [...this.#start.minutes, ...this.#minutes]
  }

  hours(now: number): readonly Bar[] {
    if (this.trades) this.#at(now)
    return [...this.#start.hours, ...this.#hours]
  }

  days(now: number): readonly Bar[] {
    if (this.trades) this.#at(now)
    const {days} = this.#start
    const last = days.at(-1)
    const live = aggregate(this.#hours, DAY_MS)
    if (!last || live[0]?.t !== last.t) return [...days, ...live]
    return [...days.slice(0, -1), ...aggregate([last, ...this.#hours], DAY_MS)]
  }

  dayLots(now: number): number {
    return this.hours(now).reduce((sum, {t, v}) => sum + (t > now - DAY_MS ? v : 0), 0)
  }

  funding(now: number): readonly FundingRow[] {
    return this.#tape.funding(now)
  }

  prints(after: number, upTo: number): readonly Print[] {
    if (this.trades) this.#at(upTo)
    let from = this.#prints.length
    while (from > 0 && this.#prints[from - 1]!.time > after) from--
    return this.#prints.slice(from).filter(({time}) => time <= upTo)
  }

  record(print: Print): void {
    this.#print(print)
    const {time, takerIsBuy, px, lots, users} = print
    // A trade that is recalled from an earlier run was made with another crowd.
    if (time < this.#begin || users[takerIsBuy ? 0 : 1] !== HOUSE_ADDRESS) return
    this.#crowd!.tookFromClient(takerIsBuy, px, lots)
  }

  /** The crowd as it is at `now`; never earlier than somebody has already looked. */
  #at(now: number): Crowd {
    if (this.#crowd === null) throw new Error(`${this.#start.name} does not trade`)
    while (this.#time + STEP_MS <= now) {
      this.#time += STEP_MS
      this.#shown = null
      this.#crowd.step()
    }
    return this.#crowd
  }

  #print(print: Print): void {
    this.#prints.push(print)
    if (this.#prints.length > 2 * PRINT_MEMORY) this.#prints.splice(0, PRINT_MEMORY)
    join(this.#minutes, print, MINUTE_MS)
    join(this.#hours, print, HOUR_MS)
  }

  #identity(): Pick<Print, 'hash' | 'tid'> {
    let hash = '0x'
    for (let i = 0; i < 8; i++) hash += this.#ids.word().toString(16).padStart(8, '0')
    return {hash, tid: Number.parseInt(hash.slice(2, 14), 16)}
  }

  /** Minutes in which nobody looked: the fair price, and a volume around the usual one. */
  #bridge(fair: FairPrice, until: number): void {
    const {name, seed, szDecimals, end, dailyLots} = this.#start
    const random = new Random(`qo-sim|agents|bridge|${name}|${seed}`)
    for (let t = end; t < until; t += MINUTE_MS) {
      const path = [fair.log, ...Array.from({length: STEPS_PER_MINUTE}, () => fair.next())]
      const px = (log: number): number => nearestPx(Math.exp(log), szDecimals)
      const v = Math.max(1, Math.round((dailyLots / (DAY_MS / MINUTE_MS)) * (0.6 + 0.8 * random.unit())))
      const [o, c] = [px(path[0]!), px(path.at(-1)!)]
      this.#minutes.push({
        t,
        o,
        h: px(Math.max(...path)),
        l: px(Math.min(...path)),
        c,
        v,
        n: tradesIn(v, c, szDecimals),
      })
    }
    this.#hours.push(...aggregate(this.#minutes, HOUR_MS))
    this.#minutes.splice(0, Math.max(0, this.#minutes.length - CANDLE_MEMORY))
  }
}

/** Put a trade into the bar it belongs to, nearly always the last one. */
function join(bars: Bar[], {time, px, lots}: Print, ms: number): void {
  const t = Math.floor(time / ms) * ms
  let at = bars.length
  while (at > 0 && bars[at - 1]!.t > t) at--
  const bar = bars[at - 1]
  if (bar?.t === t) {
    bars[at - 1] = {...bar, h: Math.max(bar.h, px), l: Math.min(bar.l, px), c: px, v: bar.v + lots, n: bar.n + 1}
  } else bars.splice(at, 0, {t, o: px, h: px, l: px, c: px, v: lots, n: 1})
  if (bars.length > 2 * CANDLE_MEMORY) bars.splice(0, CANDLE_MEMORY)
}
