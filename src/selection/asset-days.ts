import {BAR, type Panel} from '../contracts/panel.ts'
import {DAY_MS} from '../kernel/instant.ts'

const HOUR_MS = 3_600_000

/**
 * What selection knows of the market: one row per asset and UTC day, from bars of any interval that divides a day.
 *
 * Day `d` is known at its close, `day0 + (d + 1) · 1 day`; nothing here looks past it. All arrays have shape [N][D].
 */
export interface AssetDays {
  readonly assets: readonly string[]
  /** open of the first day, epoch ms */
  readonly day0: number
  readonly days: number
  readonly barsPerDay: number
  /** length of the stored bar, ms: the dead rule counts in these */
  readonly storedBarMs: number
  /** last close of the day, NaN without a bar */
  readonly close: readonly Float64Array[]
  /** sum of close × volume, quote currency */
  readonly notional: readonly Float64Array[]
  /** sum of funding rates that became available during the day; NaN where the lake has none */
  readonly funding: readonly Float64Array[]
  /** hours that those payments cover by the schedule of the venue; 0 where nothing is known */
  readonly fundingHours: readonly Float64Array[]
  /** last open interest of the day, coins; missing when the lake has no asset contexts of the venue */
  readonly openInterest?: readonly Float64Array[]
  /** median over the day of the thinner side's resting size within 10 bps of mid, quote currency */
  readonly depth?: readonly Float64Array[]
  /** median quoted half-spread of the day, bps */
  readonly halfSpread?: readonly Float64Array[]
  /** 1 or 0 as last told by the venue up to the close of the day, NaN when it was never told */
  readonly isolatedOnly?: readonly Float64Array[]
  readonly atOpenInterestCap?: readonly Float64Array[]
  /** bars present · bars with volume · prelisting bars */
  readonly bars: readonly Uint16Array[]
  readonly traded: readonly Uint16Array[]
  readonly prelisting: readonly Uint16Array[]
}

/** Hours between two funding payments at an instant; 0 when the schedule is not known. */
export type FundingSchedule = (instant: number) => number

/**
 * Fold a panel into days. Days that have not closed by the panel's last bar are left out.
 *
 * @param fundingEvery  the venue's schedule; without one a bar's payments are taken to cover the bar
 */
export function assetDays(panel: Panel, fundingEvery: FundingSchedule = () => 0): AssetDays {
  const barsPerDay = DAY_MS / panel.barMs
  const first = panel.ts[0] ?? 0
  const last = (panel.ts.at(-1) ?? 0) + panel.barMs
  const day0 = Math.floor(first / DAY_MS) * DAY_MS
  const days = Math.max(0, Math.floor((last - day0) / DAY_MS))
  const shape = panel.assets.length
  const floats = (fill: number): Float64Array[] => Array.from({length: shape}, () => new Float64Array(days).fill(fill))
  const counts = (): Uint16Array[] => Array.from({length: shape}, () => new Uint16Array(days))
  const close = floats(Number.NaN)
  const notional = floats(0)
  const funding = floats(Number.NaN)
  const fundingHours = floats(0)
  const [bars, traded, prelisting] = [counts(), counts(), counts()]
  const closes = panel.series.get('close')
  const volumes = panel.series.get('volume')
  const rates = panel.series.get('funding')

  const dayOf = Uint32Array.from(panel.ts, (open) => Math.floor((open - day0) / DAY_MS))
  const closedBars = dayOf.findLastIndex((d) => d < days) + 1
  for (let a = 0; a < shape; a++) {
    // Looked up once: an asset has thousands of bars, a venue millions.
    const [states, prices, sizes] = [panel.state[a]!, closes?.[a], volumes?.[a]]
    const [mine, trades, back] = [bars[a]!, traded[a]!, prelisting[a]!]
    const [last, turnover] = [close[a]!, notional[a]!]
    for (let t = 0; t < closedBars; t++) {
      const state = states[t]
      if (state === BAR.absent) continue
      const d = dayOf[t]!
      if (state === BAR.prelisting) {
        back[d]!++
        continue
      }
      const px = prices ? prices[t]! : Number.NaN
      const volume = sizes ? sizes[t]! : Number.NaN
      mine[d]!++
      last[d] = px
      if (volume > 0) {
        trades[d]!++
        turnover[d]! += px * volume
      }
    }
    const paid = rates?.[a]
    for (let t = 0; paid && t < closedBars; t++) {
      const [rate, state] = [paid[t]!, states[t]]
      if (Number.isNaN(rate) || state === BAR.absent || state === BAR.prelisting) continue
      const d = dayOf[t]!
      funding[a]![d] = (Number.isNaN(funding[a]![d]!) ? 0 : funding[a]![d]!) + rate
      fundingHours[a]![d]! += hoursSettledIn(panel.ts[t]!, panel.ts[t]! + panel.barMs, fundingEvery)
    }
  }
  return {
    assets: panel.assets,
    day0,
    days,
    barsPerDay,
    storedBarMs: panel.barMs,
    close,
    notional,
    funding,
    fundingHours,
    bars,
    traded,
    prelisting,
  }
}

/** Hours that the settlements in (open, close] pay for: a lost payment loses its whole interval, not the bar it was in. */
function hoursSettledIn(open: number, close: number, fundingEvery: FundingSchedule): number {
  const hours = fundingEvery(open)
  if (!(hours > 0)) return (close - open) / HOUR_MS
  const step = hours * HOUR_MS
  return hours * (Math.floor(close / step) - Math.floor(open / step))
}

/** Index of the last day that had closed at `instant`; −1 when none had. */
export const lastClosedDay = ({day0, days}: AssetDays, instant: number): number =>
  Math.min(days, Math.floor((instant - day0) / DAY_MS)) - 1
