import type {ForwardDay} from '../../contracts/forward.ts'
import {DAY_MS, dayOf} from '../../kernel/instant.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'

type Run = Pick<
  BacktestResult,
  'ts' | 'barMs' | 'net' | 'gross' | 'fees' | 'spread' | 'lag' | 'impact' | 'funding' | 'turnover' | 'exposure'
>

/**
 * A run by whole UTC days, from `from` to the last day whose bars have all closed. No day is left out: one without bars
 * is a day without return.
 *
 * @param from  start of the first day, epoch ms
 * @param to    nothing that closes after this, epoch ms
 */
export function forwardDays(run: Run, from: number, to: number): ForwardDay[] {
  const days: ForwardDay[] = []
  let t = run.ts.findIndex((open) => open >= from)
  if (t < 0) t = run.ts.length
  // A day is whole once data reach past its last close.
  const known = Math.min(to, (run.ts.at(-1) ?? Number.NEGATIVE_INFINITY) + run.barMs)
  for (let start = from; start + DAY_MS <= known; start += DAY_MS) {
    const first = t
    while (t < run.ts.length && run.ts[t]! < start + DAY_MS) t++
    const sum = (...columns: readonly Float64Array[]): number =>
      columns.reduce((total, column) => column.subarray(first, t).reduce((part, x) => part + x, total), 0)
    days.push({
      day: dayOf(start),
      net: sum(run.net),
      gross: sum(run.gross),
      costs: sum(run.fees, run.spread, run.lag, run.impact),
      funding: sum(run.funding),
      turnover: sum(run.turnover),
      exposure: t > first ? sum(run.exposure) / (t - first) : 0,
      bars: t - first,
    })
  }
  return days
}
