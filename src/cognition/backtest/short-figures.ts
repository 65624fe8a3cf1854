import {YEAR_MS} from '../../kernel/instant.ts'
import {mean, sum} from '../statistics/series.ts'
import {drawdownCurve} from './return-curves.ts'

/** What a row of a comparison shows of one series of net returns. */
export interface ShortFigures {
  /** annual, over 0 %; null without variance */
  readonly sharpe: number | null
  /** arithmetic */
  readonly annual_return: number
  /** of compounded equity, 0 or negative */
  readonly max_drawdown: number
}

/** @param net shape [T] */
export function shortFigures(net: Float64Array, barMs: number): ShortFigures {
  const perYear = YEAR_MS / barMs
  const average = net.length === 0 ? 0 : mean(net)
  const sd = net.length < 2 ? 0 : Math.sqrt(sum(net.map((r) => (r - average) ** 2)) / (net.length - 1))
  return {
    sharpe: sd > 0 ? (average / sd) * Math.sqrt(perYear) : null,
    annual_return: average * perYear,
    max_drawdown: drawdownCurve(net).reduce((low, depth) => Math.min(low, depth), 0),
  }
}
