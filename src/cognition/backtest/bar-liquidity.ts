import {BAR, type Panel} from '../../contracts/panel.ts'
import {DAY_MS} from '../../kernel/instant.ts'
import {trailingMedian} from './trailing-median.ts'

/** What a decision at the close of a bar knows about the market it is about to trade in. Shapes [N][T]. */
export interface BarLiquidity {
  /** robust standard deviation of one bar's log return: 1.4826 × trailing median of its size */
  readonly sigma: readonly Float64Array[]
  /** trailing median of the quote notional traded in the day up to the bar, in quote currency */
  readonly dailyNotional: readonly Float64Array[]
}

/** A normal variable is within 1 / 1.4826 standard deviations half of the time. */
const MEDIAN_SIZE_TO_SD = 1.4826
/** Days of history without which neither median is given: a coin of yesterday has no cost estimate, so no trade. */
const LEAST_DAYS = 5

const known = new WeakMap<Panel, Map<number, BarLiquidity>>()

/**
 * Trailing medians of volatility and notional, from live bars only, known at the close of each bar.
 *
 * @param trailingDays  length of the window
 * @returns             NaN where fewer than five days of live bars are known
 */
export function barLiquidity(panel: Panel, trailingDays: number): BarLiquidity {
  const memo = known.get(panel) ?? new Map<number, BarLiquidity>()
  known.set(panel, memo)
  const found = memo.get(trailingDays)
  if (found) return found
  const dayBars = Math.max(1, Math.round(DAY_MS / panel.barMs))
  const window = trailingDays * dayBars
  const made = {
    sigma: panel.assets.map((_, a) => {
      const median = trailingMedian(returnSizes(panel, a), window, LEAST_DAYS * dayBars)
      return median.map((size) => MEDIAN_SIZE_TO_SD * size)
    }),
    dailyNotional: panel.assets.map((_, a) =>
      trailingMedian(dayNotional(panel, a, dayBars), window, LEAST_DAYS * dayBars),
    ),
  }
  memo.set(trailingDays, made)
  return made
}

/** |log return| of each live bar that traded; NaN elsewhere: a stale price has no volatility to learn from. */
function returnSizes(panel: Panel, a: number): Float64Array {
  const close = panel.series.get('close')![a]!
  const volume = panel.series.get('volume')?.[a]
  const state = panel.state[a]!
  const sizes = new Float64Array(close.length).fill(Number.NaN)
  for (let t = 1; t < close.length; t++) {
    if (state[t] !== BAR.live || state[t - 1] !== BAR.live || (volume && !(volume[t]! > 0))) continue
    sizes[t] = Math.abs(Math.log(close[t]! / close[t - 1]!))
  }
  return sizes
}

/** Notional of the `dayBars` bars up to each live bar; a missing bar inside the day counts as no trade. */
function dayNotional(panel: Panel, a: number, dayBars: number): Float64Array {
  const close = panel.series.get('close')![a]!
  const volume = panel.series.get('volume')?.[a]
  const state = panel.state[a]!
  const total = new Float64Array(close.length + 1)
  for (let t = 0; t < close.length; t++) {
    const traded = volume && state[t] === BAR.live ? close[t]! * volume[t]! : 0
    total[t + 1] = total[t]! + (Number.isFinite(traded) ? traded : 0)
  }
  return Float64Array.from(close, (_, t) =>
    volume && state[t] === BAR.live ? Math.max(0, total[t + 1]! - total[Math.max(0, t + 1 - dayBars)]!) : Number.NaN,
  )
}
