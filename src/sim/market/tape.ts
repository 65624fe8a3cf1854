import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'
import {aggregate, type Bar, oneBar} from './bars.ts'
import {extendFunding, type FundingPath, type FundingRow, startFunding} from './funding-path.ts'
import {bends, shifted, tradable} from './live-minute.ts'
import {extraPremium, logShift, type MarketEvent} from './market-event.ts'
import type {Print} from './market-source.ts'
import {nearestPx, usdOf} from './price-grid.ts'
import {ScriptedPrints} from './scripted-prints.ts'
import {splitBar} from './split-bar.ts'

const MINUTE_MS = 60_000
/** The venue remembers this many candles of each interval. */
export const CANDLE_MEMORY = 5000

/** What a tape starts from: everything before `end`, and how the price moves after it. */
export interface TapeStart {
  readonly name: string
  readonly szDecimals: number
  readonly seed: string
  /** end of the recorded past, a whole hour; later bars are generated as the clock passes */
  readonly end: number
  readonly days: readonly Bar[]
  readonly hours: readonly Bar[]
  readonly minutes: readonly Bar[]
  readonly funding: readonly FundingRow[]
  /** settlements are hourly from here on */
  readonly hourlyFundingFrom: number
  /** last price; null when the asset no longer trades */
  readonly lastPx: number | null
  /** daily volatility and daily volume (lots) from `end` on */
  readonly sigma: number
  readonly dailyLots: number
}

/**
 * One asset's market as the venue knows it: past bars, and a future that unfolds from the seed as time passes.
 *
 * Each hour after `end` is drawn once, from a stream of its own, and cut into minutes; a minute is cut into seconds
 * when somebody looks. What a client sees at an instant depends on the seed and the instant only.
 */
export class Tape {
  readonly start: TapeStart
  readonly #events: readonly MarketEvent[]
  readonly #prints: ScriptedPrints
  readonly #hours: Bar[] = []
  readonly #minutes: Bar[] = []
  #fundingPath: FundingPath | undefined
  #seconds: {readonly t: number; readonly mids: readonly number[]} = {t: -1, mids: []}
  /** close of the newest hour before events moved it */
  #base: number | null = null

  /** @param events  what happens to this market after its recorded past */
  constructor(start: TapeStart, events: readonly MarketEvent[] = []) {
    this.start = start
    this.#events = events
    this.#prints = new ScriptedPrints(`${start.name}|${start.seed}`, (t) => this.wholeMinute(t))
  }

  get trades(): boolean {
    return this.start.lastPx !== null
  }

