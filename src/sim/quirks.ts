import {type Bar, oneBar} from './market/bars.ts'
import type {FundingRow} from './market/funding-path.ts'
import type {MarketSource} from './market/market-source.ts'

const MINUTE_MS = 60_000

/** What the venue shows late or wrong at first, although it happened. */
export interface Quirks {
  readonly candles: {
    readonly asset: number
    /** open time */
    readonly minute: number
    /** shown as it is from here on */
    readonly until: number
    /** trades up to here are in it before; null: it is missing altogether */
    readonly seenTo: number | null
  }[]
  readonly funding: {
    readonly asset: number
    readonly hour: number
    /** shown twice from `from` on, rather than not shown before */
    readonly isTwice: boolean
    readonly from: number
  }[]
}

export const noQuirks = (): Quirks => ({candles: [], funding: []})

/** Minutes as clients see them at `now`. */
export function shownMinutes({candles}: Quirks, asset: number, market: MarketSource, now: number): readonly Bar[] {
  const bars = market.minutes(now)
  const late = candles.filter((quirk) => quirk.asset === asset && now < quirk.until)
  if (late.length === 0) return bars
  return bars.flatMap((bar) => {
    const quirk = late.find(({minute}) => minute === bar.t)
    if (quirk === undefined) return [bar]
    const {minute, seenTo} = quirk
    if (seenTo === null) return []
    if (now < seenTo) return [bar]
    const seen = market
      .prints(minute - 1, seenTo)
      .map(({px, lots}) => ({t: minute, o: px, h: px, l: px, c: px, v: lots, n: 1}))
    return seen.length === 0 ? [] : [oneBar(seen, minute)!]
  })
}

/** Settlements as clients see them at `now`. */
export function shownFunding(
  {funding}: Quirks,
  asset: number,
  market: MarketSource,
  now: number,
): readonly FundingRow[] {
  const rows = market.funding(now)
  const quirks = funding.filter((quirk) => quirk.asset === asset)
  if (quirks.length === 0) return rows
  return rows.flatMap((row) => {
    const quirk = quirks.find(({hour}) => row.time >= hour && row.time < hour + MINUTE_MS)
    if (quirk === undefined) return [row]
    if (quirk.isTwice) return now >= quirk.from ? [row, row] : [row]
    return now >= quirk.from ? [row] : []
  })
}
