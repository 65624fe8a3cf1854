import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS} from '../../kernel/instant.ts'
import {marketReturn} from './market-return.ts'
import {shortFigures} from './short-figures.ts'

export interface RegimeFigures {
  readonly regime: string
  /** share of the bars */
  readonly share: number
  readonly sharpe: number | null
  readonly annual_return: number
}

const WINDOW_DAYS = 30
const NAMES = ['rising, calm', 'rising, wild', 'falling, calm', 'falling, wild'] as const

/**
 * Net returns by what the market had been doing in the 30 days before each bar: rising or falling, calm or wild.
 *
 * The market is the equal-weighted mean return of everything with a price; wild is above the median of its own trailing
 * volatility over the run. A bar without 30 days before it belongs to no regime.
 *
 * @param net   shape [T]
 * @param from  first bar that counts
 */
export function byRegime(panel: Panel, net: Float64Array, from: number): RegimeFigures[] {
  const market = marketReturn(panel)
  const window = Math.max(2, Math.round((WINDOW_DAYS * DAY_MS) / panel.barMs))
  const {trend, volatility} = trailing(market, window)
  const known = Array.from(volatility.subarray(from)).filter((v) => !Number.isNaN(v))
  if (known.length === 0) return []
  const middle = known.sort((a, b) => a - b)[Math.floor(known.length / 2)]!
  const groups = NAMES.map(() => [] as number[])
  for (let t = from; t < net.length; t++) {
    if (Number.isNaN(volatility[t]!)) continue
    groups[(trend[t]! >= 0 ? 0 : 2) + (volatility[t]! > middle ? 1 : 0)]!.push(net[t]!)
  }
  return groups.flatMap((group, i) => {
    if (group.length === 0) return []
    const {sharpe, annual_return} = shortFigures(Float64Array.from(group), panel.barMs)
    return [{regime: NAMES[i]!, share: group.length / known.length, sharpe, annual_return}]
  })
}

/** Sum and standard deviation of the `window` bars before each bar; NaN before there are so many. */
function trailing(returns: Float64Array, window: number): {trend: Float64Array; volatility: Float64Array} {
  const trend = new Float64Array(returns.length).fill(Number.NaN)
  const volatility = new Float64Array(returns.length).fill(Number.NaN)
  let [sum, squares] = [0, 0]
  for (let t = 0; t < returns.length; t++) {
    if (t > window) {
      trend[t] = sum
      volatility[t] = Math.sqrt(Math.max(0, (squares - (sum * sum) / window) / (window - 1)))
    }
    sum += returns[t]!
    squares += returns[t]! ** 2
    const gone = t - window
    if (gone < 0) continue
    sum -= returns[gone]!
    squares -= returns[gone]! ** 2
  }
  return {trend, volatility}
}