  /** Middle of the market in the second that holds `now`, price units. */
  midAt(now: number): number {
    const at = Math.max(now, this.start.end)
    const minute = this.#minuteAt(at)
    if (this.#seconds.t !== minute.t) this.#seconds = {t: minute.t, mids: this.#secondsOf(minute)}
    return this.#seconds.mids[Math.floor((at - minute.t) / 1000)]!
  }

  /** Bars of 1 minute, 1 hour and 1 day up to `now`, the running one last. */
  minutes(now: number): readonly Bar[] {
    if (!this.trades || now < this.start.end) return this.start.minutes
    this.#extend(now)
    const done = this.#minutes.slice(0, this.#indexOf(now))
    return [...this.start.minutes, ...done, ...this.#runningMinute(now)]
  }

  hours(now: number): readonly Bar[] {
    if (!this.trades || now < this.start.end) return this.start.hours
    this.#extend(now)
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS
    const done = this.#hours.slice(0, this.#hours.length - 1 - (this.#hours.at(-1)!.t - hour) / HOUR_MS)
    const finished = this.#minutes.slice(Math.max(0, this.#indexOf(hour)), this.#indexOf(now))
    const running = oneBar([...finished, ...this.#runningMinute(now)], hour)
    return [...this.start.hours, ...done, ...(running ? [running] : [])]
  }

  days(now: number): readonly Bar[] {
    if (!this.trades || now < this.start.end) return this.start.days
    const live = this.hours(now).filter((bar) => bar.t >= this.start.end)
    const merged = aggregate(live, DAY_MS)
    const last = this.start.days.at(-1)
    // The recorded past may end inside a day: its last day then goes on.
    if (last && merged[0]?.t === last.t) return [...this.start.days.slice(0, -1), ...aggregate([last, ...live], DAY_MS)]
    return [...this.start.days, ...merged]
  }

  /** Settlements up to `now`, oldest first. */
  funding(now: number): readonly FundingRow[] {
    this.#fundingPath ??= continued(this.start)
    const {end, hourlyFundingFrom} = this.start
    const extra = (settled: number): number => extraPremium(this.#events, settled - end)
    if (this.trades) extendFunding(this.#fundingPath, end, now, hourlyFundingFrom, extra)
    return this.#fundingPath.rows
  }

  /** Trades with after < time <= upTo, oldest first: they add up to the bars. */
  prints(after: number, upTo: number): Print[] {
    return this.#prints.between(after, upTo)
  }

  /** Nothing trades in the minute that opens at `t`, which must not have begun. */
  silence(t: number): void {
    this.#minuteAt(t)
    const at = this.#minutes.findIndex((minute) => minute.t === t)
    const last = this.#minutes[at - 1]?.c ?? this.start.lastPx!
    this.#minutes[at] = {t, o: last, h: last, l: last, c: last, v: 0, n: 0}
    this.#prints.forget(t)
    const hour = Math.floor(t / HOUR_MS) * HOUR_MS
    const parts = this.#minutes.filter((minute) => minute.t >= hour && minute.t < hour + HOUR_MS)
    this.#hours[this.#hours.findIndex((bar) => bar.t === hour)] = oneBar(parts, hour)!
  }

  /** How far events have moved the log price by `time`. */
  readonly #shift = (time: number): number => logShift(this.#events, time - this.start.end)

  #extend(now: number): void {
    const {seed, name, szDecimals, sigma, dailyLots, end} = this.start
    for (let t = this.#hours.length === 0 ? end : this.#hours.at(-1)!.t + HOUR_MS; t <= now; t += HOUR_MS) {
      const random = new Random(`qo-sim|live|${name}|${t}|${seed}`)
      const o = this.#base ?? this.start.lastPx!
      const hourSigma = sigma / Math.sqrt(24)
      const c = nearestPx(usdOf(o) * Math.exp(hourSigma * random.normal()), szDecimals)
      const v = Math.max(60, Math.round((dailyLots / 24) * (0.6 + 0.8 * random.unit())))
      let last = this.#hours.at(-1)?.c ?? this.start.lastPx!
      const minutes = splitBar({t, o, c, v, sigma: hourSigma}, HOUR_MS, 60, szDecimals, random).map((bar) => {
        const minute = tradable(shifted(bar, this.#shift, szDecimals), last)
        last = minute.c
        return minute
      })
      this.#base = c
      this.#minutes.push(...minutes)
      if (this.#minutes.length > 2 * CANDLE_MEMORY) this.#minutes.splice(0, this.#minutes.length - CANDLE_MEMORY)
      this.#hours.push(oneBar(minutes, t)!)
    }
  }

  #minuteAt(now: number): Bar {
    this.#extend(now)
    return this.#minutes[this.#indexOf(now)]!
  }

  /** Where the minute that holds `now` is; minutes follow one another without a hole. */
  #indexOf(now: number): number {
    const ahead = (this.#minutes.at(-1)!.t - Math.floor(now / MINUTE_MS) * MINUTE_MS) / MINUTE_MS
    return this.#minutes.length - 1 - ahead
  }

  /** The minute that opens at `t` as it will end, with its sixty mids; null when nothing traded in it. */
  wholeMinute(t: number): {readonly bar: Bar; readonly mids: readonly number[]} | null {
    if (!this.trades) return null
    const bar = t < this.start.end ? this.start.minutes.find((minute) => minute.t === t) : this.#minuteAt(t)
    if (bar === undefined) return null
    return {bar, mids: this.#seconds.t === t ? this.#seconds.mids : this.#secondsOf(bar)}
  }

  /** Sixty mids from open to close that stay inside the minute's high and low. */
  #secondsOf(minute: Bar): number[] {
    const {seed, name, szDecimals, sigma} = this.start
    const random = new Random(`qo-sim|seconds|${name}|${minute.t}|${seed}`)
    const whole = {t: minute.t, o: minute.o, c: minute.c, v: 60, sigma: sigma / Math.sqrt(1440)}
    const path = splitBar(whole, MINUTE_MS, 60, szDecimals, random)
    const bent = bends(this.#shift, minute.t)
    return path.map(({c}, k) => {
      const px = bent.length === 0 ? c : nearestPx(usdOf(c) * Math.exp(bent[k]!), szDecimals)
      return Math.min(minute.h, Math.max(minute.l, px))
    })
  }

  /** The minute that is not over: what has traded in it so far. */
  #runningMinute(now: number): Bar[] {
    const minute = this.#minuteAt(now)
    const {t, o} = minute
    const flat = {t, o, h: o, l: o, c: o, v: 0, n: 0}
    return [oneBar([flat, ...this.prints(t - 1, now).map(barOf)], t)!]
  }
}

const barOf = ({time, px, lots}: Print): Bar => ({t: time, o: px, h: px, l: px, c: px, v: lots, n: 1})

/** The recorded settlements, with the premium they ended at. */
function continued({name, seed, funding}: TapeStart): FundingPath {
  const path = startFunding(`qo-sim|live|funding|${name}|${seed}`)
  for (const row of funding) path.rows.push(row)
  const last = funding.at(-1)
  if (last) path.premium = last.premium / 1e10
  return path
}
